import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { DataApi } from '../../lambdas/data-api/data-api.ts';
import { catchUp } from '../../lambdas/migration/catch-up.ts';
import { entityNamed } from '../../lambdas/migration/entities/index.ts';
import { retryQuarantine } from '../../lambdas/migration/retry-quarantine.ts';
import { sumUp } from '../../lambdas/migration/sum-up.ts';
import { migrate, open, testSettings, timeLeftMs } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { through, timedOut } from '../support/through.ts';
import { expectConsistent } from './consistency.ts';

const database = useMigrationDatabase();

const rows = (sql: string) => database.query(sql);
const insertUsers = (count: number, type: string) =>
  rows(
    `insert into public.users (id, email, name, type)
     select 'u' || lpad(n::text, 4, '0'), n || '@x', '이름', '${type}' from generate_series(1, ${count}) n`,
  );

/** Statements that write more than `most` rows of users are cancelled, as a `statement_timeout` does it: SQLSTATE 57014. */
async function cancelAbove(most: number, event: 'insert' | 'update'): Promise<void> {
  await rows(`create function video_platform.too_slow() returns trigger language plpgsql as $$
    begin
      if (select count(*) from written) > ${most} then
        raise exception using errcode = '57014', message = 'canceling statement due to statement timeout';
      end if;
      return null;
    end $$`);
  await rows(`create trigger too_slow after ${event} on video_platform.users referencing new table as written
    for each statement execute function video_platform.too_slow()`);
  onTestFinished(() => rows('drop function video_platform.too_slow() cascade').then(() => {}));
}

/** A client on which statements that begin with `start` time out at the service, as long as `tooLong` says so. Counts the statements. */
function timingOut(start: string, tooLong: (parameters: Record<string, unknown>) => boolean) {
  const sent: Record<string, unknown>[] = [];
  const db = through(database.db, async (sql, parameters, pass) => {
    if (!sql.startsWith(start)) return pass();
    sent.push(parameters);
    if (tooLong(parameters)) throw timedOut();
    return pass();
  });
  return { db, sent };
}

const apply = (db: DataApi) => catchUp({}, { db, settings: testSettings(), timeLeftMs });
const keysOf = ({ keys }: Record<string, unknown>) => (JSON.parse(String(keys)) as unknown[]).length;

describe('catch-up', () => {
  beforeEach(async () => {
    await insertUsers(300, 'ADMIN');
    await migrate(database.db);
    await rows(`update public.users set name = '새 이름'`); // a change of the user and one of its channel
  });

  it('goes on with fewer changes at a time when the service times out, and applies all of them', async () => {
    const { db, sent } = timingOut('-- apply user', (parameters) => keysOf(parameters) > 40);
    expect(await apply(db)).toMatchObject({ applied: 2 * 300, backlog: 0, more: false });
    const sizes = sent.map(keysOf);
    expect(sizes.slice(0, 3)).toEqual([300, 250, 62]);
    expect(sizes.some((size) => size <= 40)).toBe(true);
    await expectConsistent(database);
  });

  it('does so when the database cancels the statement (57014)', async () => {
    await cancelAbove(40, 'update');
    expect(await apply(database.db)).toMatchObject({ applied: 2 * 300, backlog: 0, more: false });
    expect(await rows(`select count(*)::int as n from video_platform.users where name = '새 이름'`)).toEqual([{ n: 300 }]);
    expect(await rows('select from video_platform.quarantine')).toEqual([]);
  });

  it('gives up on a single change that takes too long, which stays pending', async () => {
    const { db } = timingOut('-- apply user', () => true);
    await expect(apply(db)).rejects.toMatchObject({ name: 'StatementTimeoutException' });
    expect(await rows('select count(*)::int as n from video_platform.pending_change')).toEqual([{ n: 2 * 300 }]);
    expect(await rows('select from video_platform.quarantine')).toEqual([]);
  });
});

describe('the retry of the quarantine', () => {
  beforeEach(async () => {
    await insertUsers(300, 'AGENCY');
    await migrate(database.db);
    await rows(`update public.users set type = 'ADMIN'`);
    await rows('truncate video_platform.change_log, video_platform.change_queue'); // not even capture knows
  });

  const retry = async (db: DataApi) => {
    const { runId } = await open(database.db, { runDate: '2026-11-24' });
    await retryQuarantine(entityNamed('user'), runId, { db, settings: testSettings(), timeLeftMs });
  };

  it('goes on with fewer rows at a time when the service times out, and tries all of them', async () => {
    const { db, sent } = timingOut('-- retry user', ({ limit }) => Number(limit) > 40);
    await retry(db);
    expect(sent.slice(0, 4).map(({ limit }) => limit)).toEqual([1000, 250, 62, 15]);
    expect(await rows('select from video_platform.quarantine')).toEqual([]);
    await expectConsistent(database);
  });

  it('does so when the database cancels the statement (57014)', async () => {
    await cancelAbove(40, 'insert');
    await retry(database.db);
    expect(await rows(`select count(*)::int as n from video_platform.users`)).toEqual([{ n: 300 }]);
    expect(await rows('select from video_platform.quarantine')).toEqual([]);
  });
});

describe('sums', () => {
  beforeEach(async () => {
    await insertUsers(100, 'BUSINESS');
    await rows(`insert into public.profiles (id, user_id) select id, id from public.users`);
    await rows(`insert into public.campaigns (id, business_id, title, view_count) select id, id, '제목', 3 from public.users`);
    await migrate(database.db);
    await rows('update video_platform.channels set video_count = 0, view_count = 0');
  });
  const wrong = () => rows('select from video_platform.channels where (video_count, view_count) <> (1, 3)');

  it('are taken over fewer rows at a time when the service times out, and over all of them', async () => {
    expect(await wrong()).toHaveLength(100);
    const { db, sent } = timingOut('select video_platform.sum_up', ({ limit }) => Number(limit) > 40);
    await sumUp(db, entityNamed('video'));
    expect(sent.slice(0, 5).map(({ limit }) => limit)).toEqual([10_000, 2_500, 625, 156, 39]);
    expect(await wrong()).toEqual([]);
  });

  it('of a single row that take too long fail', async () => {
    const { db, sent } = timingOut('select video_platform.sum_up', () => true);
    await expect(sumUp(db, entityNamed('video'))).rejects.toMatchObject({ name: 'StatementTimeoutException' });
    expect(sent.at(-1)).toMatchObject({ limit: 1 });
  });
});
