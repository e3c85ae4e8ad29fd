import type pg from 'pg';
import { UserError } from '../errors.ts';
import { BROKEN_TEXT_MARK } from './dump/broken-text.ts';

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

/** A problem of a `NotLinkPickError`. */
export function missingTables(tables: readonly string[]): string {
  return `missing ${plural('table', tables)}`;
}

/** A problem of a `NotLinkPickError`. */
export function lackedColumns(table: string, columns: readonly string[]): string {
  return `table "${table}" lacks ${plural('column', columns)}`;
}

function plural(noun: string, names: readonly string[]): string {
  return `${noun}${names.length === 1 ? '' : 's'} ${names.map((name) => `"${name}"`).join(', ')}`;
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

/** PostgreSQL could not go on with the load: a full disk, a server that is stopped. It says nothing of the source. */
export class LoadFailedError extends UserError {
  override readonly name = 'LoadFailedError';

  constructor(said: string, { cause }: { cause?: unknown } = {}) {
    super(`LinkPick could not be loaded, PostgreSQL failed: ${said}. Nothing was changed; start again when that is mended`, { cause });
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

/** What is to be done with text in another encoding. PostgreSQL itself cannot convert a SQL_ASCII database: it does not know what its bytes mean. */
export const TO_UTF8 =
  'dump again with pg_dump --encoding=UTF8, or, when the database is SQL_ASCII, convert the file (Korean: iconv -f CP949 -t UTF-8)';

/**
 * What PostgreSQL says of a statement it refused, without what stands in the row: that has addresses and password hashes in it. Only ids are shown,
 * without which nobody would find the row of an INSERT.
 */
export function saidBy({ code, message, detail, where }: Pick<pg.DatabaseError, 'code' | 'message' | 'detail' | 'where'>): string {
  // `COPY users, line 3, column email: "kim@…"`
  const place = where?.split('\n')[0]?.replace(/(, line \d+(?:, column [^:]*)?): .*$/, '$1');
  const isOfRow = /^2[23]/.test(code ?? ''); // data exceptions and violated constraints
  return [isOfRow ? withoutValue(message) : message, isOfRow ? keyIn(detail) : detail, place]
    .filter((part) => part !== undefined)
    .join('; ');
}

/** `invalid input syntax for type integer: "kim@…"`, `value "…" is out of range for type integer` */
function withoutValue(message: string): string {
  return message.replace(/: ".*"$/s, '').replace(/^value ".*" is out/s, 'value is out');
}

/** `Key (email)=(kim@…) is duplicated` without the value, unless that is of ids. Other details of a row quote it, and are left out. */
function keyIn(detail: string | undefined): string | undefined {
  const found = /^Key \((?<columns>.+?)\)=\((?<value>.*)\) (?<what>already exists|is duplicated|is not present in table ".*")\.$/s.exec(
    detail ?? '',
  );
  const { columns = '', value = '', what } = found?.groups ?? {};
  if (what === undefined) return undefined;
  if (value.includes(BROKEN_TEXT_MARK)) return `Key (${columns}) ${what}: it holds bytes that are no UTF-8, mend them in LinkPick`;
  const isOfIds = columns.split(', ').every((column) => /^(?:\w+_)?id$/.test(column));
  return isOfIds ? `Key (${columns})=(${value}) ${what}` : `Key (${columns}) ${what}`;
}

/** PostgreSQL's details end with a full stop, ours do not. */
function withoutStop(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
