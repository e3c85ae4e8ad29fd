import { describe, expect, it } from 'vitest';
import { controlMigration } from '../../lambdas/migration/control-migration.ts';
import { NoRunToCancelError } from '../../lambdas/migration/errors.ts';
import { RELEASE_CANCEL } from '../../lambdas/migration/release-cancel.ts';
import { insertCreator } from '../support/legacy-rows.ts';
import { hold, othersWait } from '../support/locks.ts';
import { open } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { through } from '../support/through.ts';

const database = useMigrationDatabase();

const noted = () => database.query('select request, reason from video_platform.migration_control');
const NOTHING = [{ request: 'run', reason: null }];
const CLOSE = `update video_platform.migration_run set status = 'completed', finished_at = now() where status = 'running'`;

describe('a cancel', () => {
  it('is for the run at work, and says since when', async () => {
    await open(database.db);
    const first = await controlMigration({ action: 'cancel', reason: '잘못 시작함' }, database);
    expect(first).toMatchObject({ request: 'cancel', reason: '잘못 시작함', since: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect(await controlMigration({ action: 'cancel', reason: '잘못 시작함' }, database)).toEqual(first); // safe to repeat
  });

  it('is refused while none is, says what to ask for instead, and the next run starts as usual', async () => {
    await insertCreator(database);
    const cancel = controlMigration({ action: 'cancel', reason: '늦음' }, database);
    await expect(cancel).rejects.toBeInstanceOf(NoRunToCancelError);
    await expect(cancel).rejects.toThrow(/found no run at work, expected one .*\{"action":"pause"\}/);
    expect(await noted()).toEqual(NOTHING);
    expect(await open(database.db)).toMatchObject({ continue: true, pause: null });
  });

  it('that is refused leaves a pause in force', async () => {
    await controlMigration({ action: 'pause', reason: '점검' }, database);
    await expect(controlMigration({ action: 'cancel' }, database)).rejects.toThrow(NoRunToCancelError);
    expect(await noted()).toEqual([{ request: 'pause', reason: '점검' }]);
  });

  it('is refused when its run closes while it is being noted', async () => {
    await open(database.db);
    const closing = await hold(database, CLOSE);
    const cancel = controlMigration({ action: 'cancel' }, database);
    const refused = expect(cancel).rejects.toThrow(NoRunToCancelError);
    await othersWait(database);
    await closing.release();
    await refused;
    expect(await noted()).toEqual(NOTHING);
  });

  it('that is being noted keeps its run from closing, so that the close finds and releases it', async () => {
    await open(database.db);
    const closed = await database.db.transaction(async (query) => {
      await controlMigration({ action: 'cancel' }, { db: through(database.db, query) });
      const close = database.query(CLOSE);
      await othersWait(database);
      return { close };
    });
    await closed.close;
    expect(await noted()).toEqual([{ request: 'cancel', reason: null }]);
    await database.db.query(RELEASE_CANCEL, { executionArn: 'arn:of-another' });
    expect(await noted()).toEqual(NOTHING);
  });
});

it('a pause and a resume need no run, and wait for none', async () => {
  await open(database.db);
  await hold(database, 'select from video_platform.migration_run for update');
  expect(await controlMigration({ action: 'pause' }, database)).toMatchObject({ request: 'pause' });
  expect(await controlMigration({ action: 'resume' }, database)).toMatchObject({ request: 'run' });
});
