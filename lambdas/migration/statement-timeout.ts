import { sqlStateOf } from '../data-api/data-api.ts';

/** The service's limit, or a limit set on the role: then the statement was cancelled by PostgreSQL (57014). A smaller batch may pass. */
export function isStatementTimeout(error: unknown): boolean {
  return (error instanceof Error && error.name === 'StatementTimeoutException') || sqlStateOf(error) === '57014';
}
