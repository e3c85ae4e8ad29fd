import type { Pause } from '../pause.ts';

/** Members of a run's report that are there once the part that measures them ran. */
export interface ReportExtras {
  /** Of this run, in the order in which entities are copied. */
  readonly rates?: readonly EntityRate[];
  readonly checks?: readonly NamedCheck[];
  /** Why the run stopped before its end; null when it did not. */
  readonly pause?: Pause | null;
}

export interface EntityRate {
  readonly entity: string;
  /** Rows completed or set aside per second of statement time. */
  readonly rowsPerSecond: number;
}

/** A question about the whole migration with a yes or no, such as "User Count Match" or "No Orphaned Records". Counts only, no row values. */
export interface NamedCheck {
  readonly name: string;
  readonly passed: boolean;
  readonly value: number | string;
  readonly expected: number | string;
}
