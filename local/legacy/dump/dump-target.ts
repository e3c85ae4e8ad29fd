import type pg from 'pg';
import { isLegacyTable, legacyTables } from '../../../database/legacy/sample/columns.ts';
import type { LegacyTable } from '../../../database/legacy/sample/rows.ts';
import { copyIn } from '../copy-in.ts';
import { DumpError, NotLinkPickError, saidBy } from '../errors.ts';
import { dropForeignKeys } from '../foreign-keys.ts';
import { readLinkPickSql, type Schema } from '../schema.ts';
import { type Action, classifyStatement } from './classify-statement.ts';
import { findActingCall, readActingFunctions } from './functions.ts';
import { InsertBatch } from './insert-batch.ts';
import type { Statement } from './statement-splitter.ts';

interface DumpTargetOptions {
  readonly file: string;
  readonly client: pg.ClientBase;
  readonly expected: Schema;
  readonly onProgress: (table: LegacyTable, rows: number) => void;
}

/** Takes the rows of the COPY whose statement has been run; the first is on `line`. */
type TakeRows = (data: AsyncIterable<Buffer>, line: number) => Promise<void>;

const ONLY_LINKPICK = legacyTables.map((table) => `-t public.${table}`).join(' ');

/** Carries out a dump's statements, one after the other, as `classifyStatement` decides. */
export class DumpTarget {
  readonly #options: DumpTargetOptions;
  readonly #acting: ReadonlySet<string>;
  readonly #inserts: InsertBatch;
  readonly #created = new Set<string>();
  readonly #filled = new Set<LegacyTable>();
  /** Of a dump without CREATE TABLE: the statements that end the load. Undefined for one with. */
  #foreignKeys: string[] | undefined;
  #hasCopied = false;

  private constructor(options: DumpTargetOptions, acting: ReadonlySet<string>) {
    this.#options = options;
    this.#acting = acting;
    this.#inserts = new InsertBatch(options.client, options.onProgress, (statement, error) => this.#refused(statement, error));
  }

  static async open(options: DumpTargetOptions): Promise<DumpTarget> {
    return new DumpTarget(options, await readActingFunctions(options.client));
  }

  /** Runs one statement; for a COPY, answers what takes its rows. @throws {DumpError} */
  async run(statement: Statement): Promise<TakeRows | undefined> {
    const action = classifyStatement(statement.text);
    if (action.kind !== 'insert') await this.#inserts.flush();
    switch (action.kind) {
      case 'skip':
        return undefined;
      case 'refuse':
        throw this.#problem(
          statement,
          `${action.what} is refused, a dump is read as data; ${action.remedy ?? `dump LinkPick's tables alone: pg_dump ${ONLY_LINKPICK}`}`,
        );
      case 'drop':
        if (this.#created.size > 0) throw this.#problem(statement, 'DROP behind CREATE TABLE is refused; a dump drops before it creates');
        return undefined;
      case 'execute':
        return void (await this.#define(statement, action));
      case 'setval':
        return void (await this.#setSequence(statement, action.sequence));
      case 'insert':
        await this.#expectRows(action.table);
        return void (await this.#inserts.add(statement, action.table));
      case 'copy':
        return await this.#copy(statement, action.table, action.columns);
    }
  }

  /** Ends a load whose dump has been read to its end. */
  async finish(): Promise<void> {
    await this.#inserts.flush();
    // pg_dump writes a COPY for an empty table too: without one, the table was not in the dump.
    const absent = this.#foreignKeys !== undefined && this.#hasCopied ? legacyTables.filter((table) => !this.#filled.has(table)) : [];
    if (absent.length > 0) {
      const names = absent.map((table) => `"${table}"`).join(', ');
      throw new NotLinkPickError(this.#options.file, [`missing ${absent.length === 1 ? 'table' : 'tables'} ${names}`]);
    }
    for (const sql of this.#foreignKeys ?? []) {
      await this.#options.client.query(sql).catch((error: unknown) => {
        throw this.#refused(undefined, error);
      });
    }
  }

  async #define(statement: Statement, action: Action & { kind: 'execute' }): Promise<void> {
    const call = findActingCall(action.tokens, this.#acting);
    if (call !== undefined) throw this.#problem(statement, `the function ${call} is refused in a definition, a dump is read as data`);
    if (action.creates !== undefined && this.#foreignKeys !== undefined) {
      throw this.#problem(statement, 'CREATE TABLE behind rows is refused; a dump defines its tables first');
    }
    // A foreign key to a table that is left out has nothing to point to; a missing LinkPick table is named by the check of the schema.
    if (action.references !== undefined && !(isLegacyTable(action.references) && this.#hasTable(action.references))) return;
    await this.#query(statement);
    if (action.creates !== undefined) this.#created.add(action.creates);
  }

  async #setSequence(statement: Statement, sequence: string): Promise<void> {
    const { rows } = await this.#options.client.query<{ known: boolean }>('select to_regclass($1) is not null as known', [sequence]);
    if (rows[0]?.known) await this.#query(statement); // else it belongs to a table that was left out
  }

  async #copy(statement: Statement, table: LegacyTable | undefined, columns: readonly string[]): Promise<TakeRows> {
    this.#hasCopied = true;
    if (table === undefined) {
      return async (data) => {
        for await (const _ of data);
      };
    }
    await this.#expectRows(table);
    const missing = [...(this.#options.expected.get(table)?.keys() ?? [])].filter((column) => !columns.includes(column));
    if (missing.length > 0 && columns.length > 0 && this.#foreignKeys !== undefined) {
      const names = missing.map((column) => `"${column}"`).join(', ');
      throw new NotLinkPickError(this.#options.file, [`table "${table}" lacks ${missing.length === 1 ? 'column' : 'columns'} ${names}`]);
    }
    return async (data, line) => {
      const counted = countRows(data, (rows) => this.#options.onProgress(table, rows));
      await copyIn(this.#options.client, statement.text, counted).catch((error: unknown) => {
        throw this.#refused({ text: statement.text, line: lineOf(error, line) ?? statement.line }, error);
      });
    };
  }

  /** Makes LinkPick's tables when rows come and the dump has defined none: a data-only dump. */
  async #expectRows(table: LegacyTable): Promise<void> {
    this.#filled.add(table);
    if (this.#created.size > 0 || this.#foreignKeys !== undefined) return;
    await this.#options.client.query(await readLinkPickSql());
    this.#foreignKeys = await dropForeignKeys(this.#options.client);
  }

  #hasTable(table: LegacyTable): boolean {
    return this.#foreignKeys !== undefined || this.#created.has(table);
  }

  async #query(statement: Statement): Promise<void> {
    await this.#options.client.query(statement.text).catch((error: unknown) => {
      throw this.#refused(statement, error);
    });
  }

  #problem(statement: Statement, problem: string): DumpError {
    return new DumpError(this.#options.file, statement.line, problem);
  }

  /** What PostgreSQL said of a statement, with its line; anything but PostgreSQL's own errors is left as it is. */
  #refused(statement: Statement | undefined, error: unknown): unknown {
    if (!isDatabaseError(error)) return error;
    return new DumpError(this.#options.file, statement?.line, `PostgreSQL does not take it: ${saidBy(error)}`, { cause: error });
  }
}

function isDatabaseError(error: unknown): error is pg.DatabaseError {
  return error instanceof Error && 'code' in error && 'severity' in error;
}

/** The file's line of a COPY's error: `COPY users, line 3, column type: …` counts from the first row. */
function lineOf(error: unknown, firstLine: number): number | undefined {
  const row = isDatabaseError(error) ? /^COPY .*?, line (\d+)/m.exec(error.where ?? '')?.[1] : undefined;
  return row === undefined ? undefined : firstLine + Number(row) - 1;
}

async function* countRows(data: AsyncIterable<Buffer>, onRows: (rows: number) => void): AsyncGenerator<Buffer> {
  let rows = 0;
  for await (const chunk of data) {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) rows++;
    yield chunk;
    onRows(rows);
  }
}
