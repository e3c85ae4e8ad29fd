import type pg from 'pg';
import type { LegacyTable } from '../../../database/legacy/sample/rows.ts';
import { addForeignKey, addUnique, dropConstraints } from '../constraints.ts';
import { readLinkPickSql, readSchema } from '../schema.ts';
import { loosenTables } from './loose-tables.ts';
import type { Statement } from './statement-splitter.ts';

/** LinkPick's tables while a dump is loaded: the dump's own, or linkpick.sql's for a dump of rows alone. Their foreign keys come last. */
export class DumpTables {
  readonly #client: pg.ClientBase;
  readonly #created = new Set<string>();
  /** Of a dump of rows alone: the columns each table has so far. Undefined for one that defines its tables. */
  #made: ReadonlyMap<string, Set<string>> | undefined;
  /** With their statement where the dump has one. */
  readonly #foreignKeys: { readonly sql: string; readonly statement?: Statement }[] = [];
  /** Of a dump of rows alone: what brings uniqueness back. */
  #unique: readonly string[] = [];
  /** Whether foreign keys may be in place: definitions bring them too. */
  #hasForeignKeys = false;

  constructor(client: pg.ClientBase) {
    this.#client = client;
  }

  /** Whether the dump has defined a table. */
  get areDefined(): boolean {
    return this.#created.size > 0;
  }

  /** Whether the tables are linkpick.sql's, for the dump has rows and no tables. */
  get areMade(): boolean {
    return this.#made !== undefined;
  }

  has(table: LegacyTable): boolean {
    return this.areMade || this.#created.has(table);
  }

  /** Takes note of a definition that has been run: `creates` a table, or has given one a column that refers to another. */
  noteDefinition(creates: LegacyTable | undefined): void {
    if (creates !== undefined) this.#created.add(creates);
    this.#hasForeignKeys = true;
  }

  /** Keeps a foreign key of the dump until all rows are in. */
  holdForeignKey(statement: Statement): void {
    this.#foreignKeys.push({ sql: statement.text, statement });
  }

  /** Makes what rows need that is not there: the tables, and of a dump of rows alone the columns it lists. */
  async expectRows(table: LegacyTable, columns: readonly string[]): Promise<void> {
    if (!this.areDefined && !this.areMade) {
      await this.#client.query(await readLinkPickSql());
      this.#hasForeignKeys = true;
      this.#made = new Map([...(await readSchema(this.#client))].map(([name, known]) => [name, new Set(known.keys())]));
      await this.#setForeignKeysAside();
      this.#unique = await loosenTables(this.#client);
    }
    await this.#setForeignKeysAside();
    const known = this.#made?.get(table);
    if (known === undefined) return;
    for (const column of columns.filter((name) => !known.has(name))) {
      // Such a dump does not say of what type a column is that the table has gained: text holds every value.
      await this.#client.query(`alter table public.${table} add column ${this.#client.escapeIdentifier(column)} text`);
      known.add(column);
    }
  }

  /** Adds what rows are not held to while they come in, when all are there. `refused` makes the error to throw of PostgreSQL's. */
  async addConstraints(refused: (statement: Statement | undefined, error: unknown) => unknown): Promise<void> {
    await this.#setForeignKeysAside();
    for (const sql of this.#unique) await addUnique(this.#client, sql);
    for (const { sql, statement } of this.#foreignKeys) {
      await addForeignKey(this.#client, sql).catch((error: unknown) => {
        throw refused(statement, error);
      });
    }
  }

  async #setForeignKeysAside(): Promise<void> {
    if (!this.#hasForeignKeys) return;
    this.#hasForeignKeys = false;
    for (const sql of await dropConstraints(this.#client, 'foreign key')) this.#foreignKeys.push({ sql });
  }
}
