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

/** How many rows the next statement takes: grows and shrinks to keep the target, backs off when one fails, and finds a row that the database refuses. */
export class BatchSize {
  readonly #limits: BatchSizeLimits;
  #rows: number;
  /** While a row that the database refuses is searched for: it is one of the next `among` rows; before, `fitting` rows fitted the time. */
  #search: { readonly among: number; readonly fitting: number } | undefined;
  /** Rows that passed since a refused one was found. */
  #passed = 0;

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

  /** After a statement over `rows` rows that took `tookMs`: towards the target; or on towards the refused row, which is not among these. */
  succeeded(rows: number, tookMs: number): void {
    this.#passed += rows;
    const search = this.#search && { ...this.#search, among: this.#search.among - rows };
    this.#search = search === undefined || search.among < 1 ? undefined : search;
    if (this.#search !== undefined) {
      this.#set(this.#search.among / 2);
    } else if (rows >= this.#rows) {
      // Fewer, as at the end of a range or of the quota, say nothing about the speed.
      this.#set(Math.min((rows * this.#limits.targetMs) / Math.max(tookMs, 1), rows * MAX_GROWTH));
    }
  }

  /** The next statement takes no more than so many rows, whatever the time says. */
  atMost(rows: number): void {
    this.#set(Math.min(this.#rows, rows));
  }

  /**
   * The database refused one of `rows` rows: the search for it halves them, so that k bad rows among N cost about k·log₂N statements. Found, the next statement takes as
   * many rows as have passed since the one before: where many are refused, large batches would be undone again and again.
   */
  refused(rows: number): void {
    const fitting = this.#search?.fitting ?? this.#rows;
    if (rows > 1) {
      this.#search = { among: rows, fitting };
      this.#set(rows / 2);
    } else {
      this.#search = undefined;
      this.#set(Math.min(fitting, this.#passed));
      this.#passed = 0;
    }
  }

  /** A batch of `rows` rows was undone for what all of them came to: the next takes half. */
  undone(rows: number): void {
    this.#set(rows / 2);
  }

  /** Quarters: how much too long it would have taken is not known. */
  timedOut(): void {
    this.#set(this.#rows / 4);
  }

  #set(rows: number): void {
    this.#rows = Math.max(1, Math.min(this.#limits.max, Math.floor(rows)));
  }
}
