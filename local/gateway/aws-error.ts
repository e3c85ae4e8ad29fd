/**
 * An error as an AWS service answers it. The gateway renders it in the protocol of the service that threw it.
 * Source of names and statuses: each service's published API model.
 */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  /** The error's name as clients match it, such as `DatabaseErrorException`. */
  readonly code: string;
  readonly status: number;
  /** Further members of the error body, such as `dbConnectionId`. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, { status = 400, members = {}, cause }: AwsErrorOptions = {}) {
    super(message, { cause });
    this.code = code;
    this.status = status;
    this.members = members;
  }
}

interface AwsErrorOptions {
  readonly status?: number;
  readonly members?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}
