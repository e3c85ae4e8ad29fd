import { readFile } from 'node:fs/promises';
import type pg from 'pg';
import { legacyTables } from '../../database/legacy/sample/columns.ts';
import { NotLinkPickError, saidBy } from './errors.ts';
import { isRefusal } from './refusal.ts';

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
  const missingTables = [...expected.keys()].filter((table) => !found.has(table));
  const problems = missingTables.length === 0 ? [] : [`missing ${plural('table', missingTables)}`];
  for (const [table, columns] of expected) {
    const actual = found.get(table);
    if (actual === undefined) continue;
    const missing = [...columns.keys()].filter((column) => !actual.has(column));
    if (missing.length > 0) problems.push(`table "${table}" lacks ${plural('column', missing)}`);
    for (const [column, type] of columns) {
      const actualType = actual.get(column);
      if (actualType !== undefined && family(actualType) !== family(type)) {
        problems.push(`column "${table}.${column}" is ${actualType}, expected ${type}`);
      }
    }
  }
  if (problems.length > 0) throw new NotLinkPickError(source, problems);
}

/**
 * Gives a table its primary key on `id` where the source did not bring it (pg_dump --section leaves it out): rows are copied in its order and recorded by
 * it. @throws {NotLinkPickError} when the rows do not have one each, and when the table has its primary key on other columns
 */
export async function ensureKeys(source: string, client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ table: string; key: string[] | null }>(
    `select name as table, key.columns as key
     from unnest($1::text[]) name
     left join lateral (
       select array_agg(a.attname::text order by k.position) as columns
       from pg_catalog.pg_constraint c
       cross join unnest(c.conkey) with ordinality k(attnum, position)
       join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.attnum
       where c.conrelid = format('public.%I', name)::regclass and c.contype = 'p'
     ) key on true
     where key.columns is distinct from '{id}'`,
    [legacyTables],
  );
  for (const { table, key } of rows) {
    if (key !== null) {
      const columns = key.map((column) => `"${column}"`).join(', ');
      throw new NotLinkPickError(source, [
        `table "${table}" has its primary key on (${columns}), expected "id"; dump the rows alone (pg_dump --data-only), LinkPick's tables are made here`,
      ]);
    }
    await client.query(`alter table public.${table} add primary key (id)`).catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      throw new NotLinkPickError(source, [`table "${table}" has no primary key on "id", and its rows allow none: ${saidBy(error)}`], {
        cause: error,
      });
    });
  }
}

/** Lengths and precisions may differ, and text may stand for varchar: the migration measures values, not declarations. */
function family(type: string): string {
  const bare = type.replace(/\(\d+(,\d+)?\)/, '');
  return bare === 'text' ? 'character varying' : bare;
}

function plural(noun: string, names: readonly string[]): string {
  return `${noun}${names.length === 1 ? '' : 's'} ${names.map((name) => `"${name}"`).join(', ')}`;
}
