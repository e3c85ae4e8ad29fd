/** What the service bounds. Source: Aurora user guide, "Using RDS Data API", and the API model. */
export interface Limits {
  readonly statementTimeoutMs: number;
  /** A transaction without a call for this long is rolled back. */
  readonly idleTransactionMs: number;
  readonly transactionAgeMs: number;
  /** Of the whole answer as JSON. */
  readonly resultBytes: number;
  readonly rowBytes: number;
}

export const serviceLimits: Limits = {
  statementTimeoutMs: 45_000,
  idleTransactionMs: 3 * 60_000,
  transactionAgeMs: 24 * 3_600_000,
  resultBytes: 1024 * 1024,
  rowBytes: 64 * 1024,
};
