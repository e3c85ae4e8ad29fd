import { expect, it, onTestFinished } from 'vitest';
import { APPLY_LOCK } from '../../lambdas/migration/compile/apply.ts';
import { hold, othersWait } from '../support/locks.ts';
import { createMigrationDatabase, deploySchema, migrationFiles } from '../support/migration-database.ts';

it.each([14, 15])('file %i takes no table while changes are being applied, and is applied when they have been', async (number) => {
  const database = await createMigrationDatabase({ files: migrationFiles.slice(0, number - 1) });
  onTestFinished(database.close);
  const catchUp = await hold(database, APPLY_LOCK);
  const upgrade = deploySchema(database.db, migrationFiles.slice(0, number));
  await othersWait(database);
  // In the order in which a catch-up takes them, the ledger last.
  await catchUp.query('delete from video_platform.change_log');
  await catchUp.query(`insert into video_platform.change_queue (entity_type, legacy_id) values ('user', 'a')`);
  await catchUp.query('select from video_platform.channel_handle_request');
  await catchUp.query(`update video_platform.migration_status set metadata = null where legacy_id = 'a'`);
  await catchUp.release();
  await upgrade;
  expect(await database.query('select legacy_id from video_platform.change_queue')).toEqual([{ legacy_id: 'a' }]);
});
