import type pg from 'pg';
import { legacyTables } from '../../database/legacy/sample/columns.ts';

/**
 * Takes LinkPick's foreign keys away while rows come in, in any order, and gives the statements that bring them back: one check of all rows at the
 * end is also far cheaper than one a row.
 */
export async function dropForeignKeys(client: pg.ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ drop: string; add: string }>(
    `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
            format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as add
     from pg_catalog.pg_constraint
     where contype = 'f' and conrelid = any (select format('public.%I', name)::regclass from unnest($1::text[]) name)`,
    [legacyTables],
  );
  for (const { drop } of rows) await client.query(drop);
  return rows.map(({ add }) => add);
}
