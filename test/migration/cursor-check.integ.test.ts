import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { DataApi } from '../../lambdas/data-api/data-api.ts';
import { verifyEntity } from '../../lambdas/migration/verify-entity.ts';
import { insertCreator, insertLegacy, legacyCampaign, legacyProfile, legacyUser } from '../support/legacy-rows.ts';
import { hold, othersWait } from '../support/locks.ts';
import { copyAll, open, type RunOptions, timeLeftMs } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { through } from '../support/through.ts';
import { catchUpNow } from './consistency.ts';

/** The check "Cursors In Order": what it sees of a cursor's way, and that nothing which is as it should be alarms it. */
const database = useMigrationDatabase();

const rows = (sql: string) => database.query(sql);
const users = (...ids: readonly string[]) =>
  insertLegacy(
    database,
    'users',
    ids.map((id) => legacyUser({ id })),
  );

/** A client that sends copies of the entity with an edit. */
function editing(entity: string, edit: (sql: string) => string): DataApi {
  return through(database.db, (sql, _parameters, pass) => pass(sql.startsWith(`-- copy ${entity}:`) ? edit(sql) : sql));
}

/** A run up to the end of the copy, which is then closed. */
async function copyOnly(db: DataApi = database.db, options: RunOptions = {}): Promise<void> {
  const opened = await open(database.db, options);
  await copyAll(db, opened, options);
  await close();
}

const close = () => rows(`update video_platform.migration_run set status = 'completed', finished_at = now() where status = 'running'`);

/** What the check says now: how many it found. */
async function found(): Promise<unknown> {
  const [run] = await database.query<{ id: string }>(
    `insert into video_platform.migration_run (execution_arn, run_date, status) values ($1, '2026-11-23', 'completed') returning id`,
    [randomUUID()],
  );
  const runId = run?.id ?? '';
  await verifyEntity({ runId, runDate: '2026-11-23' }, { db: database.db, timeLeftMs });
  const [check] = await database.query<{ value: string }>(
    `select value from video_platform.verification_check where run_id = $1 and name = 'Cursors In Order'`,
    [runId],
  );
  return check?.value;
}

it('a cursor that is set back finds what came behind it, copies nothing twice, and alarms nobody', async () => {
  await users('a', 'b', 'c');
  await copyOnly();
  await users('aa');
  await rows(`update video_platform.migration_cursor set last_key = '', exhausted = false where entity_type = 'user'`);
  await copyOnly();
  await catchUpNow(database);
  expect(await rows(`select legacy_id, status from video_platform.migration_status where entity_type = 'user' order by 1`)).toEqual(
    ['a', 'aa', 'b', 'c'].map((legacy_id) => ({ legacy_id, status: 'completed' })),
  );
  expect(await found()).toBe('0');
});

describe('a copy that passes a row by', () => {
  /** Three creators with two campaigns each: everything is copied in one batch an entity. */
  const legacy = async () => {
    for (const id of ['a', 'b', 'c']) {
      await insertCreator(database, { id });
      await insertLegacy(database, 'campaigns', [legacyCampaign(id, { id: `${id}1` }), legacyCampaign(id, { id: `${id}2` })]);
    }
  };

  it.each([
    ['user', 'b', {}],
    ['channel', 'b', {}],
    ['video', 'b1', {}],
    ['video', 'b1', { batchRows: 3 }],
  ] as const)('of %s is found: %s, %o', async (entity, key, options) => {
    await legacy();
    const skips = editing(entity, (sql) => {
      const edited = sql.replace('position <= (select remaining from lease)', `$& and legacy_id <> '${key}'`);
      expect(edited).not.toBe(sql);
      return edited;
    });
    await copyOnly(skips, options);
    await catchUpNow(database);
    expect(await rows(`select entity_type from video_platform.migration_status where legacy_id = '${key}'`)).not.toContainEqual({
      entity_type: entity,
    });
    expect(await found()).toBe('1');
    // The next run starts over, and brings it.
    await copyOnly();
    expect(await found()).toBe('0');
  });

  it('is found when only one of several ranges does', async () => {
    await rows(
      `insert into public.users (id, email, name, type) select 'u' || lpad(n::text, 5, '0'), n || '@x', '이름', 'ADMIN' from generate_series(1, 8000) n`,
    );
    const options = { batchRows: 500, settings: { parallelRanges: 4 } };
    const skips = editing('user', (sql) =>
      sql.replace('position <= (select remaining from lease)', `$& and legacy_id not in ('u02100', 'u02101')`),
    );
    await copyOnly(skips, options);
    expect(await rows(`select count(*)::int as n from video_platform.migration_cursor where entity_type = 'user'`)).toEqual([{ n: 4 }]);
    await catchUpNow(database);
    expect(await found()).toBe('2');
  });
});

describe('the check is not alarmed', () => {
  it('by rows that come before and behind the cursors while several ranges are part-way', async () => {
    await rows(
      `insert into public.users (id, email, name, type) select 'u' || lpad(n::text, 5, '0'), n || '@x', '이름', 'ADMIN' from generate_series(1, 8000) n`,
    );
    const options = { batchRows: 100, dailyLimit: 1_000, settings: { parallelRanges: 4 } };
    await copyOnly(database.db, options);
    await rows(
      `insert into public.users (id, email, name, type) select 'u' || lpad(n::text, 5, '0') || 'x', n || '@y', '이름', 'ADMIN' from generate_series(1, 8000) n`,
    );
    expect(await found()).toBe('0');
    await catchUpNow(database);
    expect(await found()).toBe('0');
    await copyOnly(database.db, { ...options, runDate: '2026-11-24' });
    expect(await found()).toBe('0');
  });

  it('by a row that was being written when a batch looked, and was there when it moved the cursor', async () => {
    await users('a', 'b', 'd');
    const opened = await open(database.db);
    const cursor = await hold(database, `select from video_platform.migration_cursor where entity_type = 'user' for update`);
    const writer = await hold(
      database,
      `insert into public.users (id, email, name, type) values ('c', 'c@example.com', '늦은 사용자', 'ADMIN')`,
    );
    const copying = copyAll(database.db, opened);
    await othersWait(database);
    await writer.release();
    await cursor.release();
    await copying;
    await close();
    await catchUpNow(database);
    expect(await rows(`select legacy_id from video_platform.migration_status where entity_type = 'user' order by 1`)).toEqual(
      ['a', 'b', 'd'].map((legacy_id) => ({ legacy_id })),
    );
    expect(await found()).toBe('0');
  });

  it('by a row that came before one which an earlier statement had named', async () => {
    await users('b', 'd');
    await insertLegacy(database, 'users', [legacyUser({ id: 'c', email: 'taken@example.com' })]);
    await rows(
      `insert into video_platform.users (id, email, name, user_type, origin) values ('new', 'taken@example.com', '새', 'CREATOR', 'videopick')`,
    );
    const db = through(database.db, async (sql, _parameters, pass) => {
      const answer = await pass();
      if (sql.startsWith('-- next key of user') && answer[0]?.key === 'c') await users('bb');
      return answer;
    });
    await copyOnly(db);
    expect(await rows(`select from public.users where id = 'bb'`)).toHaveLength(1); // it came in between
    await catchUpNow(database);
    expect(await rows(`select legacy_id, status from video_platform.migration_status where entity_type = 'user' order by 1`)).toEqual([
      { legacy_id: 'b', status: 'completed' },
      { legacy_id: 'c', status: 'failed' },
      { legacy_id: 'd', status: 'completed' },
    ]);
    expect(await found()).toBe('0');
  });

  it('by rows that waited for another when the cursor passed them, also once it has come', async () => {
    await insertCreator(database, { id: 'm' });
    await insertLegacy(database, 'campaigns', [legacyCampaign('m', { id: 'v1' }), legacyCampaign('m', { id: 'v4' })]);
    const opened = await open(database.db);
    // Behind the cursors of users and channels, when those have gone by.
    const late = through(database.db, async (sql, _parameters, pass) => {
      if (sql.startsWith('-- copy video:') && (await rows(`select from public.users where id = 'b'`)).length === 0) {
        await insertCreator(database, { id: 'b' });
        await insertLegacy(database, 'campaigns', [legacyCampaign('b', { id: 'v2' })]);
      }
      return pass();
    });
    await copyAll(late, opened);
    await close();
    await catchUpNow(database);
    expect(await found()).toBe('0');
    // What they wait for comes, and they are not copied yet.
    const next = await open(database.db);
    await copyAll(database.db, { ...next, entities: ['user', 'channel'] });
    await close();
    expect(await rows(`select p.reason from video_platform.videos_prep p where p.legacy_id = 'v2'`)).toEqual([{ reason: null }]);
    expect(await rows(`select from video_platform.migration_status where legacy_id = 'v2'`)).toEqual([]);
    expect(await found()).toBe('0');
  });

  it('by channels whose profile came later than the cursor', async () => {
    await insertCreator(database, { id: 'a' });
    await users('b');
    await insertCreator(database, { id: 'c' });
    await copyOnly();
    await insertLegacy(database, 'profiles', [legacyProfile('b')]);
    await catchUpNow(database);
    expect(await found()).toBe('0');
  });

  it('by rows that leave the ledger, nor by a second migration after it was emptied', async () => {
    await insertCreator(database, { id: 'a' });
    await insertCreator(database, { id: 'b' });
    await insertLegacy(
      database,
      'campaigns',
      ['a', 'b', 'b'].map((owner, n) => legacyCampaign(owner, { id: `v${n}` })),
    );
    await copyOnly();
    // The user goes and comes back: his channel and videos with him.
    const [user] = await rows(`select to_jsonb(u) as row from public.users u where id = 'b'`);
    await rows(`delete from public.users where id = 'b'`);
    await catchUpNow(database);
    expect(await found()).toBe('0');
    await rows(`insert into public.users select * from jsonb_populate_record(null::public.users, '${JSON.stringify(user?.row)}')`);
    await catchUpNow(database);
    expect(await found()).toBe('0');
    await copyOnly();
    expect(await found()).toBe('0');
    await rows(`truncate video_platform.users, video_platform.channels, video_platform.videos, video_platform.migration_status,
      video_platform.migration_cursor cascade`);
    expect(await found()).toBe('0');
    await copyOnly();
    expect(await found()).toBe('0');
  });

  it('by an entity that is switched off, and on again', async () => {
    await insertCreator(database, { id: 'a' });
    await insertCreator(database, { id: 'b' });
    await insertLegacy(database, 'campaigns', [legacyCampaign('a', { id: 'v1' }), legacyCampaign('b', { id: 'v2' })]);
    const off = { settings: { entities: { channel: { enabled: false } } } };
    await copyOnly(database.db, off);
    expect(await found()).toBe('0');
    await copyOnly();
    await insertCreator(database, { id: 'aa' });
    await insertLegacy(database, 'campaigns', [legacyCampaign('aa', { id: 'v0' })]);
    await copyOnly(database.db, off);
    await catchUpNow(database);
    expect(await found()).toBe('0');
    await copyOnly();
    expect(await found()).toBe('0');
  });
});
