import { expect, it } from 'vitest';
import { migrate } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { catchUpNow, expectConsistent } from './consistency.ts';

const database = useMigrationDatabase();

it('100,000 users of one name get a handle each, the earliest the plain one', { timeout: 240_000 }, async () => {
  await database.query(`insert into public.users (id, email, name, type, created_at)
    select 'u' || n, n || '@x', '김 민준', 'INFLUENCER', timestamp '2024-01-01' + make_interval(secs => 100001 - n) from generate_series(1, 100000) n`);
  await database.query('insert into public.profiles (id, user_id) select id, id from public.users');
  await database.query('analyze public.users, public.profiles'); // as after a load
  await migrate(database.db, { batchRows: 1_000, dailyLimit: 100_000 });
  // Statistics of before the first channel, as a night leaves them: the planner takes the ledger for empty of channels, and a handle for most of the table.
  await database.query('analyze');
  await database.query(`update video_platform.migration_run set status = 'completed', finished_at = now()`);
  await migrate(database.db, { batchRows: 1_000, runDate: '2026-11-24' });
  await catchUpNow(database);
  await expectConsistent(database);
  expect(await database.query(`select user_id from video_platform.channels where handle = '김민준'`)).toEqual([{ user_id: 'u100000' }]);
  expect(await database.query('select count(*)::int, count(distinct handle)::int as handles from video_platform.channels')).toEqual([
    { count: 100_000, handles: 100_000 },
  ]);
});
