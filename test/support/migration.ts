import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DataApi } from '../../lambdas/data-api/data-api.ts';
import { catchUp } from '../../lambdas/migration/catch-up.ts';
import { compileSchema } from '../../lambdas/migration/compile/index.ts';
import { type CopyEntityDependencies, type CopyEntityInput, copyEntity } from '../../lambdas/migration/copy-entity.ts';
import { type OpenRunOutput, openRun } from '../../lambdas/migration/open-run.ts';
import { applySchema } from '../../lambdas/migration/schema/apply-schema.ts';
import { readMigrationFiles } from '../../lambdas/migration/schema/migration-files.ts';
import { Settings } from '../../lambdas/migration/settings.ts';
import { verifyEntity } from '../../lambdas/migration/verify-entity.ts';
import { createDatabase, dataApi, type TestDatabase } from './database.ts';

export const migrationsFolder = new URL('../../database/migrations/', import.meta.url);
export const linkpickSql = readFileSync(new URL('../../database/legacy/linkpick.sql', import.meta.url), 'utf8');

export interface MigrationDatabase extends TestDatabase {
  /** The client that the steps use. */
  readonly db: DataApi;
  close(): Promise<void>;
}

/** A database with LinkPick's empty tables and VideoPick's schema. Call `close` in `afterAll`. */
export async function createMigrationDatabase(): Promise<MigrationDatabase> {
  const database = await createDatabase();
  const api = await dataApi(database);
  const db = new DataApi(api.client, api);
  await database.query(linkpickSql);
  await applySchema(db, await readMigrationFiles(migrationsFolder), compileSchema());
  const close = async () => {
    await api.close();
    await database.drop();
  };
  return { ...database, db, close };
}

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

export const NOW = () => new Date('2026-11-23T00:00:00Z');
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

/** Plays the state machine's loop: open, catch up, copy all that quota and rows allow, catch up, verify. Gives the run's id. */
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
