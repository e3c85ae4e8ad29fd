/** A process of its own for `main.ts`: takes jobs as messages, answers with results, ends when its parent lets go. */
import { type Job, SeedRunner } from './seed-runner.ts';

const runner = await SeedRunner.start();
process.on('message', async (job: Job) => {
  const result = await runner.run(job).catch((error: unknown) => ({ failure: error instanceof Error ? error.stack : String(error) }));
  if (process.connected) process.send?.(result);
});
process.on('disconnect', async () => {
  await runner.close();
  process.exit();
});
process.send?.('ready');
