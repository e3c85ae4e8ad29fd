import type { Reading } from './read-configuration.ts';

/** Served without asking again: a browser keeps the answers made of it for longer. */
const FRESH_MS = 1_000;
/** Served while it is asked for again; older, as after a pause of the function, it is waited for. The agent itself polls every 45 s. */
const STALE_MS = 10_000;

export interface KeptConfigurationOptions<T> {
  readonly read: () => Promise<Reading<T>>;
  /** What holds when there never was a document that fits. */
  readonly fallback: T;
  /** Told of every new problem once, not with every request. */
  readonly onProblem: (problem: string) => void;
  /** @default the clock */
  readonly nowMs?: () => number;
}

/**
 * A configuration for paths that must not wait for it: parsed once a second at most, asked for in the background, and never a reason to fail. Make it
 * once per module.
 */
export class KeptConfiguration<T> {
  readonly #options: KeptConfigurationOptions<T>;
  #kept: { readonly value: T; readonly askedMs: number } | undefined;
  #asking: Promise<T> | undefined;
  #problem: string | undefined;

  constructor(options: KeptConfigurationOptions<T>) {
    this.#options = options;
  }

  async value(): Promise<T> {
    const ageMs = this.#kept === undefined ? Number.POSITIVE_INFINITY : this.#now() - this.#kept.askedMs;
    if (this.#kept === undefined || ageMs >= STALE_MS) return this.#ask();
    if (ageMs >= FRESH_MS) void this.#ask(); // never rejects
    return this.#kept.value;
  }

  #ask(): Promise<T> {
    this.#asking ??= this.#read().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  async #read(): Promise<T> {
    const { value, problem } = await this.#readOrFallBack();
    if (problem !== undefined && problem !== this.#problem) this.#options.onProblem(problem);
    this.#problem = problem;
    this.#kept = { value, askedMs: this.#now() };
    return value;
  }

  async #readOrFallBack(): Promise<{ readonly value: T; readonly problem?: string | undefined }> {
    try {
      return await this.#options.read();
    } catch (error) {
      const { fallback } = this.#options;
      return { value: this.#kept === undefined ? fallback : this.#kept.value, problem: (error as Error).message };
    }
  }

  #now(): number {
    return (this.#options.nowMs ?? Date.now)();
  }
}
