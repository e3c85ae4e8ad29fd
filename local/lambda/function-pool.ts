import type { FunctionSpec } from './function-spec.ts';
import { FunctionWorker, type Outcome, type WorkerOptions } from './function-worker.ts';

/** Warm threads kept for good; each holds the loaded bundle. */
const KEPT_IDLE = 4;
/** How long the others stay: a burst that comes again finds them, where ending them at once would answer every burst with cold starts. */
const IDLE_MS = 30_000;

/** The execution environments of one function: an idle one is re-used, else a new one starts. */
export class FunctionPool {
  readonly spec: FunctionSpec;
  readonly #options: WorkerOptions;
  readonly #idle: FunctionWorker[] = [];
  readonly #busy = new Set<FunctionWorker>();
  #trimming: NodeJS.Timeout | undefined;

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
      if (worker.alive) this.#keep(worker);
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#trimming);
    const workers = [...this.#idle.splice(0), ...this.#busy];
    await Promise.all(workers.map((worker) => worker.terminate()));
  }

  /** The last one used is the next one taken, so those at the front have been idle longest. */
  #keep(worker: FunctionWorker): void {
    this.#idle.push(worker);
    if (this.#idle.length <= KEPT_IDLE) return;
    clearTimeout(this.#trimming);
    this.#trimming = setTimeout(() => {
      for (const surplus of this.#idle.splice(0, this.#idle.length - KEPT_IDLE)) void surplus.terminate();
    }, IDLE_MS).unref();
  }

  #takeIdle(): FunctionWorker | undefined {
    while (true) {
      const worker = this.#idle.pop();
      if (worker === undefined || worker.alive) return worker;
    }
  }
}
