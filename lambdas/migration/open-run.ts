import { z } from 'zod';
import type { DataApi, Row } from '../data-api/data-api.ts';
import type { IsExecutionRunning } from '../execution-status.ts';
import { ensureCapture } from './capture.ts';
import { compileSetEmptyKeysAside } from './compile/empty-keys.ts';
import { entities } from './entities/index.ts';
import { RunClosedError, RunInProgressError, SchemaNotReadyError } from './errors.ts';
import { openCursors } from './open-cursors.ts';
import { type Pause, recordPause } from './pause.ts';
import { readInflow } from './read-inflow.ts';
import { refreshLookups } from './refresh-lookups.ts';
import { RELEASE_CANCEL } from './release-cancel.ts';
import { seoulDate } from './run-date.ts';
import { MAX_DAILY_LIMIT, type Settings } from './settings.ts';
import { stopReason } from './stop-reason.ts';

/** `request` is the execution's own input: empty from the schedule, `{"runDate": "2026-11-23"}` by hand. */
export const OpenRunInput = z.object({
  executionArn: z.string().startsWith('arn:'),
  request: z.strictObject({
    /** The day whose quota is used. Default: today in Asia/Seoul. */
    runDate: z.iso.date({ error: 'expected a date like 2026-11-23' }).optional(),
    /** Overrides the configured rows a day, for this date: until another is given by hand. */
    dailyLimit: z.number().int().min(1).max(MAX_DAILY_LIMIT).optional(),
    /** Derives anew what verification finds to differ, then verifies again. */
    repair: z.boolean().default(false),
    /** Has verification compare the values of every row, also of those that cannot have changed since they were compared. */
    recompute: z.boolean().default(false),
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
  readonly recompute: boolean;
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
  await requireViews(db);
  await releaseDeadRun(executionArn, dependencies);
  await db.query(RELEASE_CANCEL, { executionArn }); // one for a run that has closed or died is for no run that is to come
  const { id: runId, run_date: runDate } = await insertRun(db, executionArn, request.runDate ?? seoulDate(now()));
  const remaining = await openQuota(db, runDate, request.dailyLimit, settings.dailyLimit);
  await ensureCapture(db);
  await refreshLookups(db);
  await db.query(compileSetEmptyKeysAside(entities), { run: runId });
  const toCopy = await openCursors(db, settings);
  await recordInflow(db, runId);
  const pause = await stopReason(db, settings, now);
  if (pause !== null) await recordPause(db, runId, pause);
  return {
    runId,
    runDate,
    entities: toCopy,
    remaining,
    pause,
    repair: request.repair ?? false,
    recompute: request.recompute ?? false,
    continue: pause === null && toCopy.length > 0 && remaining > 0,
  };
}

/** Notes how much comes in, for the question whether it outruns the limit. A run goes on without the answer when it takes too long. */
async function recordInflow(db: DataApi, runId: string): Promise<void> {
  const rowsPerDay = await readInflow(db);
  if (rowsPerDay === null) return;
  await db.query('update video_platform.migration_run set inflow_per_day = :rowsPerDay where id = :id::uuid', {
    id: runId,
    rowsPerDay: Math.round(rowsPerDay),
  });
}

async function requireViews(db: DataApi): Promise<void> {
  const [found] = await db.query<{ ready: boolean }>(`select to_regclass('video_platform.migration_dashboard') is not null as ready`);
  if (found?.ready !== true) throw new SchemaNotReadyError();
}

interface RunRow extends Row {
  readonly id: string;
  readonly execution_arn: string;
  readonly run_date: string;
}

async function runningRun(db: DataApi): Promise<RunRow | undefined> {
  const [run] = await db.query<RunRow>(
    `select id, execution_arn, to_char(run_date, 'YYYY-MM-DD') as run_date from video_platform.migration_run where status = 'running'`,
  );
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

/**
 * At most one row is 'running' (a unique index), so of two that open at once one inserts nothing. The date is that of the run's row: an attempt after midnight goes on with
 * the day that the first one began.
 */
async function insertRun(db: DataApi, executionArn: string, runDate: string): Promise<RunRow> {
  await db.query(
    `insert into video_platform.migration_run (execution_arn, run_date) values (:executionArn, :runDate::date) on conflict do nothing`,
    { executionArn, runDate },
  );
  const run = await runningRun(db);
  if (run?.execution_arn === executionArn) return run;
  if (run === undefined) throw new RunClosedError(executionArn);
  throw new RunInProgressError(run.id, run.execution_arn);
}

/** What a person gave for the date stays until a person gives another: a run of the schedule brings the settings' limit only where nobody did. */
async function openQuota(db: DataApi, runDate: string, byHand: number | undefined, configured: number): Promise<number> {
  const [quota] = await db.query<{ remaining: number }>(
    `insert into video_platform.migration_quota as q (run_date, daily_limit, by_hand) values (:runDate::date, :dailyLimit, :byHand)
     on conflict (run_date) do update set by_hand = q.by_hand or excluded.by_hand,
       daily_limit = case when q.by_hand and not excluded.by_hand then q.daily_limit else excluded.daily_limit end
     returning greatest(q.daily_limit - q.completed, 0)::int as remaining`,
    { runDate, dailyLimit: byHand ?? configured, byHand: byHand !== undefined },
  );
  return quota?.remaining ?? 0;
}
