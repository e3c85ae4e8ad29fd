import { randomUUID } from 'node:crypto';
import type { DataApi } from '../../lambdas/data-api/data-api.ts';
import type { CopyEntityDependencies } from '../../lambdas/migration/copy-entity.ts';
import type { OpenRunOutput } from '../../lambdas/migration/open-run.ts';
import { Settings } from '../../lambdas/migration/settings.ts';
import type { VerifyEntityOutput } from '../../lambdas/migration/verify-entity.ts';
import { type DailySteps, dailySteps, NOW, timeLeftMs } from './daily-steps.ts';
import { type WalkOptions, walkDaily } from './daily-walk.ts';

// Tests that play runs want their clock too, and take both from here.
export { NOW, timeLeftMs } from './daily-steps.ts';

export interface RunOptions {
  /** @default that of a new execution */
  readonly executionArn?: string;
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

interface Execution {
  readonly executionArn: string;
  /** Answers by the steps, without another attempt. */
  readonly invoke: WalkOptions['invoke'];
  readonly steps: DailySteps;
}

function execution(db: DataApi, { executionArn = dailyArn(randomUUID()), ...options }: RunOptions): Execution {
  const steps = dailySteps({ db, settings: testSettings(options) });
  return { executionArn, steps, invoke: ({ step, payload }) => steps[step](payload) };
}

/** The ARN of an execution of daily-migration. */
export function dailyArn(name: string): string {
  return `arn:aws:states:ap-northeast-2:123456789012:execution:daily-migration:${name}`;
}

/** Opens a run as a new execution; the one before must have been closed. */
export function open(db: DataApi, options: RunOptions = {}): Promise<OpenRunOutput> {
  const { executionArn, steps } = execution(db, options);
  const { runDate = '2026-11-23' } = options;
  return steps.OpenRun({ executionArn, request: { runDate } });
}

/** Copies all that quota and rows allow, in a run that is open. */
export async function copyAll(db: DataApi, opened: OpenRunOutput, options: RunOptions = {}): Promise<void> {
  await walkDaily(opened, { ...execution(db, options), from: 'Rows to copy?', until: 'Catch up before verifying' });
}

/** The state machine's whole way but for closing the run, which stays open. Gives the run's id. Rejects with the error of the step that failed, the run being closed. */
export async function migrate(db: DataApi, options: RunOptions = {}): Promise<string> {
  const { runDate = '2026-11-23' } = options;
  const { runId } = (await walkDaily({ runDate }, { ...execution(db, options), until: 'Close run' })) as VerifyEntityOutput;
  return runId;
}
