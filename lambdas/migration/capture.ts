import { randomUUID } from 'node:crypto';
import type { DataApi, Row } from '../data-api/data-api.ts';
import { CAPTURE_PREFIX, type CapturedTable, compileCapture } from './compile/capture.ts';
import { entities } from './entities/index.ts';
import { refusalOf } from './refusal.ts';
import { checksum } from './schema/migration-files.ts';

/** The ledger row of the schema that tells which triggers are installed. */
const VERSION = 'capture triggers';
const PROBE_ID = 'videopick-probe-';

/** The triggers are installed but a probe row's change did not reach the log. Never retried: nothing may be copied without capture. */
export class CaptureNotWorkingError extends Error {
  override readonly name = 'CaptureNotWorkingError';
  constructor(tables: readonly string[], found: TriggerCircumstances) {
    super(
      `changes of ${tables.join(', ')} do not reach video_platform.change_log although the triggers are there and enabled: ${remedyOf(found)}`,
    );
  }
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
    `the probe's row (its id begins with ${PROBE_ID}), and have it let that through; where our functions were changed, run "delete from video_platform.schema_migration where name = '${VERSION}'", ` +
    'which has the next run install them anew'
  );
}

/** Creating a trigger waits for writers; it must not make those behind it wait for long. */
const LOCK_TIMEOUT = `set local lock_timeout = '3s'`;

/**
 * Sees to it that every change of the legacy tables is recorded: installs the triggers that are not there or not of this version, a table at a time, and
 * proves each with a probe row in a transaction that is rolled back. Safe to repeat. @throws {CaptureNotWorkingError}
 */
export async function ensureCapture(db: DataApi): Promise<void> {
  const tables = compileCapture(entities);
  const version = checksum(tables.flatMap(({ install }) => install).join('\n'));
  if ((await installedVersion(db)) !== version || (await countTriggers(db)) !== tables.flatMap(({ triggers }) => triggers).length) {
    for (const table of tables) await install(db, table);
    await db.query(
      `insert into video_platform.schema_migration (name, checksum) values (:name, :version)
       on conflict (name) do update set checksum = excluded.checksum, applied_at = now()`,
      { name: VERSION, version },
    );
  }
  await probe(db);
}

/** Takes every trigger and function off again; what was recorded stays in the log. */
export async function removeCapture(db: DataApi): Promise<void> {
  for (const { remove } of compileCapture(entities)) {
    await db.transaction(async (query) => {
      await query(LOCK_TIMEOUT);
      for (const statement of remove) await query(statement);
    });
  }
  await db.query('delete from video_platform.schema_migration where name = :name', { name: VERSION });
}

async function install(db: DataApi, { install }: CapturedTable): Promise<void> {
  await db.transaction(async (query) => {
    await query(LOCK_TIMEOUT);
    for (const statement of install) await query(statement);
  });
}

async function installedVersion(db: DataApi): Promise<string | undefined> {
  const [row] = await db.query<Row & { checksum: string }>('select checksum from video_platform.schema_migration where name = :name', {
    name: VERSION,
  });
  return row?.checksum;
}

async function countTriggers(db: DataApi): Promise<number> {
  const [row] = await db.query<{ triggers: number }>(
    `select count(*)::int as triggers from pg_trigger t join pg_class c on c.oid = t.tgrelid
     where c.relnamespace = 'public'::regnamespace and t.tgname like '${CAPTURE_PREFIX}\\_%' and t.tgenabled in ('O', 'A')`,
  );
  return row?.triggers ?? 0;
}

/** Ends the probe's transaction: its rows are rolled back with it. */
class ProbeDone extends Error {}

const PROBE_ROWS: readonly (readonly [table: string, insert: string])[] = [
  ['users', `insert into public.users (id, email, name, type) values (:id, :id || '@probe.invalid', 'probe', 'INFLUENCER')`],
  ['profiles', 'insert into public.profiles (id, user_id) values (:id, :id)'],
  ['business_profiles', 'insert into public.business_profiles (id, user_id) values (:id, :id)'],
  ['campaigns', `insert into public.campaigns (id, business_id, title) values (:id, :id, 'probe')`],
  ['campaign_applications', 'insert into public.campaign_applications (id, campaign_id, influencer_id) values (:id, :id, :id)'],
  ['saved_campaigns', 'insert into public.saved_campaigns (id, user_id, campaign_id) values (:id, :id, :id)'],
];

async function probe(db: DataApi): Promise<void> {
  // An id of its own: a probe whose roll-back was lost holds its rows for some minutes.
  const id = `${PROBE_ID}${randomUUID().slice(0, 8)}`;
  const silent = await silentTables(db, (query, insert) => query(insert, { id })).catch((error: unknown) => {
    // A legacy table may have gained a column that must be given: then a row that is there is written as it is. An empty table has nothing to lose yet.
    if (refusalOf(error) === undefined) throw error;
    return silentTables(db, (query, _insert, table) =>
      query(`update public.${table} set id = id where id = (select id from public.${table} limit 1) returning id`),
    );
  });
  if (silent.length > 0) throw new CaptureNotWorkingError(silent, await readCircumstances(db, silent));
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
async function silentTables(db: DataApi, write: Write): Promise<readonly string[]> {
  const silent: string[] = [];
  try {
    await db.transaction(async (query) => {
      for (const [table, insert] of PROBE_ROWS) {
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
