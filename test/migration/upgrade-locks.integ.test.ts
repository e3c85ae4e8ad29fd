import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DataApi } from '../../lambdas/data-api/data-api.ts';
import { APPLY_LOCK } from '../../lambdas/migration/compile/apply.ts';
import { compileSchema } from '../../lambdas/migration/compile/index.ts';
import { applySchema } from '../../lambdas/migration/schema/apply-schema.ts';
import { readMigrationFiles } from '../../lambdas/migration/schema/migration-files.ts';
import { createDatabase, dataApi, type TestDataApi, type TestDatabase } from '../support/database.ts';
import { linkpickSql, migrationsFolder } from '../support/migration.ts';

let database: TestDatabase;
let api: TestDataApi;

beforeEach(async () => {
  database = await createDatabase();
  api = await dataApi(database);
});
afterEach(async () => {
  await api.close();
  await database.drop();
});

it.each([14, 15])('file %i takes no table while changes are being applied, and is applied when they have been', async (number) => {
  const db = new DataApi(api.client, api);
  const files = await readMigrationFiles(migrationsFolder);
  await database.query(linkpickSql);
  await applySchema(db, files.slice(0, number - 1), compileSchema());
  const catchUp = await database.pool.connect();
  await catchUp.query('begin');
  await catchUp.query(APPLY_LOCK);
  const upgrade = applySchema(db, files.slice(0, number), compileSchema());
  await vi.waitFor(
    async () =>
      expect(
        await database.query(`select from pg_stat_activity where datname = current_database() and wait_event = 'advisory'`),
      ).toHaveLength(1),
    { timeout: 10_000, interval: 10 },
  );
  // In the order in which a catch-up takes them, the ledger last.
  await catchUp.query('delete from video_platform.change_log');
  await catchUp.query(`insert into video_platform.change_queue (entity_type, legacy_id) values ('user', 'a')`);
  await catchUp.query('select from video_platform.channel_handle_request');
  await catchUp.query(`update video_platform.migration_status set metadata = null where legacy_id = 'a'`);
  await catchUp.query('commit');
  catchUp.release();
  await upgrade;
  expect(await database.query('select legacy_id from video_platform.change_queue')).toEqual([{ legacy_id: 'a' }]);
});
