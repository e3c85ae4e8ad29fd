import { z } from 'zod';
import type { DataApi, Row } from '../data-api/data-api.ts';
import type { IsExecutionRunning } from '../execution-status.ts';
import { entities } from './entities/index.ts';
import { RunInProgressError, SchemaNotReadyError } from './errors.ts';
import { seoulDate } from './run-date.ts';

/** `request` is the execution's own input: empty from the schedule, `{"runDate": "2026-11-23"}` by hand. */
export const OpenRunInput = z.object({
  executionArn: z.string().startsWith('arn:'),
  request: z.strictObject({
    /** The day whose quota is used. Default: today in Asia/Seoul. */
    runDate: z.iso.date({ error: 'expected a date like 2026-11-23' }).optional(),
    /** Overrides the configured rows a day, for this date. */
    dailyLimit: z.number().int().min(1).optional(),
  }),
});
export type OpenRunInput = z.output<typeof OpenRunInput>;

export interface OpenRunOutput {
  readonly runId: string;
  readonly runDate: string;
  /** What is to be copied, in order. */
  readonly entities: readonly string[];
  /** Rows left of the day's quota. */
  readonly remaining: number;
  /** Whether there is anything to copy now: rows and quota. */
  readonly continue: boolean;
}

export interface OpenRunDependencies {
  readonly db: DataApi;
  readonly isRunning: IsExecutionRunning;
  readonly dailyLimit: number;
  readonly now: () => Date;
}

/**
 * Takes the lease and sets the run up: quota of the day, cursors, and what projections look up. A repeated call finds the run it opened.
 * @throws {RunInProgressError} while another execution is at work; a run whose execution has ended is taken over
 * @throws {SchemaNotReadyError} when LinkPick had not been loaded at the deploy
 */
export async function openRun({ executionArn, request }: OpenRunInput, dependencies: OpenRunDependencies): Promise<OpenRunOutput> {
  const { db, now } = dependencies;
  const runDate = request.runDate ?? seoulDate(now());
  await requireViews(db);
  await releaseDeadRun(executionArn, dependencies);
  const runId = await insertRun(db, executionArn, runDate);
  const remaining = await openQuota(db, runDate, request.dailyLimit ?? dependencies.dailyLimit);
  for (const { prepare } of entities) if (prepare !== undefined) await db.query(prepare);
  const toCopy = await openCursors(db);
  return { runId, runDate, entities: toCopy, remaining, continue: toCopy.length > 0 && remaining > 0 };
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
  throw new RunInProgressError(run?.id ?? 'unknown', run?.execution_arn ?? executionArn);
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

/**
 * Names the entities with pending rows. A cursor that had reached the end starts over when rows have appeared behind it: legacy ids are
 * only roughly in order of time.
 */
async function openCursors(db: DataApi): Promise<readonly string[]> {
  await db.query(
    `insert into video_platform.migration_cursor (entity_type)
     select entity_type from video_platform.migration_dashboard on conflict (entity_type) do nothing`,
  );
  await db.query(
    `update video_platform.migration_cursor c set last_key = '', exhausted = false, updated_at = now()
     from video_platform.migration_dashboard d where d.entity_type = c.entity_type and c.exhausted and d.pending > 0`,
  );
  const rows = await db.query<{ entity_type: string }>(`select entity_type from video_platform.migration_dashboard where pending > 0`);
  const pending = new Set(rows.map(({ entity_type }) => entity_type));
  return entities.map(({ name }) => name).filter((name) => pending.has(name));
}
