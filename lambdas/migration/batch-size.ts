import { isStatementTimeout } from './statement-timeout.ts';

export interface BatchSizeLimits {
  /** Rows of the first statement. */
  readonly first: number;
  /** Rows of a statement at most. */
  readonly max: number;
  /** What a statement should take. */
  readonly targetMs: number;
}

/** First statements are small: one that was quick says little about one many times its size. */
const MAX_GROWTH = 25;

/** How many rows the next statement takes: grows and shrinks to keep the target, backs off when one fails. */
export class BatchSize {
  readonly #limits: BatchSizeLimits;
  #rows: number;

  constructor(limits: BatchSizeLimits) {
    this.#limits = limits;
    this.#rows = Math.min(limits.first, limits.max);
  }

  get rows(): number {
    return this.#rows;
  }

  /**
   * Sends a statement over as many rows as fit and learns from its time. Undefined when it timed out, having done nothing: the next takes fewer. @throws what it throws
   * else, and the time-out of a single row
   */
  async send<T>(statement: (rows: number) => Promise<T>): Promise<T | undefined> {
    const rows = this.#rows;
    const startedMs = performance.now();
    try {
      const answer = await statement(rows);
      this.succeeded(rows, performance.now() - startedMs);
      return answer;
    } catch (error) {
      if (!isStatementTimeout(error) || rows === 1) throw error;
      this.timedOut();
      return undefined;
    }
  }

  /** After a statement over `rows` rows that took `tookMs`: towards the target. */
  succeeded(rows: number, tookMs: number): void {
    if (rows < this.#rows) return; // the end of a range or of the quota says nothing about the speed
    const fitting = (rows * this.#limits.targetMs) / Math.max(tookMs, 1);
    this.#set(Math.min(fitting, rows * MAX_GROWTH));
  }

  /** The next statement takes no more than so many rows, whatever the time says. */
  atMost(rows: number): void {
    this.#set(Math.min(this.#rows, rows));
  }

  /** The database refused one row of several: halves, so that k bad rows among N cost about k·log₂N statements. */
  refused(): void {
    this.#set(this.#rows / 2);
  }

  /** Quarters: how much too long it would have taken is not known. */
  timedOut(): void {
    this.#set(this.#rows / 4);
  }

  #set(rows: number): void {
    this.#rows = Math.max(1, Math.min(this.#limits.max, Math.floor(rows)));
  }
}
