import { describe, expect, it } from 'vitest';
import { copyEntity } from '../../lambdas/migration/copy-entity.ts';
import { LeaseLostError } from '../../lambdas/migration/errors.ts';
import { insertCreator, insertLegacy, legacyCampaign, legacyUser } from '../support/legacy-rows.ts';
import { copying, migrate, open } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { through } from '../support/through.ts';

const database = useMigrationDatabase();

const quarantine = () =>
  database.query(
    `select entity_type, legacy_id, reason, column_name, value, sql_state from video_platform.quarantine order by entity_type, legacy_id`,
  );

describe('user', () => {
  it('copies a user with its type translated, its times in UTC and its id kept', async () => {
    await insertLegacy(database, 'users', [
      legacyUser({ id: 'u1', email: 'a@example.com', name: '김하늘', type: 'BUSINESS', last_login_at: '2024-05-06 07:08:09.123' }),
    ]);
    await migrate(database.db);
    const rows = await database.query(`select id, email, name, user_type, status, origin,
      to_char(last_login_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS') as seen from video_platform.users`);
    expect(rows).toMatchObject([
      {
        id: 'u1',
        email: 'a@example.com',
        name: '김하늘',
        user_type: 'ADVERTISER',
        status: 'ACTIVE',
        origin: 'legacy',
        seen: '2024-05-06 07:08:09.123',
      },
    ]);
  });

  it('quarantines a user of an unknown type and copies the rest of the batch', async () => {
    await insertLegacy(database, 'users', [legacyUser(), legacyUser({ id: 'odd', type: 'AGENCY' }), legacyUser()]);
    await migrate(database.db);
    expect(await quarantine()).toEqual([
      { entity_type: 'user', legacy_id: 'odd', reason: 'UNKNOWN_VALUE', column_name: 'type', value: 'AGENCY', sql_state: null },
    ]);
    expect(await database.query('select id from video_platform.users')).toHaveLength(2);
  });

  it('isolates rows the database refuses, at any place of a batch, and copies all others', async () => {
    // These addresses are taken on the new side already, so the unique index refuses exactly these rows.
    const rows = Array.from({ length: 40 }, (_, index) => legacyUser({ email: `user${index}@example.com` }));
    await insertLegacy(database, 'users', rows);
    await database.query(`insert into video_platform.users (id, email, name, user_type, origin)
      select 'taken-' || n, 'user' || n || '@example.com', '선점', 'CREATOR', 'videopick' from unnest(array[0, 17, 18, 39]) n`);
    await migrate(database.db, { batchRows: 100 });
    const refused = [0, 17, 18, 39].map((index) => rows[index]?.id);
    expect((await quarantine()).map(({ legacy_id }) => legacy_id)).toEqual(refused);
    expect(await quarantine()).toMatchObject(refused.map(() => ({ reason: 'CONSTRAINT', sql_state: '23505' })));
    expect(await database.query(`select id from video_platform.users where origin = 'legacy'`)).toHaveLength(36);
  });

  it('tells of every row for the metrics, of those the database refuses too', async () => {
    await insertLegacy(database, 'users', [
      legacyUser({ type: '?' }),
      ...Array.from({ length: 9 }, (_, index) => legacyUser({ email: `user${index}@example.com` })),
    ]);
    await database.query(`insert into video_platform.users (id, email, name, user_type, origin)
      select 'taken-' || n, 'user' || n || '@example.com', '선점', 'CREATOR', 'videopick' from unnest(array[3, 4]) n`);
    const run = await open(database.db);
    const told = { completed: 0, quarantined: 0 };
    await copyEntity(
      { ...run, entities: ['user'] },
      {
        ...copying(database.db),
        onBatch: (entity, { completed, quarantined }, tookMs) => {
          expect(entity).toBe('user');
          expect(tookMs).toBeGreaterThan(0);
          told.completed += completed;
          told.quarantined += quarantined;
        },
      },
    );
    expect(told).toEqual({ completed: 7, quarantined: 3 });
  });

  it('keeps no personal data in the reason of a refused row', async () => {
    await insertLegacy(database, 'users', [legacyUser({ email: 'secret@example.com' })]);
    await database.query(
      `insert into video_platform.users (id, email, name, user_type, origin) values ('taken', 'secret@example.com', '선점', 'CREATOR', 'videopick')`,
    );
    await migrate(database.db);
    const [row] = await database.query(`select metadata::text as metadata from video_platform.migration_status`);
    expect(row?.metadata).toContain('users_email_key');
    expect(row?.metadata).not.toContain('secret@example.com');
  });
});

describe('channel', () => {
  it('gives the plain handle to the earliest of those who ask for it, and the others a stable suffix', async () => {
    await insertCreator(database, { id: 'z-early', name: 'Luna Kim', created_at: '2023-01-01' });
    await insertCreator(database, { id: 'a-late', name: 'lunakim', created_at: '2024-01-01' });
    await insertCreator(database, { id: 'b-same-time', name: 'LUNA　KIM', created_at: '2024-01-01' });
    await migrate(database.db, { batchRows: 1 });
    const handles = async () => database.query('select user_id, handle from video_platform.channels order by created_at, user_id');
    const first = await handles();
    expect(first.map(({ user_id }) => user_id)).toEqual(['z-early', 'a-late', 'b-same-time']);
    expect(first[0]?.handle).toBe('lunakim');
    expect(first[1]?.handle).toMatch(/^lunakim-[0-9a-f]{12}$/);
    expect(new Set(first.map(({ handle }) => handle)).size).toBe(3);
  });

  it('falls back to the user name where the profile has none, and to the id where a name leaves nothing', async () => {
    await insertCreator(database, { id: 'u1', name: '하늘 별' }, { name: ' 　 ' });
    await insertCreator(database, { id: 'u2', name: '   ' });
    await migrate(database.db);
    expect(await database.query('select user_id, handle from video_platform.channels order by user_id')).toEqual([
      { user_id: 'u1', handle: '하늘별' },
      { user_id: 'u2', handle: 'u2' },
    ]);
  });

  it('makes channels for influencers and businesses with a profile alone, under the same id every time', async () => {
    await insertCreator(database, { id: 'creator' });
    await insertCreator(database, { id: 'admin', type: 'ADMIN' });
    await insertLegacy(database, 'users', [legacyUser({ id: 'no-profile' })]);
    await migrate(database.db);
    const channels = () => database.query('select id, user_id from video_platform.channels');
    const first = await channels();
    expect(first).toEqual([{ id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8/), user_id: 'creator' }]);
    await database.query('truncate video_platform.channels, video_platform.migration_status, video_platform.migration_cursor cascade');
    await migrate(database.db);
    expect(await channels()).toEqual(first);
  });
});

describe('video', () => {
  it('quarantines campaigns without a channel and with unknown states, each with its reason', async () => {
    const owner = await insertCreator(database);
    await insertLegacy(database, 'users', [legacyUser({ id: 'no-profile', type: 'BUSINESS' })]);
    await insertLegacy(database, 'campaigns', [
      legacyCampaign(owner, { id: 'good' }),
      legacyCampaign('nobody', { id: 'orphan' }),
      legacyCampaign('no-profile', { id: 'without-channel' }),
      legacyCampaign(owner, { id: 'lower-case', status: 'active' }),
    ]);
    await migrate(database.db);
    expect(await database.query('select id from video_platform.videos')).toEqual([{ id: 'good' }]);
    expect((await quarantine()).filter(({ entity_type }) => entity_type === 'video')).toMatchObject([
      { legacy_id: 'lower-case', reason: 'UNKNOWN_VALUE', column_name: 'status', value: 'active' },
      { legacy_id: 'orphan', reason: 'MISSING_REFERENCE', column_name: 'business_id', value: 'nobody' },
      { legacy_id: 'without-channel', reason: 'MISSING_REFERENCE', column_name: 'business_id', value: 'no-profile' },
    ]);
  });

  it.each([
    ['뷰티, 맛집,#여행', ['뷰티', '맛집', '여행']],
    [' #b ,a,, # ,b,#a ', ['b', 'a']],
    [',,,', []],
    [null, []],
  ])('reads the hashtags %j as %j', async (hashtags, tags) => {
    await insertLegacy(database, 'campaigns', [legacyCampaign(await insertCreator(database), { hashtags })]);
    await migrate(database.db);
    expect(await database.query('select tags from video_platform.videos')).toEqual([{ tags }]);
  });

  it('keeps what a video has no column for, and counts a missing view count as none', async () => {
    await insertLegacy(database, 'campaigns', [
      legacyCampaign(await insertCreator(database), {
        status: 'COMPLETED',
        budget: '1234567.89',
        view_count: null,
        start_date: '2024-03-01 00:00:00',
      }),
    ]);
    await migrate(database.db);
    expect(await database.query('select status, view_count::int as views, campaign from video_platform.videos')).toEqual([
      {
        status: 'PUBLISHED',
        views: 0,
        campaign: { status: 'COMPLETED', budget: 1234567.89, startDate: '2024-03-01T00:00:00', endDate: null },
      },
    ]);
  });
});

describe('a run', () => {
  it('is read from the views as they are by operators, through the Data API', async () => {
    const owner = await insertCreator(database);
    await insertLegacy(database, 'campaigns', [legacyCampaign(owner, { status: '?' }), legacyCampaign(owner)]);
    await migrate(database.db, { batchRows: 1 });
    const dashboard = await database.db.query('select * from video_platform.migration_dashboard');
    expect(dashboard.find(({ entity_type }) => entity_type === 'video')).toMatchObject({
      remaining: 0,
      percent: '100.00',
      time_left: '00:00:00',
    });
    for (const view of ['quarantine', 'migration_run', 'migration_run_entity', 'entity_mapping', 'verification_run', 'verification_check'])
      expect(await database.db.query(`select * from video_platform.${view}`), view).not.toEqual([]);
  });

  it('writes ledger and mapping with every row and accounts for all of them', async () => {
    const owner = await insertCreator(database);
    await insertLegacy(database, 'campaigns', [legacyCampaign(owner), legacyCampaign(owner, { status: '?' }), legacyCampaign(owner)]);
    await migrate(database.db);
    expect(
      await database.query(
        `select entity_type, total::int, completed::int, failed::int, pending::int, percent::float from video_platform.migration_dashboard`,
      ),
    ).toEqual([
      { entity_type: 'user', total: 1, completed: 1, failed: 0, pending: 0, percent: 100 },
      { entity_type: 'channel', total: 1, completed: 1, failed: 0, pending: 0, percent: 100 },
      { entity_type: 'channel_setting', total: 0, completed: 0, failed: 0, pending: 0, percent: 100 },
      { entity_type: 'video', total: 3, completed: 2, failed: 1, pending: 0, percent: 100 },
      { entity_type: 'video_submission', total: 0, completed: 0, failed: 0, pending: 0, percent: 100 },
      { entity_type: 'watch_later', total: 0, completed: 0, failed: 0, pending: 0, percent: 100 },
      { entity_type: 'video_analytics', total: 3, completed: 2, failed: 1, pending: 0, percent: 100 },
    ]);
    expect(await database.query(`select count(*)::int as mappings from video_platform.entity_mapping`)).toEqual([{ mappings: 6 }]);
  });

  it('copies exactly the daily limit on a date, over several runs of it, counting completed rows alone', async () => {
    await insertLegacy(
      database,
      'users',
      Array.from({ length: 25 }, (_, index) => legacyUser(index % 5 === 0 ? { type: '?' } : {})),
    );
    for (const runDate of ['2026-11-23', '2026-11-23', '2026-11-24', '2026-11-25']) {
      await migrate(database.db, { runDate, dailyLimit: 8, batchRows: 3 });
    }
    expect(
      await database.query(
        `select to_char(run_date, 'MM-DD') as day, completed::int from video_platform.migration_quota order by run_date`,
      ),
    ).toEqual([
      { day: '11-23', completed: 8 },
      { day: '11-24', completed: 8 },
      { day: '11-25', completed: 4 },
    ]);
  });

  it('finds rows that appear behind the cursor in the next run', async () => {
    await insertLegacy(database, 'users', [legacyUser({ id: 'm' })]);
    await migrate(database.db);
    await insertLegacy(database, 'users', [legacyUser({ id: 'a' })]);
    await migrate(database.db);
    expect(await database.query('select id from video_platform.users order by id')).toEqual([{ id: 'a' }, { id: 'm' }]);
  });

  it('stops without a change once another run has taken over', async () => {
    await insertLegacy(database, 'users', [legacyUser()]);
    const dead = await open(database.db);
    await open(database.db);
    const copy = copyEntity({ ...dead, entities: [...dead.entities] }, copying(database.db, { batchRows: 10 }));
    await expect(copy).rejects.toBeInstanceOf(LeaseLostError);
    expect(await database.query('select id from video_platform.users')).toEqual([]);
  });

  it('says so when its cursor was taken away under it, and leaves the rows to the next run', async () => {
    await insertLegacy(database, 'users', [legacyUser({ id: 'a' })]);
    const opened = await open(database.db);
    const db = through(database.db, async (sql, _parameters, pass) => {
      if (sql.startsWith('-- copy user')) await database.query('delete from video_platform.migration_cursor');
      return pass();
    });
    const copy = copyEntity({ ...opened, entities: [...opened.entities] }, copying(db));
    await expect(copy).rejects.toThrow(/^range 0 of user has no row in migration_cursor, .* the next run cuts the ranges anew$/);
    await database.query(`update video_platform.migration_run set status = 'failed'`);
    await migrate(database.db);
    expect(await database.query('select id from video_platform.users')).toEqual([{ id: 'a' }]);
  });

  it('holds the quota when batches run side by side', async () => {
    await insertLegacy(
      database,
      'users',
      Array.from({ length: 60 }, () => legacyUser()),
    );
    const run = await open(database.db, { dailyLimit: 50 });
    const copies = Array.from({ length: 4 }, () =>
      copyEntity({ ...run, entities: [...run.entities] }, copying(database.db, { batchRows: 7 })),
    );
    await Promise.all(copies);
    expect(await database.query('select count(*)::int as rows from video_platform.users')).toEqual([{ rows: 50 }]);
    expect(await database.query('select completed::int from video_platform.migration_quota')).toEqual([{ completed: 50 }]);
  });

  it('changes nothing when it is run again', async () => {
    const owner = await insertCreator(database);
    await insertLegacy(database, 'campaigns', [legacyCampaign(owner)]);
    await migrate(database.db);
    const snapshot = () =>
      database.query(`select xmin::text, id from video_platform.videos union all select xmin::text, id from video_platform.users`);
    const before = await snapshot();
    await migrate(database.db);
    expect(await snapshot()).toEqual(before);
  });

  it('copies rows that appeared behind a cursor whose end came exactly with the quota', async () => {
    await insertLegacy(database, 'users', [legacyUser({ id: 'm' }), legacyUser({ id: 'n' })]);
    await migrate(database.db, { dailyLimit: 2, batchRows: 2 });
    await insertLegacy(database, 'users', [legacyUser({ id: 'a' })]);
    await migrate(database.db, { runDate: '2026-11-24', dailyLimit: 2, batchRows: 2 });
    expect(await database.query('select id from video_platform.users order by id')).toHaveLength(3);
  });

  it('quarantines a row whose value reads like a SQLSTATE for what it is', async () => {
    await insertLegacy(database, 'users', [legacyUser({ email: 'SQLState: 40001' }), legacyUser()]);
    await database.query(
      `insert into video_platform.users (id, email, name, user_type, origin) values ('t', 'SQLState: 40001', '선점', 'ADMIN', 'videopick')`,
    );
    await migrate(database.db);
    expect(await quarantine()).toMatchObject([{ reason: 'CONSTRAINT', sql_state: '23505' }]);
  });
});
