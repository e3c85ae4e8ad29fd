import type pg from 'pg';
import { UserError } from '../errors.ts';

/** The source's tables are not those of database/legacy/linkpick.sql. `problems` has one phrase for each table that does not fit. */
export class NotLinkPickError extends UserError {
  override readonly name = 'NotLinkPickError';
  readonly problems: readonly string[];

  constructor(source: string, problems: readonly string[], { cause }: { cause?: unknown } = {}) {
    super(
      `${source} is not a LinkPick database: ${withoutStop(problems.join('; '))}. ` +
        'Expected the schema of database/legacy/linkpick.sql. Nothing was changed.',
      { exitCode: 2, cause },
    );
    this.problems = problems;
  }
}

/** The dump cannot be read as one: damaged, in another format, or holding what is not data. */
export class DumpError extends UserError {
  override readonly name = 'DumpError';
  /** Of the file, counted from 1; undefined when the problem has no line. */
  readonly line: number | undefined;

  constructor(file: string, line: number | undefined, problem: string, { cause }: { cause?: unknown } = {}) {
    super(`${line === undefined ? file : `${file}, line ${line}`}: ${withoutStop(problem)}. Nothing was changed.`, { exitCode: 2, cause });
    this.line = line;
  }
}

/** The legacy database did not answer, or ended the conversation. The message never holds the password. */
export class LegacyDatabaseError extends UserError {
  override readonly name = 'LegacyDatabaseError';

  constructor(address: string, problem: string, { cause }: { cause?: unknown } = {}) {
    super(`the legacy database ${address} ${problem}. Nothing was changed.`, { exitCode: 2, cause });
  }
}

/** The database to load into already holds LinkPick tables. */
export class NotFreshError extends UserError {
  override readonly name = 'NotFreshError';

  constructor(tables: readonly string[]) {
    super(
      `the database already holds ${tables.map((table) => `"${table}"`).join(', ')}; LinkPick rows are loaded into a fresh database only: ` +
        'choose an empty --data-dir, or leave --data-dir out',
    );
  }
}

/** What PostgreSQL says of a statement it refused, without the row: that has addresses and password hashes in it. */
export function saidBy({ message, detail, where }: Pick<pg.DatabaseError, 'message' | 'detail' | 'where'>): string {
  const place = where?.split('\n')[0]?.replace(/(, line \d+): .*$/, '$1');
  return [message, detail?.startsWith('Failing row contains') ? undefined : detail, place].filter((part) => part !== undefined).join('; ');
}

/** PostgreSQL's details end with a full stop, ours do not. */
function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
