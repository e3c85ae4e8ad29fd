import { compileSchema } from '../../lambdas/migration/compile/index.ts';
import { applySchema } from '../../lambdas/migration/schema/apply-schema.ts';
import { readMigrationFiles } from '../../lambdas/migration/schema/migration-files.ts';
import { connectDataApi, DataApiEndpoint } from './data-api-endpoint.ts';
import { type Database, Databases } from './databases.ts';
import { loadLegacyRows } from './legacy-rows.ts';
import type { Day } from './migration-day.ts';
import { runSteps } from './run-steps.ts';
import type { Sizes } from './sizes.ts';

const migrations = new URL('../../database/migrations/', import.meta.url);

/** As in production, with a limit that lets everything be copied in one day. */
export const PRODUCTION_SETTINGS = { dailyLimit: 2_000_000, batchRows: 100 };

/** What every measurement works with. */
export class Bench {
  readonly rounds: number;
  readonly sizes: Sizes;
  readonly databases: Databases;
  readonly api: DataApiEndpoint;
  readonly #templates = new Map<number, string>();

  private constructor(databases: Databases, api: DataApiEndpoint, rounds: number, sizes: Sizes) {
    this.databases = databases;
    this.api = api;
    this.rounds = rounds;
    this.sizes = sizes;
  }

  static async start(rounds: number, sizes: Sizes): Promise<Bench> {
    const databases = await Databases.start();
    const api = new DataApiEndpoint((name) => databases.urlOf(name));
    await api.listen();
    return new Bench(databases, api, rounds, sizes);
  }

  /** A fresh database with so many campaigns, none of them copied, their channels there. */
  async withCampaigns<T>(campaigns: number, work: (database: Database) => Promise<T>): Promise<T> {
    const database = await this.databases.copy(await this.#template(campaigns));
    try {
      await readThrough(database);
      return await work(database);
    } finally {
      await database.drop();
    }
  }

  /** One day over the campaigns, by the real steps through the Data API. */
  copyCampaigns(database: Database, options: { verify?: boolean; settings?: object } = {}): Promise<Day> {
    return runSteps({
      target: this.api.target(database.name),
      entities: ['video'],
      settings: { ...PRODUCTION_SETTINGS, ...options.settings },
      verify: options.verify ?? false,
    });
  }

  say(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  async close(): Promise<void> {
    await this.api.close();
    await this.databases.stop();
  }

  async #template(campaigns: number): Promise<string> {
    const made = this.#templates.get(campaigns);
    if (made !== undefined) return made;
    this.say(`making ${campaigns.toLocaleString('en')} campaigns …`);
    const { name, client } = await this.databases.create();
    await loadLegacyRows(client, campaigns);
    const target = this.api.target(name);
    await applySchema(connectDataApi(target), await readMigrationFiles(migrations), compileSchema());
    await client.query('vacuum analyze');
    await runSteps({ target, entities: ['user', 'channel'], settings: PRODUCTION_SETTINGS, verify: false });
    await client.query('vacuum analyze');
    await client.end();
    this.#templates.set(campaigns, name);
    return name;
  }
}

/** What is measured is work, not the first read of new files. A count alone would read an index. */
async function readThrough({ client }: Database): Promise<void> {
  await client.query('select sum(length(title)) from public.campaigns');
  await client.query('select sum(length(name)) from video_platform.channels');
}
