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
