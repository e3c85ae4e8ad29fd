/** How long each step took, in milliseconds, as `<step>Ms`. */
export class Timings {
  readonly #startedMs = performance.now();
  readonly #steps = new Map<string, number>();

  async measure<T>(step: string, work: () => Promise<T>): Promise<T> {
    const startedMs = performance.now();
    try {
      return await work();
    } finally {
      this.#steps.set(step, (this.#steps.get(step) ?? 0) + performance.now() - startedMs);
    }
  }

  ms(step: string): number {
    return Math.round(this.#steps.get(step) ?? 0);
  }

  /** All steps so far, and `totalMs` since the beginning. Steps that ran side by side overlap, so they add up to more. */
  toReport(): Readonly<Record<string, number>> {
    const steps = [...this.#steps.keys()].map((step) => [`${step}Ms`, this.ms(step)] as const);
    return { ...Object.fromEntries(steps), totalMs: Math.round(performance.now() - this.#startedMs) };
  }
}
