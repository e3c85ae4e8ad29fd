import { legacyTables } from '../../database/legacy/sample/columns.ts';
import type { TestDatabase } from './database.ts';

/** When a row was written, not what it says: two runs that come to the same differ in these. */
const WRITTEN_AT: Readonly<Record<string, readonly string[]>> = {
  migration_run: ['started_at'],
  migration_run_entity: ['started_at', 'updated_at'],
  // A batch that used the quota up has not seen whether rows are left; one that came again with more room has.
  migration_cursor: ['updated_at', 'exhausted', 'seen'],
  migration_status: ['migrated_at', 'source_version'],
  migration_batch: ['batch_key', 'created_at'],
  migration_control: ['since'],
  change_log: ['changed_at', 'xid'],
  change_queue: ['id', 'changed_at', 'xid'],
  verification_run: ['started_at'],
  video_upload: ['created_at', 'updated_at'],
  schema_migration: ['applied_at'],
};

/** How rows were cut into batches is in `migration_batch` already; the rest of it are transactions. */
const NOT_COMPARED = ['migration_cursor_move'];

/**
 * Every row of every table of `video_platform`, by table, as text in a fixed order. Ids of runs read `RUN1`, `RUN2`… in the order the runs
 * were opened; the times of writing are left out, and an end that is a time reads `true`.
 */
export async function contentOf(database: Pick<TestDatabase, 'query'>): Promise<Readonly<Record<string, readonly string[]>>> {
  const tables = await database.query<{ tablename: string }>(
    `select tablename from pg_tables where schemaname = 'video_platform' order by tablename`,
  );
  const runs = await database.query<{ id: string }>(`select id from video_platform.migration_run order by started_at`);
  const content: Record<string, string[]> = {};
  for (const { tablename } of tables.filter((table) => !NOT_COMPARED.includes(table.tablename))) {
    const rows = await database.query<{ row: string }>(
      `select (to_jsonb(t) - $1::text[] #- '{metadata,firstAt}'
         || case when to_jsonb(t) ? 'finished_at' then jsonb_build_object('finished_at', to_jsonb(t) ->> 'finished_at' is not null) else '{}' end
       )::text as row from video_platform.${tablename} t`,
      [WRITTEN_AT[tablename] ?? []],
    );
    content[tablename] = rows.map(({ row }) => runs.reduce((text, { id }, index) => text.replaceAll(id, `RUN${index + 1}`), row)).sort();
  }
  return content;
}

/** Empties all tables of `video_platform` but the ledger of applied files; nobody asks runs to stop. */
export async function emptyVideoPlatform(database: Pick<TestDatabase, 'query'>): Promise<void> {
  const tables = await database.query<{ tablename: string }>(
    `select tablename from pg_tables where schemaname = 'video_platform' and tablename not in ('schema_migration', 'migration_control')`,
  );
  await database.query(`update video_platform.migration_control set request = 'run', reason = null`);
  await database.query(`truncate ${tables.map(({ tablename }) => `video_platform.${tablename}`).join(', ')} cascade`);
}

/** Empties LinkPick's tables; each by its name, as not every LinkPick has the references by which one takes the others along. */
export async function emptyLegacy(database: Pick<TestDatabase, 'query'>): Promise<void> {
  await database.query(`truncate ${legacyTables.map((table) => `public.${table}`).join(', ')} cascade`);
}
