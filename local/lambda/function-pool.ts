import type { FunctionSpec } from './function-spec.ts';
import { FunctionWorker, type Outcome, type WorkerOptions } from './function-worker.ts';

/** Warm threads kept for re-use; each holds the loaded bundle. */
const MAX_IDLE = 4;

/** The execution environments of one function: an idle one is re-used, else a new one starts. */
export class FunctionPool {
  readonly spec: FunctionSpec;
  readonly #options: WorkerOptions;
  readonly #idle: FunctionWorker[] = [];
  readonly #busy = new Set<FunctionWorker>();

  constructor(spec: FunctionSpec, options: WorkerOptions) {
    this.spec = spec;
    this.#options = options;
  }

  async invoke(event: string, requestId: string, signal?: AbortSignal): Promise<Outcome> {
    const worker = this.#takeIdle() ?? new FunctionWorker(this.spec, this.#options);
    this.#busy.add(worker);
    try {
      return await worker.invoke(event, requestId, signal);
    } finally {
      this.#busy.delete(worker);
      if (worker.alive && this.#idle.length < MAX_IDLE) this.#idle.push(worker);
      else await worker.terminate();
    }
  }

  async close(): Promise<void> {
    const workers = [...this.#idle.splice(0), ...this.#busy];
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  #takeIdle(): FunctionWorker | undefined {
    while (true) {
      const worker = this.#idle.pop();
      if (worker === undefined || worker.alive) return worker;
    }
  }
}
