import type pg from 'pg';
import { legacyTables } from '../../database/legacy/sample/columns.ts';
import { attempt } from './attempt.ts';

const FOREIGN_KEY_VIOLATION = '23503';
const UNIQUE_VIOLATION = '23505';

/**
 * Takes constraints of one kind away from those LinkPick tables that are there while rows come in, in any order, and gives the statements that bring them back: one
 * check of all rows at the end is also far cheaper than one a row.
 */
export async function dropConstraints(client: pg.ClientBase, kind: 'foreign key' | 'unique'): Promise<string[]> {
  const { rows } = await client.query<{ drop: string; add: string }>(
    `select format('alter table %s drop constraint %I', conrelid::regclass, conname) as drop,
            format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) as add
     from pg_catalog.pg_constraint
     where contype = $2 and conrelid = any (select to_regclass(format('public.%I', name)) from unnest($1::text[]) name)`,
    [legacyTables, kind === 'unique' ? 'u' : 'f'],
  );
  for (const { drop } of rows) await client.query(drop);
  return rows.map(({ add }) => add);
}

/**
 * Runs an `alter table … add constraint … foreign key …` within a transaction. Rows that it does not allow stay: the key is then NOT VALID, which binds
 * new rows alone, and the migration sets each orphan aside with its reason. Rule: docs/decisions/0020-legacy-dumps.md
 */
export async function addForeignKey(client: pg.ClientBase, sql: string): Promise<void> {
  if (!(await attempt(client, sql, ({ code }) => code === FOREIGN_KEY_VIOLATION))) await client.query(`${sql} not valid`);
}

/** Runs an `alter table … add constraint … unique …` within a transaction, and leaves it out where some rows do not meet it. */
export async function addUnique(client: pg.ClientBase, sql: string): Promise<void> {
  await attempt(client, sql, ({ code }) => code === UNIQUE_VIOLATION);
}

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
