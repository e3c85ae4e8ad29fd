import type pg from 'pg';
import type { LegacyTable } from '../../../database/legacy/sample/rows.ts';
import type { Statement } from './statement-splitter.ts';

const BATCH_STATEMENTS = 500;
const BATCH_CHARACTERS = 1024 * 1024;

/** Sends INSERTs many at a time: a dump with --inserts has one a row, and a round trip each would take minutes. */
export class InsertBatch {
  readonly #client: pg.ClientBase;
  readonly #onProgress: (table: LegacyTable, rows: number) => void;
  readonly #refused: (statement: Statement, error: unknown) => unknown;
  readonly #rows = new Map<LegacyTable, number>();
  #table: LegacyTable | undefined;
  #statements: Statement[] = [];
  #characters = 0;

  /** `refused` makes the error to throw of PostgreSQL's. */
  constructor(
    client: pg.ClientBase,
    onProgress: (table: LegacyTable, rows: number) => void,
    refused: (statement: Statement, error: unknown) => unknown,
  ) {
    this.#client = client;
    this.#onProgress = onProgress;
    this.#refused = refused;
  }

  async add(statement: Statement, table: LegacyTable): Promise<void> {
    if (table !== this.#table || this.#statements.length >= BATCH_STATEMENTS || this.#characters > BATCH_CHARACTERS) await this.flush();
    this.#table = table;
    this.#statements.push(statement);
    this.#characters += statement.text.length;
  }

  async flush(): Promise<void> {
    const statements = this.#statements;
    const table = this.#table;
    if (table === undefined || statements.length === 0) return;
    this.#statements = [];
    this.#characters = 0;
    const rows = await this.#send(statements);
    const total = (this.#rows.get(table) ?? 0) + rows;
    this.#rows.set(table, total);
    this.#onProgress(table, total);
  }

  /** All at once; when that fails, one by one, to know whose line it is. */
  async #send(statements: readonly Statement[]): Promise<number> {
    await this.#client.query('savepoint inserts');
    try {
      const answer: unknown = await this.#client.query(statements.map(({ text }) => text).join(';\n'));
      await this.#client.query('release savepoint inserts');
      return [answer].flat().reduce((sum: number, result) => sum + ((result as pg.QueryResult).rowCount ?? 0), 0);
    } catch (error) {
      await this.#client.query('rollback to savepoint inserts');
      for (const statement of statements) {
        await this.#client.query(statement.text).catch((cause: unknown) => {
          throw this.#refused(statement, cause);
        });
      }
      throw error;
    }
  }
}
