import { BUGS } from './bugs.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { runSeed, type SeedResult } from './seed.ts';
import { TEMPLATE, World } from './world.ts';

/** What a worker is asked to do, one after another; it answers each with a `SeedResult`. */
export interface Job {
  readonly seed: number;
  /** The planted bug's name. */
  readonly bug?: string | undefined;
}

/** Runs seeds in a cluster of its own. A database serves what is installed in it. */
export class SeedRunner {
  readonly #cluster: Cluster;
  #world: { readonly world: World; readonly install: string | undefined } | undefined;

  private constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  static async start(): Promise<SeedRunner> {
    const cluster = await startCluster();
    await World.createTemplate(cluster);
    return new SeedRunner(cluster);
  }

  async run({ seed, bug: name }: Job): Promise<SeedResult> {
    const bug = BUGS.find((candidate) => candidate.name === name);
    if (this.#world === undefined || this.#world.install !== bug?.install) {
      await this.#world?.world.close();
      this.#world = { world: await World.open(this.#cluster, `${TEMPLATE}_copy`, bug?.install), install: bug?.install };
    }
    return runSeed(seed, this.#world.world, bug);
  }

  /** Processor time used so far by this process and the cluster. */
  async cpuSeconds(): Promise<number> {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6 + (await this.#cluster.cpuSeconds());
  }

  async close(): Promise<void> {
    await this.#world?.world.close();
    await this.#cluster.close();
  }
}
