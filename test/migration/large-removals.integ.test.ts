import { expect, it, onTestFinished, vi } from 'vitest';
import { catchUp } from '../../lambdas/migration/catch-up.ts';
import { migrate, testSettings, timeLeftMs } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { through } from '../support/through.ts';
import { expectConsistent } from './consistency.ts';

const database = useMigrationDatabase();

it('a removal with which more goes than a batch has the time for is undone, and tried with fewer keys', async () => {
  await database.query(
    `insert into public.users (id, email, name, type) select 'u' || n, n || '@x', 'n', 'BUSINESS' from generate_series(1, 4) n`,
  );
  await database.query('insert into public.profiles (id, user_id) select id, id from public.users');
  await database.query(
    `insert into public.campaigns (id, business_id, title) select 'c' || n, 'u' || n % 4 + 1, 't' from generate_series(1, 3600) n`,
  );
  await migrate(database.db, { batchRows: 20_000 });
  await database.query(`delete from public.users where id <> 'u1'`);
  let statements = 0;
  let undone = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => statements); // a statement takes a millisecond
  onTestFinished(() => void vi.restoreAllMocks());
  const db = through(database.db, (_sql, _parameters, pass) => {
    statements += 1;
    return pass();
  });
  const { transaction } = db;
  db.transaction = (work) =>
    transaction(work).catch((error) => {
      undone += 1;
      throw error;
    });
  await catchUp({}, { db, settings: testSettings(), timeLeftMs, batchMs: 35 });
  expect(undone).toBeGreaterThan(0);
  expect(
    await database.query('select count(*)::int as videos, count(distinct channel_id)::int as channels from video_platform.videos'),
  ).toEqual([{ videos: 900, channels: 1 }]);
  await expectConsistent(database);
});
