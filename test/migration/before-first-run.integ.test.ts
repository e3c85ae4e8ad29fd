import { describe, expect, it, onTestFinished } from 'vitest';
import type { DataApi } from '../../lambdas/data-api/data-api.ts';
import { type CaptureLag, catchUp } from '../../lambdas/migration/catch-up.ts';
import { readSettings } from '../../lambdas/migration/read-settings.ts';
import { insertCreator } from '../support/legacy-rows.ts';
import { testSettings, timeLeftMs } from '../support/migration.ts';
import { createMigrationDatabase, deploySchema, linkpickSql } from '../support/migration-database.ts';

/** Catch-up starts every five minutes from the first deploy on: an environment in which nobody has started a run must not raise its alarm. */
describe('catch-up before the first run', () => {
  /** What the step answers, as the schedule starts it, and what it measures. */
  async function caughtUp(db: DataApi) {
    const lags: CaptureLag[] = [];
    const settings = await readSettings({ read: async () => ({ value: testSettings(), problem: undefined }) } as never, db);
    const output = await catchUp({}, { db, settings, timeLeftMs, onLag: (lag) => lags.push(lag) });
    return { output, lags };
  }
  const NOTHING = { applied: 0, lagSeconds: 0, backlog: 0, more: false, held: [] };

  it('has nothing to do while nothing captures changes, however many legacy rows there are', async () => {
    const database = await createMigrationDatabase();
    onTestFinished(database.close);
    await insertCreator(database);
    const { output, lags } = await caughtUp(database.db);
    expect(output).toEqual(NOTHING);
    expect(lags).toEqual([{ lagSeconds: 0, backlog: 0 }]);
    expect(await database.query('select from video_platform.users')).toEqual([]);
  });

  it('has nothing to do in a new environment, into which LinkPick has not been loaded yet', async () => {
    const database = await createMigrationDatabase({ legacy: async () => {} });
    onTestFinished(database.close);
    const { db } = database;
    const { output, lags } = await caughtUp(db);
    expect(output).toEqual(NOTHING);
    expect(lags).toEqual([{ lagSeconds: 0, backlog: 0 }]);
    // What has been recorded waits for the views: that is not passed over.
    await database.query(`insert into video_platform.change_log (source, legacy_key) values ('users.id', 'u')`);
    await expect(caughtUp(db)).rejects.toThrow('does not exist');
    await database.query(linkpickSql);
    await deploySchema(db);
    expect((await caughtUp(db)).output).toMatchObject({ more: false, backlog: 0, held: [] });
  });
});
