/** Ends the execution: neither `Retry` nor `Catch` matches it, not even `States.ALL`. Both members are read by the interpreter. */
export class FatalError extends Error {
  readonly isRetryable = false;
  readonly isCatchable = false;

  constructor(error: 'States.Runtime' | 'States.DataLimitExceeded', cause: string, options?: ErrorOptions) {
    super(cause, options);
    this.name = error;
  }
}

/** Unwinds a run whose execution has ended already; nobody sees it. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
  readonly isRetryable = false;
  readonly isCatchable = false;

  constructor() {
    super('the execution has ended');
  }
}
