import type pg from 'pg';
import { legacyTables } from '../../../database/legacy/sample/columns.ts';
import { dropConstraints } from '../constraints.ts';

/**
 * Takes from LinkPick's tables what a dump of rows alone may not meet, for it does not say how its columns were declared: lengths, uniqueness, and what must not be null, of
 * all but keys. The migration sets such rows aside, each by its column. Gives the statements that bring uniqueness back (`addUnique`), with the indexes that are read by.
 */
export async function loosenTables(client: pg.ClientBase): Promise<readonly string[]> {
  const unique = await dropConstraints(client, 'unique');
  const { rows: tables } = await client.query<{ loosen: string }>(
    `select format('alter table %s %s', a.attrelid::regclass, string_agg(loosen, ', ' order by a.attnum)) as loosen
     from pg_catalog.pg_attribute a
     cross join lateral (values
       (case when a.atttypid = 'varchar'::regtype then format('alter column %I type text', a.attname) end),
       (case when a.attnotnull and a.attname <> 'id' then format('alter column %I drop not null', a.attname) end)
     ) changes (loosen)
     where a.attrelid = any (select to_regclass(format('public.%I', name)) from unnest($1::text[]) name)
       and a.attnum > 0 and not a.attisdropped and loosen is not null
     group by a.attrelid`,
    [legacyTables],
  );
  for (const { loosen } of tables) await client.query(loosen);
  return unique;
}
