import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { controlMigration } from '../../lambdas/migration/control-migration.ts';
import { migrate } from '../../local/runner/migrate.ts';
import { Progress } from '../../local/runner/progress.ts';
import { createMigrationDatabase, type MigrationDatabase } from '../support/migration-database.ts';

let database: MigrationDatabase;
let client: pg.Client;
let said: string;
let runs: number;

beforeAll(async () => {
  database = await createMigrationDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.close();
});
beforeEach(async () => {
  said = '';
  runs = 0;
  await controlMigration({ action: 'pause', reason: 'lunch' }, { db: database.db });
});

/** Runs end as the operator's request says: paused with a row pending, or done. */
function options(attended: boolean, onPaused: () => Promise<unknown>): Parameters<typeof migrate>[0] {
  const waitForExecution = async () => {
    runs++;
    const { rows } = await client.query<{ request: string }>('select request from video_platform.migration_control');
    const paused = rows[0]?.request === 'pause';
    const pause = { reason: 'REQUESTED: lunch', value: 'pause', threshold: 'run', since: '2026-11-23T00:00:00Z' };
    const report = {
      completed: 0,
      quarantined: 0,
      quota: { remaining: 1 },
      entities: [{ pending: paused ? 1 : 0 }],
      pause: paused ? pause : null,
    };
    return { status: 'SUCCEEDED', output: JSON.stringify({ report }) };
  };
  return {
    cloud: { stepFunctions: { startExecution: () => ({ executionArn: 'arn' }), waitForExecution }, stateMachines: {} } as never,
    database: client,
    dailyLimit: undefined,
    attended,
    signal: new AbortController().signal,
    progress: new Progress({
      write: (text: string) => {
        said += text;
        if (text.includes('paused since')) void onPaused();
        return true;
      },
    }),
  };
}

it('waits while a person pauses it, and goes on when it is resumed', async () => {
  await migrate(options(true, () => controlMigration({ action: 'resume' }, { db: database.db })));
  expect(said).toContain('paused since 2026-11-23T00:00:00Z (REQUESTED: lunch); resume it on the page');
  expect(runs).toBe(2);
});

it('ends with the reason when nobody is there to resume it', async () => {
  await expect(migrate(options(false, async () => {}))).rejects.toThrow(
    'the migration pauses since 2026-11-23T00:00:00Z: REQUESTED: lunch',
  );
  expect(runs).toBe(1);
});
