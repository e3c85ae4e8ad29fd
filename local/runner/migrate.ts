import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import type { CloseRunOutput } from '../../lambdas/migration/close-run.ts';
import { seoulDate } from '../../lambdas/migration/run-date.ts';
import type { RunReport } from '../../lambdas/migration/run-report.ts';
import type { Cloud } from '../cloud/start-cloud.ts';
import { UserError } from '../errors.ts';
import { count, duration, type Progress } from './progress.ts';

const POLL_MS = 500;

export interface MigrateOptions {
  readonly cloud: Pick<Cloud, 'stepFunctions' | 'stateMachines'>;
  readonly database: pg.ClientBase;
  readonly dailyLimit: number | undefined;
  /** Whether somebody is there to resume what was paused on the page: then a pause is waited out. */
  readonly attended: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * Runs daily-migration once a simulated day until no row is pending. @throws {UserError} when a run fails, pauses by itself or unattended, or nothing moves
 * any more
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const { database, progress, attended, signal } = options;
  for (let runDate = await firstRunDate(database); ; ) {
    const report = await runDay(runDate, options);
    const pending = report.entities.reduce((total, entity) => total + entity.pending, 0);
    progress.line(`  ${runDate}: ${count(report.completed)} copied, ${count(report.quarantined)} quarantined, ${count(pending)} pending`);
    const { pause } = report;
    if (pause != null && attended && pause.reason.startsWith('REQUESTED')) {
      progress.line(`  paused since ${pause.since} (${pause.reason}); resume it on the page`);
      await untilResumed(database, signal);
      continue;
    }
    if (pause != null) {
      throw new UserError(
        `the migration pauses since ${pause.since}: ${pause.reason} is ${pause.value}, the threshold ${pause.threshold}; see the page of npm start without --once, and docs/runbook.md`,
      );
    }
    if (pending === 0) return;
    if (report.quota.remaining === 0) runDate = nextDay(runDate);
    else if (report.completed + report.quarantined === 0) {
      throw new UserError(
        `${pending} rows are pending although ${runDate} had quota for ${report.quota.remaining}; look at the page and at run ${report.runId}`,
      );
    }
  }
}

/** A person's request is a row, and nothing tells of it but the row. */
async function untilResumed(database: pg.ClientBase, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { rows } = await database.query<{ request: string }>('select request from video_platform.migration_control');
    if (rows[0]?.request === 'run') return;
    await setTimeout(POLL_MS, undefined, { signal });
  }
}

/** Today in Seoul, or the day a kept database has come to. */
async function firstRunDate(database: pg.ClientBase): Promise<string> {
  const { rows } = await database.query<{ latest: string | null }>(
    `select to_char(max(run_date), 'YYYY-MM-DD') as latest from video_platform.migration_run`,
  );
  const today = seoulDate(new Date());
  // Dates written as 2026-11-23 sort as text.
  return [rows[0]?.latest ?? today, today].sort().at(-1) ?? today;
}

function nextDay(date: string): string {
  return new Date(Date.parse(date) + 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
}

async function runDay(runDate: string, { cloud, database, dailyLimit, progress, signal }: MigrateOptions): Promise<RunReport> {
  const { executionArn } = cloud.stepFunctions.startExecution({
    stateMachineArn: cloud.stateMachines['daily-migration'] ?? '',
    input: { runDate, ...(dailyLimit === undefined ? {} : { dailyLimit }) },
  });
  const watch = new Watch(database, progress);
  const timer = setInterval(() => watch.look(), POLL_MS);
  try {
    const { status, output, error, cause } = await cloud.stepFunctions.waitForExecution(executionArn, signal);
    const { report } = status === 'SUCCEEDED' ? (JSON.parse(output ?? '{}') as CloseRunOutput) : { report: null };
    if (report === null)
      throw new UserError(
        `the daily migration of ${runDate} ended ${status}: ${error}: ${sayCause(cause)}; see the page and docs/runbook.md`,
      );
    return report;
  } finally {
    clearInterval(timer);
    await watch.finish();
  }
}

/** The first line of what a step threw. A Lambda's cause is JSON with a stack trace, and lines behind the first may hold a row's values. */
export function sayCause(cause = 'no cause is known'): string {
  let message = cause;
  try {
    const thrown: unknown = JSON.parse(cause);
    if (thrown !== null && typeof thrown === 'object' && 'errorMessage' in thrown) message = String(thrown.errorMessage);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error; // what is no JSON says it itself
  }
  return message.split('\n')[0] ?? '';
}

interface Moving {
  readonly entity_type: string;
  readonly done: number;
  readonly moved: number;
  readonly seconds: number;
  readonly total: number;
}

/** Shows the entity that moves: rows, rate, and the time left at that rate. One look at a time. */
class Watch {
  readonly #database: pg.ClientBase;
  readonly #progress: Progress;
  #looking: Promise<void> | undefined;

  constructor(database: pg.ClientBase, progress: Progress) {
    this.#database = database;
    this.#progress = progress;
  }

  look(): void {
    // A look that fails shows nothing; what is wrong with the database is told by the run.
    this.#looking ??= this.#look()
      .catch(() => {})
      .finally(() => {
        this.#looking = undefined;
      });
  }

  async finish(): Promise<void> {
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { rows } = await this.#database.query<Moving>(
      `select e.entity_type, (d.completed + d.failed)::int as done, d.total::int as total, (e.completed + e.quarantined)::int as moved,
         extract(epoch from e.updated_at - e.started_at)::float8 as seconds
       from video_platform.migration_run_entity e
       join video_platform.migration_run r on r.id = e.run_id and r.status = 'running'
       join video_platform.migration_dashboard d on d.entity_type = e.entity_type
       order by e.started_at desc limit 1`,
    );
    const [moving] = rows;
    if (moving === undefined) return;
    const { entity_type, done, total, moved, seconds } = moving;
    const rate = seconds > 0 ? moved / seconds : 0; // of this run alone: others took their own time
    const left = rate > 0 ? `, ${count(Math.round(rate))} rows/s, ${duration(((total - done) / rate) * 1000)} left` : '';
    this.#progress.update(`  ${entity_type}: ${count(done)} of ${count(total)}${left}`);
  }
}
