import { z } from 'zod';
import type { DataApi, Row } from '../data-api/data-api.ts';
import type { IsExecutionRunning } from '../execution-status.ts';
import { ensureCapture } from './capture.ts';
import { entities } from './entities/index.ts';
import { RunClosedError, RunInProgressError, SchemaNotReadyError } from './errors.ts';
import { openCursors } from './open-cursors.ts';
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
