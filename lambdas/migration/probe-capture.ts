import { randomUUID } from 'node:crypto';
import type { DataApi, Row } from '../data-api/data-api.ts';
import { CAPTURE_PREFIX, CAPTURE_VERSION } from './compile/capture.ts';
import { CaptureNotWorkingError } from './errors.ts';
import { refusalOf } from './refusal.ts';

const PROBE_ID = 'videopick-probe-';

/** Ends the probe's transaction: its rows are rolled back with it. */
class ProbeDone extends Error {}

/** By legacy table. `:id` is a key that no row of LinkPick has. */
const PROBE_ROWS: Readonly<Record<string, string>> = {
  users: `insert into public.users (id, email, name, type) values (:id, :id || '@probe.invalid', 'probe', 'INFLUENCER')`,
  profiles: 'insert into public.profiles (id, user_id) values (:id, :id)',
  business_profiles: 'insert into public.business_profiles (id, user_id) values (:id, :id)',
  campaigns: `insert into public.campaigns (id, business_id, title) values (:id, :id, 'probe')`,
  campaign_applications: 'insert into public.campaign_applications (id, campaign_id, influencer_id) values (:id, :id, :id)',
  saved_campaigns: 'insert into public.saved_campaigns (id, user_id, campaign_id) values (:id, :id, :id)',
};

/**
 * Proves that changes of the captured tables, in the order in which they refer to each other, reach the log: by a row in each, in a transaction that is rolled back.
 * @throws {CaptureNotWorkingError}
 */
export async function probeCapture(db: DataApi, tables: readonly string[]): Promise<void> {
  // An id of its own: a probe whose roll-back was lost holds its rows for some minutes.
  const id = `${PROBE_ID}${randomUUID().slice(0, 8)}`;
  const silent = await silentTables(db, tables, (query, insert) => query(insert, { id })).catch((error: unknown) => {
    // A legacy table may have gained a column that must be given: then a row that is there is written as it is. An empty table has nothing to lose yet.
    if (refusalOf(error) === undefined) throw error;
    return silentTables(db, tables, (query, _insert, table) =>
      query(`update public.${table} set id = id where id = (select id from public.${table} limit 1) returning id`),
    );
  });
  if (silent.length > 0) throw new CaptureNotWorkingError(silent, remedyOf(await readCircumstances(db, silent)));
}

/** What may keep enabled triggers from firing, or from seeing a row. */
interface TriggerCircumstances {
  /** Value of `session_replication_role`: `origin`, `local` or `replica`. In a session of the last, triggers do not fire. */
  readonly replicationRole: string;
  /** Where that value comes from: the column `source` of `pg_settings`. */
  readonly source: string;
  /** The statement that takes the value back. Null when no statement set it. */
  readonly reset: string | null;
  /** Triggers on these tables that are not ours, as `table.trigger`. */
  readonly others: string;
}

function remedyOf({ replicationRole, source, reset, others }: TriggerCircumstances): string {
  if (replicationRole === 'replica')
    return (
      `session_replication_role is replica (set by: ${source}), expected origin; ` +
      `${reset === null ? "set it back in the cluster's parameter group" : `run "${reset}"`}, then start the run again`
    );
  return (
    `session_replication_role is ${replicationRole}, as expected; other triggers on them: ${others || 'none'}; see whether one of them answers null, which swallows ` +
    `the probe's row (its id begins with ${PROBE_ID}), and have it let that through; where our functions were changed, run "delete from video_platform.schema_migration where name = '${CAPTURE_VERSION}'", ` +
    'which has the next run install them anew'
  );
}

/** Asked in another session than the probe's: the setting of a role or a database is that of all of them. */
async function readCircumstances(db: DataApi, tables: readonly string[]): Promise<TriggerCircumstances> {
  const [found] = await db.query<TriggerCircumstances & Row>(
    `select setting as "replicationRole", source, case source
         when 'user' then format('alter role %I reset session_replication_role', session_user)
         when 'database' then format('alter database %I reset session_replication_role', current_database())
         when 'database user' then format('alter role %I in database %I reset session_replication_role', session_user, current_database())
         when 'global' then 'alter role all reset session_replication_role'
       end as reset,
       (select coalesce(string_agg(c.relname || '.' || t.tgname, ', ' order by c.relname, t.tgname), '')
        from pg_trigger t join pg_class c on c.oid = t.tgrelid
        where not t.tgisinternal and t.tgname not like '${CAPTURE_PREFIX}\\_%' and c.relnamespace = 'public'::regnamespace
          and c.relname = any (string_to_array(:tables, ','))) as others
     from pg_settings where name = 'session_replication_role'`,
    { tables: tables.join(',') },
  );
  if (found === undefined) throw new Error('pg_settings has no session_replication_role; expected one row');
  return found;
}

type Write = (query: DataApi['query'], insert: string, table: string) => Promise<unknown>;

/** Tables whose probe row left no change, although there was one. */
async function silentTables(db: DataApi, tables: readonly string[], write: Write): Promise<readonly string[]> {
  const silent: string[] = [];
  try {
    await db.transaction(async (query) => {
      for (const table of tables) {
        const insert = PROBE_ROWS[table];
        if (insert === undefined) throw new TypeError(`there is no probe row for the captured table ${table}; expected one in PROBE_ROWS`);
        const before = await changes(query);
        const written = await write(query, insert, table);
        const empty = Array.isArray(written) && written.length === 0 && !(await hasRows(query, table));
        if (!empty && (await changes(query)) <= before) silent.push(table);
      }
      throw new ProbeDone();
    });
  } catch (error) {
    if (!(error instanceof ProbeDone)) throw error;
  }
  return silent;
}

async function hasRows(query: DataApi['query'], table: string): Promise<boolean> {
  return (await query(`select from public.${table} limit 1`)).length > 0;
}

/** Changes recorded in this transaction. */
async function changes(query: DataApi['query']): Promise<number> {
  const [row] = await query<{ count: number }>(
    'select count(*)::int as count from video_platform.change_log where xid = pg_current_xact_id()::xid',
  );
  return row?.count ?? 0;
}
