import { expect, it } from 'vitest';
import { readAccounts } from '../../lambdas/migration/accounts.ts';
import { compileAccounts } from '../../lambdas/migration/compile/accounts.ts';
import { user } from '../../lambdas/migration/entities/user.ts';
import { insertLegacy, legacyUser } from '../support/legacy-rows.ts';
import { migrate, open } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';

const database = useMigrationDatabase();

it('entities are counted as the dashboard counts them', async () => {
  const users = Array.from({ length: 9 }, (_, index) => legacyUser({ type: index % 4 === 0 ? 'ODD' : 'BUSINESS' }));
  await insertLegacy(database, 'users', users);
  await migrate(database.db, { dailyLimit: 5 });
  const accounts = (await readAccounts(database.db)).map(({ entity, ...counts }) => ({ entity: entity.name, ...counts }));
  const dashboard = `select entity_type as entity, total::int, completed::int, failed::int, pending::int from video_platform.migration_dashboard`;
  expect(accounts).toEqual(await database.query(dashboard));
  expect(accounts[0]).toEqual({ entity: 'user', total: 9, completed: 5, failed: 2, pending: 2 });
});

it.each([1, 2, 3, 4, 100])('chunks of %i rows add up', async (limit) => {
  await insertLegacy(database, 'users', [
    legacyUser({ id: '' }),
    ...Array.from({ length: 3 }, () => legacyUser()),
    ...Array.from({ length: 2 }, () => legacyUser({ type: 'ODD' })),
  ]);
  await migrate(database.db);
  const sums = { total: 0, completed: 0, failed: 0 };
  for (let after: string | null = null, more = true; more; more = after !== null) {
    const chunks: readonly (typeof sums & { next_key: string | null })[] = await database.db.query<
      typeof sums & { next_key: string | null }
    >(compileAccounts([user]), { after, limit });
    for (const count of ['total', 'completed', 'failed'] as const) sums[count] += chunks[0]?.[count] ?? Number.NaN;
    after = chunks[0]?.next_key ?? null;
  }
  expect(sums).toEqual({ total: 6, completed: 3, failed: 3 });
});

it('a large table is counted, and cut into ranges of about equal size by a sample of its pages', async () => {
  await database.query(`insert into public.users (id, email, name, type)
    select 'u' || lpad(n::text, 8, '0'), n || '@x', 'n', 'BUSINESS' from generate_series(1, 300000) n`);
  await database.query('insert into public.profiles (id, user_id) select id, id from public.users');
  const [users] = await readAccounts(database.db); // several chunks
  expect(users).toEqual({ entity: user, total: 300_000, completed: 0, failed: 0, pending: 300_000 });
  await open(database.db, { settings: { parallelRanges: 4 } });
  for (const [entity, table] of [
    ['user', 'users'],
    ['channel', 'profiles'],
  ]) {
    const ranges = await database.query<{ rows: number }>(`select count(l.id)::int as rows
      from video_platform.migration_cursor c join public.${table} l on l.id > c.last_key and (c.upto_key is null or l.id <= c.upto_key)
      where c.entity_type = '${entity}' group by c.range_no order by c.range_no`);
    expect(ranges.length).toBe(4);
    for (const { rows } of ranges) expect(Math.abs(rows - 75_000)).toBeLessThan(7_500);
  }
});
