import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import type { DataApi } from '../../lambdas/data-api/data-api.ts';
import { catchUp } from '../../lambdas/migration/catch-up.ts';
import { createMigrationDatabase, type MigrationDatabase, migrate, testSettings, timeLeftMs } from '../support/migration.ts';
import { expectConsistent } from './consistency.ts';

let database: MigrationDatabase;

beforeAll(async () => {
  database = await createMigrationDatabase();
});
afterAll(() => database?.close());

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
  const db = Object.create(database.db) as DataApi;
  db.query = (sql, parameters) => database.db.query(sql, parameters);
  db.transaction = async (work) => {
    try {
      return await database.db.transaction((query) => {
        return work((sql, parameters) => {
          statements += 1;
          return query(sql, parameters);
        });
      });
    } catch (error) {
      undone += 1;
      throw error;
    }
  };
  await catchUp({}, { db, settings: testSettings(), timeLeftMs, batchMs: 35 });
  expect(undone).toBeGreaterThan(0);
  expect(
    await database.query('select count(*)::int as videos, count(distinct channel_id)::int as channels from video_platform.videos'),
  ).toEqual([{ videos: 900, channels: 1 }]);
  await expectConsistent(database);
});
