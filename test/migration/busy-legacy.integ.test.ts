import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { compileCopy } from '../../lambdas/migration/compile/copy.ts';
import { entityNamed } from '../../lambdas/migration/entities/index.ts';
import { insertLegacy, legacyUser } from '../support/legacy-rows.ts';
import { hold } from '../support/locks.ts';
import { migrate, open } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { catchUpNow, expectConsistent } from './consistency.ts';

const database = useMigrationDatabase();

it('changes of pending rows leave the queue although some legacy transaction is always open', async () => {
  await insertLegacy(database, 'users', [legacyUser({ id: 'other', type: 'ADMIN' }), legacyUser({ id: 'pending', type: 'ADMIN' })]);
  await open(database.db);
  const writer = await hold(database, `update public.users set name = '아직 안 끝남' where id = 'other'`);
  await database.query(`update public.users set name = '끝남' where id = 'pending'`);
  await catchUpNow(database);
  expect(await database.query('select legacy_id from video_platform.pending_change')).toEqual([]);
  await writer.release();
  await database.query(`update video_platform.migration_run set status = 'completed'`);
  await migrate(database.db);
  await expectConsistent(database);
});

it('and stay while a batch that may have looked before them has given up its snapshot and not committed yet', async () => {
  await insertLegacy(database, 'users', [legacyUser({ id: 'u', name: '먼저', type: 'ADMIN' }), legacyUser({ type: 'ADMIN' })]);
  const { runId } = await open(database.db);
  const names = ['run', 'batch', 'range', 'limit', 'aside', 'only'];
  const copy = compileCopy(entityNamed('user'), { bounded: false, occupied: false }).replaceAll(
    /(?<!:):([a-z]+)/g,
    (_, name) => `$${names.indexOf(name) + 1}`,
  );
  const copier = await hold(database, copy, [runId, randomUUID(), 0, 100, 100, null]);
  await copier.query('select 1'); // by the simple protocol, which leaves no portal behind, and so no snapshot
  await database.query(`update public.users set name = '나중' where id = 'u'`);
  await catchUpNow(database);
  await catchUpNow(database);
  await copier.release();
  await catchUpNow(database);
  await expectConsistent(database);
  expect(await database.query(`select name from video_platform.users where id = 'u'`)).toEqual([{ name: '나중' }]);
});
