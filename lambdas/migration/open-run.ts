import { z } from 'zod';
import type { DataApi, Row } from '../data-api/data-api.ts';
import type { IsExecutionRunning } from '../execution-status.ts';
import { ensureCapture } from './capture.ts';
import { compileNextKey } from './compile/copy.ts';
import { legacyRows } from './compile/projection.ts';
import type { Entity } from './entities/entity.ts';
import { entities, entityNamed } from './entities/index.ts';
import { RunClosedError, RunInProgressError, SchemaNotReadyError } from './errors.ts';
import { type Pause, recordPause } from './pause.ts';
import { seoulDate } from './run-date.ts';
import { MAX_DAILY_LIMIT, type Settings } from './settings.ts';

/** `request` is the execution's own input: empty from the schedule, `{"runDate": "2026-11-23"}` by hand. */
export const OpenRunInput = z.object({
  executionArn: z.string().startsWith('arn:'),
  request: z.strictObject({
    /** The day whose quota is used. Default: today in Asia/Seoul. */
    runDate: z.iso.date({ error: 'expected a date like 2026-11-23' }).optional(),
    /** Overrides the configured rows a day, for this date. */
    dailyLimit: z.number().int().min(1).max(MAX_DAILY_LIMIT).optional(),
    /** Derives anew what verification finds to differ, then verifies again. */
    repair: z.boolean().default(false),
  }),
});
export type OpenRunInput = z.input<typeof OpenRunInput>;

export interface OpenRunOutput {
  readonly runId: string;
  readonly runDate: string;
  /** What is to be copied, in order. */
  readonly entities: readonly string[];
  /** Rows left of the day's quota. */
  readonly remaining: number;
  /** Whether there is anything to copy now: rows, quota, and no reason to stop. */
  readonly continue: boolean;
  readonly pause: Pause | null;
  readonly repair: boolean;
}

export interface OpenRunDependencies {
  readonly db: DataApi;
  readonly isRunning: IsExecutionRunning;
  readonly settings: Settings;
  readonly now: () => Date;
}

/**
 * Takes the lease and sets the run up: capture of legacy changes, quota of the day, cursors, and what projections look up. A repeated call finds
 * the run it opened. @throws {RunInProgressError} while another execution is at work; a run whose execution has ended is taken over
 * @throws {SchemaNotReadyError} when LinkPick had not been loaded at the deploy @throws {CaptureNotWorkingError}
 */
export async function openRun({ executionArn, request }: OpenRunInput, dependencies: OpenRunDependencies): Promise<OpenRunOutput> {
  const { db, settings, now } = dependencies;
  const runDate = request.runDate ?? seoulDate(now());
  await requireViews(db);
  await releaseDeadRun(executionArn, dependencies);
  const runId = await insertRun(db, executionArn, runDate);
  const remaining = await openQuota(db, runDate, request.dailyLimit ?? settings.dailyLimit);
  await ensureCapture(db);
  for (const { lookup } of entities) if (lookup !== undefined) await db.query(lookup.refresh);
  const toCopy = await openCursors(db, settings);
  const pause = await stopReason(db, settings, now);
  if (pause !== null) await recordPause(db, runId, pause);
  return {
    runId,
    runDate,
    entities: toCopy,
    remaining,
    pause,
    repair: request.repair ?? false,
    continue: pause === null && toCopy.length > 0 && remaining > 0,
  };
}

/** Why nothing is to be copied although there may be rows: switched off in the settings, or asked to stop. */
async function stopReason(db: DataApi, { enabled }: Settings, now: () => Date): Promise<Pause | null> {
  if (!enabled) return { reason: 'DISABLED: the setting "enabled" is off', value: 'false', threshold: 'true', since: now().toISOString() };
  const [control] = await db.query<{ request: string; reason: string | null; since: string }>(
    `select request, reason, to_char(since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as since from video_platform.migration_control`,
  );
  if (control === undefined || control.request === 'run') return null;
  return { reason: `REQUESTED: ${control.reason ?? control.request}`, value: control.request, threshold: 'run', since: control.since };
}

async function requireViews(db: DataApi): Promise<void> {
  const [found] = await db.query<{ ready: boolean }>(`select to_regclass('video_platform.migration_dashboard') is not null as ready`);
  if (found?.ready !== true) throw new SchemaNotReadyError();
}

interface RunRow extends Row {
  readonly id: string;
  readonly execution_arn: string;
}

async function runningRun(db: DataApi): Promise<RunRow | undefined> {
  const [run] = await db.query<RunRow>(`select id, execution_arn from video_platform.migration_run where status = 'running'`);
  return run;
}

async function releaseDeadRun(executionArn: string, { db, isRunning }: OpenRunDependencies): Promise<void> {
  const run = await runningRun(db);
  if (run === undefined || run.execution_arn === executionArn) return;
  if (await isRunning(run.execution_arn)) throw new RunInProgressError(run.id, run.execution_arn);
  // From here on the dead run's statements find no lease: a step of it that is still alive stops at its next batch.
  await db.query(
    `update video_platform.migration_run set status = 'abandoned', finished_at = now(), reason = :reason
     where id = :id::uuid and status = 'running'`,
    { id: run.id, reason: 'its execution ended without closing the run' },
  );
}

/** At most one row is 'running' (a unique index), so of two that open at once one inserts nothing. */
async function insertRun(db: DataApi, executionArn: string, runDate: string): Promise<string> {
  await db.query(
    `insert into video_platform.migration_run (execution_arn, run_date) values (:executionArn, :runDate::date) on conflict do nothing`,
    { executionArn, runDate },
  );
  const run = await runningRun(db);
  if (run?.execution_arn === executionArn) return run.id;
  if (run === undefined) throw new RunClosedError(executionArn);
  throw new RunInProgressError(run.id, run.execution_arn);
}

async function openQuota(db: DataApi, runDate: string, dailyLimit: number): Promise<number> {
  const [quota] = await db.query<{ remaining: number }>(
    `insert into video_platform.migration_quota as q (run_date, daily_limit) values (:runDate::date, :dailyLimit)
     on conflict (run_date) do update set daily_limit = excluded.daily_limit
     returning greatest(q.daily_limit - q.completed, 0)::int as remaining`,
    { runDate, dailyLimit },
  );
  return quota?.remaining ?? 0;
}

/** Below this an entity is copied in one range: opening more costs more than they save. */
const ROWS_PER_RANGE = 50_000;

/**
 * Names the entities with rows to copy or to try again, in order. Cursors start over when rows have appeared behind them: legacy ids are only roughly in
 * order of time. An entity that is switched off waits.
 */
async function openCursors(db: DataApi, settings: Settings): Promise<readonly string[]> {
  const open = await db.query<{ entity_type: string; pending: number; failed: number; ranges: number; open: boolean }>(
    `select d.entity_type, d.pending::int as pending, d.failed::int as failed,
       (select count(*) from video_platform.migration_cursor c where c.entity_type = d.entity_type)::int as ranges,
       exists (select from video_platform.migration_cursor c where c.entity_type = d.entity_type and not c.exhausted) as open
     from video_platform.migration_dashboard d`,
  );
  for (const { entity_type, pending, ranges, open: isOpen } of open) {
    if (ranges === 0 || (pending > 0 && !(isOpen && (await hasRowsAhead(db, entityNamed(entity_type))))))
      await cutRanges(db, entityNamed(entity_type), pending, settings.parallelRanges);
  }
  const toCopy = new Set(open.filter(({ pending, failed }) => pending + failed > 0).map(({ entity_type }) => entity_type));
  return entities.map(({ name }) => name).filter((name) => toCopy.has(name) && settings.entities[name]?.enabled !== false);
}

/** Whether a pending row lies after an open cursor: a quota that ends on the last row leaves cursors open with nothing ahead. */
async function hasRowsAhead(db: DataApi, entity: Entity): Promise<boolean> {
  const ranges = await db.query<{ range_no: number }>(
    'select range_no from video_platform.migration_cursor where entity_type = :entity and not exhausted',
    { entity: entity.name },
  );
  for (const { range_no: range } of ranges)
    if ((await db.query(compileNextKey(entity, { bounded: false }), { range })).length > 0) return true;
  return false;
}

/** Cuts the entity's keys into ranges of about equal size; the last one is open at its end, for rows to come. */
async function cutRanges(db: DataApi, entity: Entity, pending: number, parallelRanges: number): Promise<void> {
  const ranges = Math.max(1, Math.min(parallelRanges, Math.floor(pending / ROWS_PER_RANGE)));
  const fractions = Array.from({ length: ranges - 1 }, (_, index) => (index + 1) / ranges);
  const { from, conditions } = legacyRows(entity);
  await db.transaction(async (query) => {
    await query('delete from video_platform.migration_cursor where entity_type = :entity', { entity: entity.name });
    await query(
      `insert into video_platform.migration_cursor (entity_type, range_no, last_key, upto_key)
       select :entity, position - 1, coalesce(lag(key) over (order by position), ''), key
       from (
         select key, row_number() over (order by key nulls last) as position
         from (
           select unnest(percentile_disc(array[${fractions.join(', ')}]::float8[]) within group (order by l.${entity.legacy.key})) as key
           from ${from}${conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`}
           union all select null
         ) ends
       ) numbered`,
      { entity: entity.name },
    );
  });
}
