import type pg from 'pg';
import { legacyTables } from '../../database/legacy/sample/columns.ts';

/** Rows of one table that refer to what is not there. */
export interface Orphans {
  readonly table: string;
  readonly columns: string;
  readonly references: string;
  readonly rows: number;
  /** The first few, by id. */
  readonly firstIds: readonly string[];
}

const LISTED_IDS = 3;

/** The orphans under LinkPick's foreign keys. Asks those keys alone that are NOT VALID: the others have none. */
export async function readOrphans(client: pg.ClientBase): Promise<Orphans[]> {
  const { rows: keys } = await client.query<{ table: string; columns: string; references: string; orphans: string }>(
    `select child.relname as table, k.columns, parent.relname as references,
       format('select l.id from %s l where %s and not exists (select from %s r where %s)', c.conrelid::regclass, k.set, c.confrelid::regclass, k.met) as orphans
     from pg_catalog.pg_constraint c
     join pg_catalog.pg_class child on child.oid = c.conrelid
     join pg_catalog.pg_class parent on parent.oid = c.confrelid
     cross join lateral (
       select string_agg(own.attname, ', ' order by position) as columns, string_agg(format('l.%I is not null', own.attname), ' and ') as set,
         string_agg(format('r.%I = l.%I', other.attname, own.attname), ' and ') as met
       from unnest(c.conkey, c.confkey) with ordinality pair(own_number, other_number, position)
       join pg_catalog.pg_attribute own on own.attrelid = c.conrelid and own.attnum = own_number
       join pg_catalog.pg_attribute other on other.attrelid = c.confrelid and other.attnum = other_number
     ) k
     where c.contype = 'f' and not c.convalidated and c.conrelid = any (select to_regclass(format('public.%I', name)) from unnest($1::text[]) name)
     order by array_position($1::text[], child.relname::text), c.conname`,
    [legacyTables],
  );
  const found: Orphans[] = [];
  for (const { orphans, ...key } of keys) {
    const { rows } = await client.query<{ rows: number; firstIds: string[] | null }>(
      `with orphans as materialized (${orphans})
       select count(*)::float8 as rows, (select array_agg(id) from (select id from orphans order by id limit ${LISTED_IDS}) first) as "firstIds" from orphans`,
    );
    const [{ rows: count = 0, firstIds } = {}] = rows;
    if (count > 0) found.push({ ...key, rows: count, firstIds: firstIds ?? [] });
  }
  return found;
}
