/** A process of its own for `pool.ts`: takes jobs as messages, answers each with a report, ends when its parent lets go. */
import type { SeedResult } from './seed.ts';
import { type Job, SeedRunner } from './seed-runner.ts';

/** A seed's result; of a trace that broke nothing only the length is told. */
export interface Report extends SeedResult {
  readonly calls: number;
  /** Processor time used so far by this process and its database. */
  readonly cpuSeconds: number;
}
export type Answer = Report | { readonly failure: string };

const runner = await SeedRunner.start();

async function answer(job: Job): Promise<Answer> {
  try {
    const { trace, ...result } = await runner.run(job);
    return { ...result, trace: result.violations.length > 0 ? trace : [], calls: trace.length, cpuSeconds: await runner.cpuSeconds() };
  } catch (error) {
    return { failure: String(error instanceof Error ? error.stack : error) };
  }
}

process.on('message', async (job: Job) => {
  const told = await answer(job);
  if (process.connected) process.send?.(told);
});
process.on('disconnect', async () => {
  // A parent that died ends nobody whose seed hangs on; PostgreSQL ends with this process.
  setTimeout(() => process.exit(1), 10_000);
  await runner.close();
  process.exit();
});
process.send?.('ready');
