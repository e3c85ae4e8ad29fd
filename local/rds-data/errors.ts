import { AwsError } from '../gateway/aws-error.ts';

/** Answers of the Data API for what it refuses. Names, statuses and texts: its API model and the Aurora user guide's troubleshooting page. */

export function validationError(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

export function unsupportedResult(message: string): AwsError {
  return new AwsError('UnsupportedResultException', message);
}

export const deathCauses = {
  expired: 'Transaction may be expired.',
  ended: 'One previous call resulted in a termination of your transaction.',
  aborted: 'Transaction has been aborted due to an error from a previous call.',
} as const;
export type DeathCause = keyof typeof deathCauses;

export function transactionNotFound(id: string, cause: DeathCause): AwsError {
  return new AwsError('TransactionNotFoundException', `Transaction ${id} isn't found. ${deathCauses[cause]}`, { status: 404 });
}

export function transactionBusy(): AwsError {
  return new AwsError('DatabaseErrorException', 'Transaction is still running a query');
}

export function statementTimeout(limitMs: number, dbConnectionId: number): AwsError {
  return new AwsError('StatementTimeoutException', `The statement did not complete within ${limitMs / 1000} seconds and was timed out.`, {
    members: { dbConnectionId },
  });
}

export function resuming(clusterArn: string): AwsError {
  return new AwsError(
    'DatabaseResumingException',
    `The Aurora DB instance ${clusterArn} is resuming after being auto-paused. Please wait a few seconds and try again.`,
  );
}

export function endpointNotEnabled(resourceArn: string): AwsError {
  return new AwsError('HttpEndpointNotEnabledException', `HttpEndpoint is not enabled for resource ${resourceArn}`);
}

export function secretNotFound(): AwsError {
  return new AwsError('SecretsErrorException', "Secrets Manager can't find the specified secret.");
}

/** The parts of node-postgres' error that the Data API passes on. */
interface PostgresError extends Error {
  readonly severity?: string;
  readonly code?: string;
  readonly detail?: string;
  readonly hint?: string;
  readonly position?: string;
}

/** node-postgres' words for a connection that broke or never came. */
const LOST = /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error)/;

/** What went wrong between here and PostgreSQL, as the service puts it. Not a database error: the thing itself. */
export function databaseError(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof AwsError) return error;
  const { severity, code, detail, hint, position, message } = error as PostgresError;
  const lost = severity === undefined && (/^E[A-Z]+$/.test(code ?? '') || LOST.test(message));
  // 57P01…57P03: the server is going down, has crashed, or does not accept connections yet.
  if (lost || code?.startsWith('57P0')) {
    return new AwsError('DatabaseUnavailableException', '', { status: 504, cause: error });
  }
  if (code === undefined || severity === undefined) return error;
  const parts = [
    `${severity}: ${message}${detail === undefined ? '' : `\n  Detail: ${detail}`}`,
    hint === undefined ? undefined : `Hint: ${hint}`,
    position === undefined ? undefined : `Position: ${position}`,
    `SQLState: ${code}`,
  ];
  return new AwsError('DatabaseErrorException', parts.filter((part) => part !== undefined).join('; '), { cause: error });
}
