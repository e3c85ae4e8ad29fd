import type { DataApi } from '../../lambdas/data-api/data-api.ts';
import type { IsExecutionRunning } from '../../lambdas/execution-status.ts';
import { Settings } from '../../lambdas/migration/settings.ts';
import { type DailySteps, dailySteps } from '../support/daily-steps.ts';
import type { Random } from './random.ts';

export interface Setup {
  readonly batchRows: number;
  readonly dailyLimit: number;
  readonly chunkRows: number;
}

/** The real steps; `random` makes the batch keys. */
export function stepsOf(
  db: DataApi,
  { batchRows, dailyLimit, chunkRows }: Setup,
  random: Random,
  isRunning: IsExecutionRunning = async () => false,
): DailySteps {
  // The longest target, so that no clock has a part in how batches grow; no budgets, since rows are bad on purpose.
  const settings = Settings.parse({ batchRows, dailyLimit, maxBatchRows: batchRows, statementTargetMs: 20_000, budgets: {} });
  return dailySteps({ db, settings, chunkRows, newBatchKey: () => random.uuid(), isRunning });
}
