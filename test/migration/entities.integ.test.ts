import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { entityNamed } from '../../lambdas/migration/entities/index.ts';
import {
  insertCreator,
  insertLegacy,
  legacyApplication,
  legacyBusinessProfile,
  legacyCampaign,
  legacySave,
  legacyUser,
} from '../support/legacy-rows.ts';
import { migrate } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { catchUpNow, expectConsistent } from './consistency.ts';

const database = useMigrationDatabase();

/** Migrates twice over: the second run must find nothing to do. Then checks what must hold at rest. */
async function migrateAll(): Promise<void> {
  await migrate(database.db);
  await catchUpNow(database);
  await expectConsistent(database);
}

const quarantine = () =>
  database.query(
    'select entity_type, legacy_id, reason, column_name, value from video_platform.quarantine order by entity_type, legacy_id',
  );

describe('what the entities map', () => {
  beforeEach(async () => {
    await insertCreator(database, { id: 'biz', type: 'BUSINESS' });
    await insertCreator(database, { id: 'fan' });
    await insertLegacy(database, 'campaigns', [legacyCampaign('biz', { id: 'cam', view_count: 12, created_at: '2024-02-01 15:30:00' })]);
  });

  it('channel_setting: every value kept, under the channel of its user', async () => {
    await insertLegacy(database, 'business_profiles', [
      legacyBusinessProfile('biz', {
        id: 'bp',
        company_name: '회사',
        company_intro: '소개',
        business_number: '123-45',
        website: 'https://x',
      }),
    ]);
    await migrateAll();
    expect(
      await database.query(`select s.id, c.user_id, company_name, company_intro, business_number, website from video_platform.channel_settings s
        join video_platform.channels c on c.id = s.channel_id`),
    ).toEqual([{ id: 'bp', user_id: 'biz', company_name: '회사', company_intro: '소개', business_number: '123-45', website: 'https://x' }]);
  });

  it('video_submission: every status kept, an unknown one quarantined', async () => {
    const statuses = ['PENDING', 'APPROVED', 'REJECTED', 'COMPLETED', 'WITHDRAWN'];
    for (const status of statuses) {
      await insertLegacy(database, 'users', [legacyUser({ id: `by-${status}` })]);
      await insertLegacy(database, 'campaign_applications', [
        legacyApplication('cam', `by-${status}`, { id: status, status, message: '안녕' }),
      ]);
    }
    await migrateAll();
    expect(await database.query('select id, video_id, user_id, message, status from video_platform.video_submissions order by id')).toEqual(
      statuses
        .slice(0, 4)
        .sort()
        .map((status) => ({ id: status, video_id: 'cam', user_id: `by-${status}`, message: '안녕', status })),
    );
    expect(await quarantine()).toEqual([
      { entity_type: 'video_submission', legacy_id: 'WITHDRAWN', reason: 'UNKNOWN_VALUE', column_name: 'status', value: 'WITHDRAWN' },
    ]);
  });

  it('watch_later and video_analytics: the save, and the views on the day in Seoul', async () => {
    await insertLegacy(database, 'saved_campaigns', [legacySave('fan', 'cam', { id: 's' })]);
    await migrateAll();
    expect(await database.query('select id, user_id, video_id from video_platform.watch_later')).toEqual([
      { id: 's', user_id: 'fan', video_id: 'cam' },
    ]);
    expect(await database.query(`select id, video_id, day::text, views::int from video_platform.video_analytics`)).toEqual([
      { id: 'cam', video_id: 'cam', day: '2024-02-02', views: 12 },
    ]);
  });
});

describe('bad input', () => {
  it('orphans of every kind are quarantined by the column at fault, and the rest is copied', async () => {
    await insertLegacy(database, 'users', [legacyUser({ id: 'odd', type: 'AGENCY' }), legacyUser({ id: 'bare', type: 'BUSINESS' })]);
    await insertCreator(database, { id: 'good' });
    await insertLegacy(database, 'business_profiles', [
      legacyBusinessProfile('bare', { id: 'bp-bare' }),
      legacyBusinessProfile('odd', { id: 'bp-odd' }),
    ]);
    await insertLegacy(database, 'campaigns', [legacyCampaign('gone', { id: 'c-gone' }), legacyCampaign('good', { id: 'c-good' })]);
    await insertLegacy(database, 'campaign_applications', [
      legacyApplication('c-gone', 'good', { id: 'a1' }),
      legacyApplication('c-good', 'odd', { id: 'a2' }),
      legacyApplication('c-good', 'good', { id: 'a3' }),
    ]);
    await insertLegacy(database, 'saved_campaigns', [
      legacySave('odd', 'c-good', { id: 's1' }),
      legacySave('good', 'c-gone', { id: 's2' }),
    ]);
    await migrateAll();
    expect((await quarantine()).map((row) => Object.values(row).join(' '))).toEqual([
      'channel_setting bp-bare MISSING_REFERENCE user_id bare',
      'channel_setting bp-odd MISSING_REFERENCE user_id odd',
      'user odd UNKNOWN_VALUE type AGENCY',
      'video c-gone MISSING_REFERENCE business_id gone',
      'video_analytics c-gone MISSING_REFERENCE id c-gone',
      'video_submission a1 MISSING_REFERENCE campaign_id c-gone',
      'video_submission a2 MISSING_REFERENCE influencer_id odd',
      'watch_later s1 MISSING_REFERENCE user_id odd',
      'watch_later s2 MISSING_REFERENCE campaign_id c-gone',
    ]);
    expect(await database.query('select id from video_platform.video_submissions')).toEqual([{ id: 'a3' }]);
  });

  it('numbers, dates, tags and keys at their ends are copied as they are, a negative count is quarantined', async () => {
    const owner = await insertCreator(database, {
      id: 'x'.repeat(30),
      created_at: '4713-01-01 BC',
      updated_at: 'infinity',
      last_login_at: '-infinity',
    });
    await insertLegacy(database, 'campaigns', [
      legacyCampaign(owner, {
        id: 'a'.repeat(30),
        start_date: 'infinity',
        end_date: '-infinity',
        budget: 'NaN',
        created_at: '-infinity',
        hashtags: '#뷰티,, 맛집 ,#뷰티',
      }),
      legacyCampaign(owner, { id: 'b', view_count: -5 }),
      legacyCampaign(owner, { id: 'c', view_count: null, description: 'x'.repeat(200_000), hashtags: '#'.repeat(70_000) }),
    ]);
    await migrateAll();
    expect(await database.query('select id, tags, view_count::int as views from video_platform.videos order by id')).toEqual([
      { id: 'a'.repeat(30), tags: ['뷰티', '맛집'], views: 0 },
      { id: 'c', tags: [], views: 0 },
    ]);
    expect(await quarantine()).toMatchObject([
      { entity_type: 'video', legacy_id: 'b', reason: 'UNSUPPORTED_VALUE', column_name: 'view_count', value: '-5' },
      { entity_type: 'video_analytics', legacy_id: 'b' },
    ]);
  });

  it('a row that the database refuses is set aside with the column at fault', async () => {
    await insertCreator(database, { id: 'first', name: '김 민준', created_at: '2024-01-02' });
    await insertCreator(database, { id: 'taker', name: `김민준-${createHash('md5').update('first').digest('hex').slice(0, 12)}` });
    const owner = await insertCreator(database, { id: 'earlier', name: '김민준', created_at: '2024-01-01' });
    await insertLegacy(database, 'campaigns', [legacyCampaign(owner, { id: 'late', created_at: '294276-12-31 23:59:59' })]);
    await migrateAll();
    expect(await quarantine()).toMatchObject([
      { entity_type: 'channel', legacy_id: 'taker', reason: 'CONSTRAINT', column_name: 'handle' },
      { entity_type: 'video_analytics', legacy_id: 'late', reason: 'UNSUPPORTED_VALUE', column_name: 'created_at' },
    ]);
  });

  it('namesakes keep apart whose ids have MD5 sums that begin alike: among 100,000 of one name there are some', async () => {
    const namesakes = ['u000000', 'u030077', 'u042019'];
    for (const id of namesakes) await insertCreator(database, { id, name: '김 민준', created_at: '2024-01-01' });
    await migrateAll();
    expect(await database.query('select user_id from video_platform.channels order by 1')).toEqual(
      namesakes.map((user_id) => ({ user_id })),
    );
  });

  it.each([1, 32, 33, 20_000])('of %i tags each keeps its first place, trimmed, without #, once', async (count) => {
    const owner = await insertCreator(database);
    const pieces = Array.from({ length: count }, (_, index) => [' #태그 ', `#tag${index % 7}`, '', `\u3000t${index}\t`][index % 4]);
    await insertLegacy(database, 'campaigns', [legacyCampaign(owner, { id: 'tagged', hashtags: pieces.join(',') })]);
    await migrateAll();
    const trimmed = pieces.map((piece) => piece?.replaceAll('#', '').trim());
    expect(await database.query('select tags from video_platform.videos')).toEqual([{ tags: [...new Set(trimmed)].filter(Boolean) }]);
  });

  it('names at the column limit that grow in lower case stop no run', async () => {
    await insertCreator(database, { id: 'long', name: 'İ'.repeat(120) });
    await insertCreator(database, { id: 'good', name: '가'.repeat(120) });
    await migrateAll();
    expect(await database.query(`select user_id from video_platform.channels where user_id = 'good'`)).toHaveLength(1);
  });

  it('the first 10,000 handles are asked for in time proportional to their number', async () => {
    await database.query('vacuum analyze video_platform.channel_handle_request'); // the planner takes it for as empty as it is
    await database.query(
      `insert into public.users (id, email, name, type) select 'u' || n, n || '@x', '이름 ' || n, 'INFLUENCER' from generate_series(1, 10000) n`,
    );
    await database.query(`insert into public.profiles (id, user_id) select id, id from public.users`);
    const [plan] = await database.query<{ 'QUERY PLAN': [{ Plan: { 'Shared Hit Blocks': number } }] }>(
      `explain (analyze, buffers, format json) ${entityNamed('channel').lookup?.refresh.replaceAll(':after', 'null').replaceAll(':limit', '10000')}`,
    );
    expect(await database.query('select count(*)::int from video_platform.channel_handle_request')).toEqual([{ count: 10_000 }]);
    expect(plan?.['QUERY PLAN'][0].Plan['Shared Hit Blocks']).toBeLessThan(10_000 * 20);
  });

  it('a legacy table that gains a column is copied as before', async () => {
    await database.query('alter table public.campaigns add column sponsor text');
    try {
      const owner = await insertCreator(database);
      await insertLegacy(database, 'campaigns', [legacyCampaign(owner, { sponsor: 'x' })]);
      await migrateAll();
      await database.query(`update public.campaigns set sponsor = 'y'`);
      await migrateAll();
      expect(await database.query('select id from video_platform.videos')).toHaveLength(1);
    } finally {
      await database.query('alter table public.campaigns drop column sponsor');
    }
  });
});

describe('keys that cannot be copied', () => {
  it('an empty key is set aside by name, in every entity, and accounted for', async () => {
    await insertLegacy(database, 'users', [legacyUser({ id: '', type: 'ADMIN' }), legacyUser({ id: 'admin', type: 'ADMIN' })]);
    await migrateAll();
    await migrateAll(); // neither the retry nor a second run copies it
    expect(await quarantine()).toEqual([{ entity_type: 'user', legacy_id: '', reason: 'UNSUPPORTED_VALUE', column_name: 'id', value: '' }]);
    expect(await database.query('select id from video_platform.users')).toEqual([{ id: 'admin' }]);
  });

  it('a row born on VideoPick keeps its place: the legacy row of the same key is set aside, and the rest of the batch copied', async () => {
    await database.query(
      `insert into video_platform.users (id, email, name, user_type, origin) values ('same', 'born@new.example', '새 사용자', 'ADMIN', 'videopick')`,
    );
    await insertLegacy(database, 'users', [
      legacyUser({ id: 'before', type: 'ADMIN' }),
      legacyUser({ id: 'same', type: 'ADMIN' }),
      legacyUser({ id: 'toward', type: 'ADMIN' }),
    ]);
    await migrateAll();
    expect(await quarantine()).toMatchObject([{ entity_type: 'user', legacy_id: 'same', reason: 'CONSTRAINT' }]);
    expect(await database.query('select id, name, origin from video_platform.users order by id')).toMatchObject([
      { id: 'before', origin: 'legacy' },
      { id: 'same', name: '새 사용자', origin: 'videopick' },
      { id: 'toward', origin: 'legacy' },
    ]);
  });
});

it('a legacy user is kept, and said to be, while a row born on VideoPick refers to it; it goes once that row has gone', async () => {
  await insertCreator(database, { id: 'owner' });
  await migrateAll();
  await database.query(`insert into video_platform.videos (id, channel_id, title, status, origin)
    select 'born', id, '새 동영상', 'PUBLISHED', 'videopick' from video_platform.channels`);
  await database.query('delete from public.profiles');
  await database.query('delete from public.users');
  for (let run = 0; run < 3; run++) {
    await migrate(database.db);
    await catchUpNow(database);
    expect(await database.query('select user_id from video_platform.channels')).toEqual([{ user_id: 'owner' }]);
    expect(await database.query(`select count(*)::int as kept from video_platform.quarantine where reason = 'CONSTRAINT'`)).not.toEqual([
      { kept: 0 },
    ]);
    expect(await database.query('select sum(missing + extra + different)::int as found from video_platform.verification_run')).toEqual([
      { found: 0 },
    ]);
  }
  await database.query(`delete from video_platform.videos where id = 'born'`);
  await migrate(database.db);
  await migrateAll();
  expect(await database.query('select id from video_platform.users')).toEqual([]);
  expect(await quarantine()).toEqual([]);
});
