import { randomUUID } from 'node:crypto';
import type { DataApi } from '../../lambdas/data-api/data-api.ts';
import type { CopyEntityDependencies, CopyEntityOutput } from '../../lambdas/migration/copy-entity.ts';
import type { OpenRunOutput } from '../../lambdas/migration/open-run.ts';
import { Settings } from '../../lambdas/migration/settings.ts';
import { type DailySteps, dailySteps, NOW, timeLeftMs } from './daily-steps.ts';

// Tests that play runs want a database and a clock too, and take all from here.
export { NOW, timeLeftMs } from './daily-steps.ts';
export { createMigrationDatabase, linkpickSql, type MigrationDatabase, migrationsFolder } from './migration-database.ts';

export interface RunOptions {
  readonly runDate?: string;
  readonly dailyLimit?: number;
  readonly batchRows?: number;
  readonly settings?: Partial<Settings>;
}

/** Settings as a document would give them; without budgets, since tests break rows on purpose. */
export function testSettings({ dailyLimit = 1_000_000, batchRows = 100, settings = {} }: RunOptions = {}): Settings {
  return Settings.parse({ dailyLimit, batchRows, maxBatchRows: batchRows, budgets: {}, ...settings });
}

/** What copyEntity is given. */
export function copying(db: DataApi, options: RunOptions = {}): CopyEntityDependencies {
  return { db, settings: testSettings(options), timeLeftMs, now: NOW, newBatchKey: randomUUID };
}

function steps(db: DataApi, options: RunOptions): DailySteps {
  return dailySteps({ db, settings: testSettings(options) });
}

/** Opens a run as a new execution; the one before must have been closed. */
export function open(db: DataApi, options: RunOptions = {}): Promise<OpenRunOutput> {
  const executionArn = `arn:aws:states:ap-northeast-2:123456789012:execution:daily-migration:${randomUUID()}`;
  const { runDate = '2026-11-23' } = options;
  return steps(db, options).OpenRun({ executionArn, request: { runDate } });
}

/** Copies all that quota and rows allow, in a run that is open. */
export async function copyAll(db: DataApi, opened: OpenRunOutput, options: RunOptions = {}): Promise<void> {
  let state: OpenRunOutput | CopyEntityOutput = opened;
  while (state.continue) state = await steps(db, options).CopyEntity(state);
}

/** Open, catch up, copy all that quota and rows allow, catch up, verify: the state machine's way in short, and the run stays open. Gives the run's id. */
export async function migrate(db: DataApi, options: RunOptions = {}): Promise<string> {
  const opened = await open(db, options);
  const { CatchUp, VerifyEntity } = steps(db, options);
  const { runId, runDate } = opened;
  await CatchUp({ runId });
  await copyAll(db, opened, options);
  await CatchUp({ runId });
  await VerifyEntity({ runId, runDate });
  return runId;
}
