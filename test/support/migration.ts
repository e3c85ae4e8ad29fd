import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { DataApi } from '../../lambdas/data-api/data-api.ts';
import { compileSchema } from '../../lambdas/migration/compile/index.ts';
import { copyEntity } from '../../lambdas/migration/copy-entity.ts';
import { type OpenRunOutput, openRun } from '../../lambdas/migration/open-run.ts';
import { applySchema } from '../../lambdas/migration/schema/apply-schema.ts';
import { readMigrationFiles } from '../../lambdas/migration/schema/migration-files.ts';
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
}

/** Opens a run as a new execution; the one before must have been closed. */
export function open(db: DataApi, { runDate = '2026-11-23', dailyLimit = 1_000_000 }: RunOptions = {}): Promise<OpenRunOutput> {
  const executionArn = `arn:aws:states:ap-northeast-2:123456789012:execution:daily-migration:${randomUUID()}`;
  return openRun(
    { executionArn, request: { runDate } },
    { db, dailyLimit, isRunning: async () => false, now: () => new Date('2026-11-23T00:00:00Z') },
  );
}

/** Plays the state machine's loop: open, copy all that quota and rows allow, verify. Gives the run's id. */
export async function migrate(db: DataApi, options: RunOptions = {}): Promise<string> {
  const opened = await open(db, options);
  const timeLeftMs = () => 900_000;
  let state = opened;
  while (state.continue)
    state = {
      ...state,
      ...(await copyEntity({ ...state, entities: [...state.entities] }, { db, batchRows: options.batchRows ?? 100, timeLeftMs })),
    };
  await verifyEntity({ runId: opened.runId, runDate: opened.runDate }, { db, timeLeftMs });
  return opened.runId;
}
