/** `npm start`: the whole product on a laptop. What it takes and answers: local/runner/options.ts */
import { UserError } from './errors.ts';
import { runMainJob } from './runner/main-job.ts';
import { parseOptions, USAGE } from './runner/options.ts';

// Lambda's clock is UTC, and a worker thread cannot have a zone of its own.
process.env.TZ = 'UTC';
process.exitCode = await main();

async function main(): Promise<number> {
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort());
  const cleanups = new AsyncDisposableStack();
  try {
    const options = parseOptions(process.argv.slice(2), process.cwd());
    if (options === 'help') {
      process.stdout.write(`${USAGE}\n`);
      return 0;
    }
    const { exitCode, cloud } = await orInterrupted(runMainJob(options, process.stdout, cleanups, interrupted.signal), interrupted.signal);
    if (options.once) return exitCode;
    cloud.startSchedules();
    process.stdout.write('\nServing. Ctrl-C stops it.\n');
    await new Promise((resolve) => interrupted.signal.addEventListener('abort', resolve, { once: true }));
    return exitCode;
  } catch (error) {
    if (interrupted.signal.aborted) return 130;
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`\n${error.message}\n`);
    return error.exitCode;
  } finally {
    await cleanups.disposeAsync();
  }
}

/** Rejects at once when interrupted: the clean-up ends what the work still waits for, and its late failure is of no interest. */
async function orInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  work.catch(() => {});
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  return Promise.race([work, promise]);
}
