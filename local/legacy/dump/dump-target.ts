import type pg from 'pg';
import { isLegacyTable, legacyTables } from '../../../database/legacy/sample/columns.ts';
import type { LegacyTable } from '../../../database/legacy/sample/rows.ts';
import { attempt } from '../attempt.ts';
import { copyIn, countRows } from '../copy-in.ts';
import { DumpError, lackedColumns, missingTables, NotLinkPickError, saidBy, TO_UTF8 } from '../errors.ts';
import { isRefusal } from '../refusal.ts';
import type { Schema } from '../schema.ts';
import { findActingCall, readActingFunctions } from './acting-functions.ts';
import { BROKEN_TEXT_MARK } from './broken-text.ts';
import { classifyStatement, type ExecuteAction } from './classify-statement.ts';
import { DumpTables } from './dump-tables.ts';
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
const NO_SCHEMA = '3F000';
/** SQLSTATEs of a definition that names a type, a function or a schema which is not there. */
const NOT_THERE: ReadonlySet<string> = new Set(['42704', '42883', NO_SCHEMA]);
/** SQLSTATEs, by class, of a definition that PostgreSQL cannot make: not supported, no such schema, no such object or syntax, over a limit. */
const NOT_MADE = /^(?:0A|3F|42|54)/;

/** Carries out a dump's statements, one after the other, as `classifyStatement` decides. */
export class DumpTarget {
  readonly #options: DumpTargetOptions;
  readonly #acting: ReadonlySet<string>;
  readonly #inserts: InsertBatch;
  readonly #tables: DumpTables;
  /** The tables whose rows are in the dump, if only to say that there are none. */
  readonly #present = new Set<string>();
  /** What CREATE EXTENSION would have brought. */
  readonly #extensions = new Set<string>();
  #namesAllTables = false;

  private constructor(options: DumpTargetOptions, acting: ReadonlySet<string>) {
    this.#options = options;
    this.#acting = acting;
    this.#tables = new DumpTables(options.client);
    this.#inserts = new InsertBatch(options.client, options.onProgress, (statement, error) => this.#refused(statement, error));
  }

  static async open(options: DumpTargetOptions): Promise<DumpTarget> {
    return new DumpTarget(options, await readActingFunctions(options.client));
  }

  /** Runs one statement; for a COPY, answers what takes its rows. @throws {DumpError} */
  async run(statement: Statement): Promise<TakeRows | undefined> {
    const action = classifyStatement(statement.text);
    if (action.kind !== 'insert') await this.#inserts.flush();
    if (action.kind === 'execute' || (action.kind === 'copy' && action.table !== undefined)) this.#refuseBrokenText(statement);
    switch (action.kind) {
      case 'skip':
        if (action.extension !== undefined && action.extension !== 'plpgsql') this.#extensions.add(action.extension); // PostgreSQL has plpgsql
        return undefined;
      case 'refuse':
        throw this.#problem(
          statement,
          `${action.what} is refused, a dump is read as data; ${action.remedy ?? `dump LinkPick's tables alone: pg_dump ${ONLY_LINKPICK}`}`,
        );
      case 'drop':
        if (this.#tables.areDefined) throw this.#problem(statement, 'DROP behind CREATE TABLE is refused; a dump drops before it creates');
        return undefined;
      case 'execute':
        return void (await this.#define(statement, action));
      case 'setval':
        return void (await this.#setSequence(statement, action.sequence));
      case 'insert':
        await this.#expectRows(statement, action.table, action.columns);
        return void (await this.#inserts.add(statement, action.table));
      case 'copy':
        return await this.#copy(statement, action.table, action.columns);
    }
  }

  /** Takes note of pg_dump's heading above a table's rows, which it writes above none as well. */
  announceRows(table: string): void {
    this.#namesAllTables = true;
    this.#present.add(table);
  }

  /** Ends a load whose dump has been read to its end. @throws {DumpError} @throws {NotLinkPickError} */
  async finish(): Promise<void> {
    await this.#inserts.flush();
    const absent = this.#tables.areMade && this.#namesAllTables ? legacyTables.filter((table) => !this.#present.has(table)) : [];
    if (absent.length > 0) throw new NotLinkPickError(this.#options.file, [missingTables(absent)]);
    await this.#tables.addConstraints((statement, error) => this.#refused(statement, error));
  }

  async #define(statement: Statement, action: ExecuteAction): Promise<void> {
    const call = findActingCall(action.tokens, this.#acting);
    if (call !== undefined) throw this.#problem(statement, `the function ${call} is refused in a definition, a dump is read as data`);
    if (action.creates !== undefined && this.#tables.areMade) {
      throw this.#problem(statement, 'CREATE TABLE behind rows is refused; a dump defines its tables first');
    }
    // A foreign key to a table that is left out has nothing to point to; a missing LinkPick table is named by the check of the schema.
    if (action.references !== undefined && !(isLegacyTable(action.references) && this.#tables.has(action.references))) return;
    if (action.isForeignKey) return this.#tables.holdForeignKey(statement);
    const mayLack = action.isOptional ? cannotBeMade : (error: pg.DatabaseError) => isUniqueButForMarks(statement, error);
    const made = await this.#tryDefinition(statement, mayLack);
    if (!made) return;
    if (action.creates !== undefined || action.references !== undefined) this.#tables.noteDefinition(action.creates);
  }

  /** Runs a definition. False: PostgreSQL refused it, and `mayLack` says that the rows are the same without it, such as an index by an extension's operator class. */
  async #tryDefinition(statement: Statement, mayLack: (error: pg.DatabaseError) => boolean): Promise<boolean> {
    return await attempt(this.#options.client, statement.text, mayLack).catch((error: unknown) => {
      throw this.#refusedDefinition(statement, error);
    });
  }

  async #setSequence(statement: Statement, sequence: string): Promise<void> {
    const { rows } = await this.#options.client.query<{ known: boolean }>('select to_regclass($1) is not null as known', [sequence]);
    if (rows[0]?.known) await this.#query(statement); // else it belongs to a table that was left out
  }

  async #copy(statement: Statement, table: LegacyTable | undefined, columns: readonly string[]): Promise<TakeRows> {
    this.#namesAllTables = true; // pg_dump writes a COPY for an empty table too
    if (table === undefined) {
      return async (data) => {
        for await (const _ of data);
      };
    }
    await this.#expectRows(statement, table, columns);
    const missing = [...(this.#options.expected.get(table)?.keys() ?? [])].filter((column) => !columns.includes(column));
    if (missing.length > 0 && columns.length > 0 && this.#tables.areMade) {
      throw new NotLinkPickError(this.#options.file, [lackedColumns(table, missing)]);
    }
    return async (data, line) => {
      const counted = countRows(data, (rows) => this.#options.onProgress(table, rows));
      await copyIn(this.#options.client, statement.text, counted).catch((error: unknown) => {
        throw this.#refused({ text: statement.text, line: lineOf(error, line) ?? statement.line }, error);
      });
    };
  }

  async #expectRows(statement: Statement, table: LegacyTable, columns: readonly string[]): Promise<void> {
    this.#present.add(table);
    await this.#tables.expectRows(table, columns).catch((error: unknown) => {
      throw this.#refused(statement, error);
    });
  }

  async #query(statement: Statement): Promise<void> {
    await this.#options.client.query(statement.text).catch((error: unknown) => {
      throw this.#refused(statement, error);
    });
  }

  /** Broken text is a row's business, which the migration sets aside; a definition with it would not be the one that was dumped. */
  #refuseBrokenText({ text, line }: Statement): void {
    const at = text.indexOf(BROKEN_TEXT_MARK);
    if (at < 0) return;
    const broken = line + text.slice(0, at).split('\n').length - 1;
    throw new DumpError(this.#options.file, broken, `text that is not UTF-8; ${TO_UTF8}`);
  }

  #problem(statement: Statement, problem: string, cause?: unknown): DumpError {
    return new DumpError(this.#options.file, statement.line, problem, { cause });
  }

  /** As `#refused`, with the way out where a definition needs what is not there: rows need none of it. */
  #refusedDefinition(statement: Statement, error: unknown): unknown {
    if (!isRefusal(error) || !NOT_THERE.has(error.code ?? '')) return this.#refused(statement, error);
    const names = [...this.#extensions].map((name) => `"${name}"`).join(', ');
    const extension =
      names === '' ? "what is not in the dump, such as an extension's" : `an extension, which is left out (the dump has ${names})`;
    const needed = error.code === NO_SCHEMA ? 'another schema, which is left out' : extension;
    return this.#problem(
      statement,
      `PostgreSQL does not take it: ${saidBy(error)}; it needs ${needed}; ` +
        `dump LinkPick's rows alone, its tables are made here: pg_dump --data-only ${ONLY_LINKPICK}`,
      error,
    );
  }

  /** What PostgreSQL said of a statement, with its line; anything but its refusal is left as it is. */
  #refused(statement: Statement | undefined, error: unknown): unknown {
    if (!isRefusal(error)) return error;
    return new DumpError(this.#options.file, statement?.line, `PostgreSQL does not take it: ${saidBy(error)}`, { cause: error });
  }
}

function cannotBeMade({ code }: pg.DatabaseError): boolean {
  return NOT_MADE.test(code ?? '');
}

/** Values that differed in LinkPick by bytes that are no UTF-8, and are one since those are marked. Not of a key: rows could not be told apart. */
function isUniqueButForMarks({ text }: Statement, { code, detail }: pg.DatabaseError): boolean {
  return code === '23505' && detail?.includes(BROKEN_TEXT_MARK) === true && !/\bprimary\s+key\b/i.test(text);
}

/** The file's line of a COPY's error: `COPY users, line 3, column type: …` counts from the first row. */
function lineOf(error: unknown, firstLine: number): number | undefined {
  const row = isRefusal(error) ? /^COPY .*?, line (\d+)/m.exec(error.where ?? '')?.[1] : undefined;
  return row === undefined ? undefined : firstLine + Number(row) - 1;
}
