import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Job } from './seed-runner.ts';
import type { Answer, Report } from './worker.ts';

/** Far above what a seed takes, its own watchdog included: a worker that does not answer by then is ended. */
const ANSWER_MS = 120_000;

/** Workers that take jobs until there are none left. */
export class Pool {
  readonly #workers: readonly ChildProcess[];
  /** Of each worker and its PostgreSQL, since their start. */
  readonly #cpuSeconds: number[] = [];

  private constructor(workers: readonly ChildProcess[]) {
    this.#workers = workers;
  }

  static async start(size: number): Promise<Pool> {
    const workers = Array.from({ length: size }, () =>
      fork(new URL('worker.ts', import.meta.url), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }),
    );
    await Promise.all(workers.map((worker) => answerOf(worker)));
    return new Pool(workers);
  }

  get size(): number {
    return this.#workers.length;
  }

  /** Processor time used so far by all workers with their databases. */
  get cpuSeconds(): number {
    return this.#cpuSeconds.reduce((total, seconds) => total + seconds, 0);
  }

  /** `next` gives each worker its job, told of its own answer before; a worker without one rests. */
  async work(next: (before: Report | undefined, worker: number) => Job | undefined): Promise<void> {
    await Promise.all(
      this.#workers.map(async (worker, index) => {
        let before: Report | undefined;
        for (let job = next(before, index); job !== undefined; job = next(before, index)) {
          worker.send(job);
          const what = `seed ${job.seed}${job.bug === undefined ? '' : ` with "${job.bug}"`}`;
          const answer = await answerOf(worker).catch((error: Error) => ({ failure: error.message }));
          if ('failure' in answer) throw new Error(`${what}: ${answer.failure}`);
          before = answer;
          this.#cpuSeconds[index] = answer.cpuSeconds;
        }
      }),
    );
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#workers.map(async (worker) => {
        if (worker.exitCode !== null || worker.signalCode !== null) return;
        const exit = once(worker, 'exit');
        if (worker.connected) worker.disconnect();
        const timer = setTimeout(() => worker.kill('SIGKILL'), 10_000); // at work still: its PostgreSQL ends with it
        await exit;
        clearTimeout(timer);
      }),
    );
  }
}

/** The worker's next message. Rejects when it ends, or says nothing for too long. */
async function answerOf(worker: ChildProcess): Promise<Answer> {
  const settled = new AbortController();
  const { signal } = settled;
  const timer = setTimeout(() => worker.kill('SIGKILL'), ANSWER_MS);
  try {
    return await Promise.race([
      once(worker, 'message', { signal }).then(([answer]) => answer as Answer),
      once(worker, 'exit', { signal }).then(([code, by]) => {
        throw new Error(`its worker ended without an answer (exit code ${code}, signal ${by})`);
      }),
    ]);
  } finally {
    clearTimeout(timer);
    settled.abort();
  }
}
