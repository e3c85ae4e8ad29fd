import { leadingWords, scanSql, splitStatements } from '../../lambdas/data-api/sql-lexer.ts';
import { validationError } from './errors.ts';

const transactionControl: ReadonlySet<string> = new Set(['begin', 'start', 'commit', 'end', 'rollback', 'abort', 'prepare']);

/**
 * Which SQL the service takes at all: one statement, its closing semicolon or not, and none that begins or ends a transaction.
 * @throws {AwsError} `ValidationException`
 */
export function checkStatement(sql: string): void {
  if (sql.includes('\0'))
    throw validationError("Value at 'sql' failed to satisfy constraint: Member must not contain the character U+0000");
  const [statement, ...others] = splitStatements(sql);
  if (statement === undefined) throw validationError("Value at 'sql' failed to satisfy constraint: Member must hold a statement");
  if (others.length > 0) throw validationError("Multistatements aren't supported.");
  scanSql(statement, (kind, start, end) => {
    if (kind !== 'positional') return;
    throw validationError(`Only named parameters are supported: found ${statement.slice(start, end)}, expected a name such as :id`);
  });
  const [first = '', second, third] = leadingWords(statement, 3);
  if (first === 'copy') throw validationError("COPY isn't supported; use INSERT with parameters");
  const toSavepoint = first === 'rollback' && (second === 'to' || third === 'to');
  const preparesStatement = first === 'prepare' && second !== 'transaction';
  if (transactionControl.has(first) && !toSavepoint && !preparesStatement) {
    throw validationError(
      `Transaction control with SQL isn't supported: found ${first.toUpperCase()}; ` +
        'use BeginTransaction, CommitTransaction, RollbackTransaction and the transactionId',
    );
  }
}
