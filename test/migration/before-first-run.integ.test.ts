import { afterEach, describe, expect, it } from 'vitest';
import { DataApi } from '../../lambdas/data-api/data-api.ts';
import { type CaptureLag, catchUp } from '../../lambdas/migration/catch-up.ts';
import { compileSchema } from '../../lambdas/migration/compile/index.ts';
import { readSettings } from '../../lambdas/migration/read-settings.ts';
import { applySchema } from '../../lambdas/migration/schema/apply-schema.ts';
import { readMigrationFiles } from '../../lambdas/migration/schema/migration-files.ts';
import { createDatabase, dataApi } from '../support/database.ts';
import { insertCreator } from '../support/legacy-rows.ts';
import { createMigrationDatabase, linkpickSql, migrationsFolder, testSettings, timeLeftMs } from '../support/migration.ts';

/** Catch-up starts every five minutes from the first deploy on: an environment in which nobody has started a run must not raise its alarm. */
describe('catch-up before the first run', () => {
  const close: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const step of close.splice(0)) await step();
  });

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
    close.push(database.close);
    await insertCreator(database);
    const { output, lags } = await caughtUp(database.db);
    expect(output).toEqual(NOTHING);
    expect(lags).toEqual([{ lagSeconds: 0, backlog: 0 }]);
    expect(await database.query('select from video_platform.users')).toEqual([]);
  });

  it('has nothing to do in a new environment, into which LinkPick has not been loaded yet', async () => {
    const database = await createDatabase();
    const api = await dataApi(database);
    close.push(api.close, database.drop);
    const db = new DataApi(api.client, api);
    const { missingLegacyTables } = await applySchema(db, await readMigrationFiles(migrationsFolder), compileSchema());
    expect(missingLegacyTables).toContain('campaigns');
    const { output, lags } = await caughtUp(db);
    expect(output).toEqual(NOTHING);
    expect(lags).toEqual([{ lagSeconds: 0, backlog: 0 }]);
    // What has been recorded waits for the views: that is not passed over.
    await database.query(`insert into video_platform.change_log (source, legacy_key) values ('users.id', 'u')`);
    await expect(caughtUp(db)).rejects.toThrow('does not exist');
    await database.query(linkpickSql);
    await applySchema(db, await readMigrationFiles(migrationsFolder), compileSchema());
    expect((await caughtUp(db)).output).toMatchObject({ more: false, backlog: 0, held: [] });
  });
});
