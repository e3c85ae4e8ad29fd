/**
 * What `GET /api/quarantine` and the two commands answer. Ids, classes and counts: no free text of a legacy row.
 * Types only, shared by the function and the page.
 */
export interface QuarantinePage {
  /** Ordered by entity and id; at most as many as were asked for. */
  readonly rows: readonly QuarantinedRow[];
  /** `after` of the next page; null on the last one. */
  readonly next: string | null;
}

export interface QuarantinedRow {
  readonly entity: string;
  readonly legacyId: string;
  /** The reason class. */
  readonly reason: string;
  /** The legacy column at fault. */
  readonly column: string | null;
  /** An enum value, an id or a number. */
  readonly value: string | null;
  /** True when there is a value that is none of these: it may be a person's, and is not shown. */
  readonly withheld: boolean;
  readonly sqlState: string | null;
  /** The database's message without what it quotes of the row. */
  readonly message: string | null;
  readonly attempts: number;
  /** When it was set aside; null when the ledger has forgotten: a row that was tried again before it kept the first time. */
  readonly firstSince: string | null;
  /** When it was tried last. */
  readonly since: string;
  /** In the change queue: the next catch-up tries it again. */
  readonly queued: boolean;
}

/** Of `POST /api/quarantine/retry`. */
export interface RetryResult {
  /** Rows put in the change queue now. */
  readonly queued: number;
  /** Rows that were on it. */
  readonly alreadyQueued: number;
  /** Rows asked for beyond the bound of one call. */
  readonly left: number;
}
