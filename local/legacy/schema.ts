import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { legacyTables } from '../../database/legacy/sample/columns.ts';
import { lackedColumns, missingTables, NotLinkPickError } from './errors.ts';

/** Columns by table, then type by column, such as `character varying(30)`. */
export type Schema = ReadonlyMap<string, ReadonlyMap<string, string>>;

const SCRATCH = 'linkpick_expected';

/** database/legacy/linkpick.sql as text. */
export async function readLinkPickSql(): Promise<string> {
  return await readFile(new URL('../../database/legacy/linkpick.sql', import.meta.url), 'utf8');
}

/** The schema LinkPick promises: linkpick.sql itself, made in a scratch schema and removed again. Call it inside a transaction. */
export async function readExpectedSchema(client: pg.ClientBase): Promise<Schema> {
  const sql = (await readLinkPickSql()).replace(/\bpublic\./g, `${SCRATCH}.`);
  await client.query(`create schema ${SCRATCH}; ${sql}`);
  const schema = await readSchema(client, SCRATCH);
  await client.query(`drop schema ${SCRATCH} cascade`);
  return schema;
}

/** LinkPick's tables as they are in `schemaName`; others are left out. */
export async function readSchema(client: pg.ClientBase, schemaName = 'public'): Promise<Schema> {
  const { rows } = await client.query<{ table: string; column: string; type: string }>(
    `select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type
     from pg_catalog.pg_class c
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     where n.nspname = $1 and c.relname = any ($2::text[]) and c.relkind in ('r', 'p', 'v', 'm', 'f')
     order by array_position($2::text[], c.relname::text), a.attnum`,
    [schemaName, legacyTables],
  );
  const schema = new Map<string, Map<string, string>>();
  for (const { table, column, type } of rows) {
    const columns = schema.get(table) ?? new Map<string, string>();
    schema.set(table, columns.set(column, type));
  }
  return schema;
}

/** Every table, column and type that `found` lacks or has otherwise, in one error. Further columns are welcome. @throws {NotLinkPickError} */
export function checkSchema(source: string, found: Schema, expected: Schema): void {
  const absent = [...expected.keys()].filter((table) => !found.has(table));
  const problems = absent.length === 0 ? [] : [missingTables(absent)];
  for (const [table, columns] of expected) {
    const actual = found.get(table);
    if (actual === undefined) continue;
    const missing = [...columns.keys()].filter((column) => !actual.has(column));
    if (missing.length > 0) problems.push(lackedColumns(table, missing));
    for (const [column, type] of columns) {
      const actualType = actual.get(column);
      if (actualType !== undefined && family(actualType) !== family(type)) {
        problems.push(`column "${table}.${column}" is ${actualType}, expected ${type}`);
      }
    }
  }
  if (problems.length > 0) throw new NotLinkPickError(source, problems);
}

/** Lengths and precisions may differ, and text may stand for varchar: the migration measures values, not declarations. */
function family(type: string): string {
  const bare = type.replace(/\(\d+(,\d+)?\)/, '');
  return bare === 'text' ? 'character varying' : bare;
}
