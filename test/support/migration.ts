import { randomUUID } from 'node:crypto';
import type { DataApi } from '../../lambdas/data-api/data-api.ts';
import { catchUp } from '../../lambdas/migration/catch-up.ts';
import { type CopyEntityDependencies, type CopyEntityInput, copyEntity } from '../../lambdas/migration/copy-entity.ts';
import { type OpenRunOutput, openRun } from '../../lambdas/migration/open-run.ts';
import { Settings } from '../../lambdas/migration/settings.ts';
import { verifyEntity } from '../../lambdas/migration/verify-entity.ts';

// Tests that play runs want a database too, and take both from here.
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

/** The clock of the steps: 2026-11-23 in Asia/Seoul, too. */
export const NOW = () => new Date('2026-11-23T00:00:00Z');
/** A Lambda's whole time, which never runs out. */
export const timeLeftMs = () => 900_000;

/** What copyEntity is given. */
export function copying(db: DataApi, options: RunOptions = {}): CopyEntityDependencies {
  return { db, settings: testSettings(options), timeLeftMs, now: NOW, newBatchKey: randomUUID };
}

/** Opens a run as a new execution; the one before must have been closed. */
export function open(db: DataApi, options: RunOptions = {}): Promise<OpenRunOutput> {
  const executionArn = `arn:aws:states:ap-northeast-2:123456789012:execution:daily-migration:${randomUUID()}`;
  const { runDate = '2026-11-23' } = options;
  return openRun({ executionArn, request: { runDate } }, { db, settings: testSettings(options), isRunning: async () => false, now: NOW });
}

/** Copies all that quota and rows allow, in a run that is open. */
export async function copyAll(db: DataApi, opened: OpenRunOutput, options: RunOptions = {}): Promise<void> {
  let state: CopyEntityInput & { continue: boolean } = { ...opened, entities: [...opened.entities] };
  while (state.continue) {
    const { entities, ...copied } = await copyEntity(state, copying(db, options));
    state = { ...state, ...copied, entities: [...entities] };
  }
}

/** Open, catch up, copy all that quota and rows allow, catch up, verify: the state machine's way in short, and the run stays open. Gives the run's id. */
export async function migrate(db: DataApi, options: RunOptions = {}): Promise<string> {
  const opened = await open(db, options);
  const { runId, runDate } = opened;
  const settings = testSettings(options);
  await catchUp({ runId }, { db, settings, timeLeftMs });
  await copyAll(db, opened, options);
  await catchUp({ runId }, { db, settings, timeLeftMs });
  await verifyEntity({ runId, runDate }, { db, timeLeftMs });
  return runId;
}
