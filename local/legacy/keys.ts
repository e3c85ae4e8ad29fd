import type pg from 'pg';
import { legacyColumns, legacyTables } from '../../database/legacy/sample/columns.ts';
import { NotLinkPickError, saidBy } from './errors.ts';
import { isRefusal } from './refusal.ts';

/**
 * Gives keys and what refers to them the database's own order where the source declared another (`COLLATE "ko-x-icu"`): rows are copied and verified in the order of their
 * keys, and the ledger and the new tables have the database's. Values stay as they are; indexes are built anew. @throws {NotLinkPickError} where PostgreSQL does not
 * change a column, since something else is made of it
 */
export async function resetKeyCollations(source: string, client: pg.ClientBase): Promise<void> {
  for (const table of legacyTables) {
    const { rows } = await client.query<{ column: string; alter: string; collation: string }>(
      `select a.attname as column, c.collname as collation,
         format('alter column %I type %s collate pg_catalog."default"', a.attname, format_type(a.atttypid, a.atttypmod)) as alter
       from pg_catalog.pg_attribute a
       join pg_catalog.pg_collation c on c.oid = a.attcollation and c.oid <> 'pg_catalog."default"'::regcollation
       where a.attrelid = format('public.%I', $1::text)::regclass and a.attname = any ($2::text[]) and not a.attisdropped`,
      [table, legacyColumns[table].filter((column) => /^(\w+_)?id$/.test(column))],
    );
    if (rows.length === 0) continue;
    await client.query(`alter table public.${table} ${rows.map(({ alter }) => alter).join(', ')}`).catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      const columns = rows.map(({ column, collation }) => `column "${table}.${column}" has the order of the collation "${collation}"`);
      throw new NotLinkPickError(
        source,
        [`${columns.join(', ')}, expected the database's own, and PostgreSQL does not change it: ${saidBy(error)}`],
        { cause: error },
      );
    });
  }
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
