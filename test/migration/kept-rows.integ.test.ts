import { beforeEach, describe, expect, it } from 'vitest';
import { insertCreator, insertLegacy, legacyApplication, legacyCampaign } from '../support/legacy-rows.ts';
import { migrate } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { catchUpNow, expectConsistent } from './consistency.ts';

/** What users have uploaded exists on VideoPick alone: no change on LinkPick short of the row's removal may take it away. */

const database = useMigrationDatabase();

beforeEach(async () => {
  await insertCreator(database, { id: 'biz', type: 'BUSINESS', name: '사장' });
  await insertCreator(database, { id: 'fan', name: '팬' });
  await insertLegacy(database, 'campaigns', [legacyCampaign('biz', { id: 'filmed' }), legacyCampaign('biz', { id: 'bare' })]);
  await insertLegacy(database, 'campaign_applications', [legacyApplication('filmed', 'fan', { id: 'app' })]);
  await migrate(database.db);
  await query(
    `update video_platform.videos set video_url = '/encoded/filmed/1/index.m3u8', processing_status = 'ready' where id = 'filmed'`,
  );
});

const query = <T extends Record<string, unknown>>(sql: string) => database.query<T>(sql);
const videos = () => query('select id, video_url from video_platform.videos order by id');
const quarantine = () =>
  query(`select entity_type, legacy_id, reason, column_name, value from video_platform.quarantine order by entity_type, legacy_id`);

const FILMED = { id: 'filmed', video_url: '/encoded/filmed/1/index.m3u8' };
const BARE = { id: 'bare', video_url: null };

/** Catches up, then runs twice, so that the quarantine is retried: at rest after each. */
async function settleAndRun(): Promise<void> {
  await catchUpNow(database);
  await expectConsistent(database);
  for (let run = 0; run < 2; run++) {
    await migrate(database.db);
    await catchUpNow(database);
    await expectConsistent(database);
  }
}

it('a video with a file stays, and what refers to it, while its campaign cannot be projected; it follows again once it can', async () => {
  await query(`update public.campaigns set status = 'SOLD', title = '팔린 것'`);
  await settleAndRun();
  expect(await videos()).toEqual([FILMED]);
  expect(await quarantine()).toMatchObject([
    { entity_type: 'video', legacy_id: 'bare', reason: 'UNKNOWN_VALUE' },
    { entity_type: 'video', legacy_id: 'filmed', reason: 'UNKNOWN_VALUE', column_name: 'status', value: 'SOLD' },
    { entity_type: 'video_analytics', legacy_id: 'bare', reason: 'MISSING_REFERENCE' },
  ]);
  expect(await query('select id from video_platform.video_submissions')).toEqual([{ id: 'app' }]);
  expect(await query(`select new_id from video_platform.entity_mapping where entity_type = 'video'`)).toEqual([{ new_id: 'filmed' }]);

  await query(`update public.campaigns set status = 'PAUSED'`);
  await settleAndRun();
  expect(await videos()).toEqual([BARE, FILMED]);
  expect(await quarantine()).toEqual([]);
  expect(await query(`select title, status from video_platform.videos where id = 'filmed'`)).toEqual([
    { title: '팔린 것', status: 'UNLISTED' },
  ]);
});

describe('a video whose file is on its way', () => {
  const opened = (videoId: string) =>
    query(`insert into video_platform.upload_session (id, video_id, bucket, object_key, s3_upload_id, file_name, content_type, size_bytes, part_bytes)
      values (gen_random_uuid(), '${videoId}', 'videos', 'temp/s/clip.mp4', 's3', 'clip.mp4', 'video/mp4', 9000000000, 16777216)`);
  const sessions = () => query('select video_id, status from video_platform.upload_session');
  const unknownStatus = () => query(`update public.campaigns set status = 'SOLD' where id = 'bare'`);

  it('stays while its campaign cannot be projected, and takes the file when it can again', async () => {
    await opened('bare');
    await unknownStatus();
    await settleAndRun();
    expect(await videos()).toEqual([BARE, FILMED]);
    expect(await sessions()).toEqual([{ video_id: 'bare', status: 'open' }]);
    expect(await quarantine()).toMatchObject([{ entity_type: 'video', legacy_id: 'bare', reason: 'UNKNOWN_VALUE' }]);
    await query(`update public.campaigns set status = 'PAUSED' where id = 'bare'`);
    await settleAndRun();
    expect(await quarantine()).toEqual([]);
    expect(await sessions()).toEqual([{ video_id: 'bare', status: 'open' }]);
    expect(await query(`select status from video_platform.videos where id = 'bare'`)).toEqual([{ status: 'UNLISTED' }]);
  });

  it.each([
    ['was aborted', `status = 'aborted'`],
    ['has expired', `updated_at = now() - interval '3 days'`],
  ])('goes after all, with the next run, once its upload %s', async (_end, change) => {
    await opened('bare');
    await unknownStatus();
    await catchUpNow(database);
    expect(await videos()).toEqual([BARE, FILMED]);
    await query(`update video_platform.upload_session set ${change}`);
    await settleAndRun();
    expect(await videos()).toEqual([FILMED]);
  });

  it('follows its campaign all the same, and goes with it', async () => {
    await opened('bare');
    await query(`update public.campaigns set title = '새 제목' where id = 'bare'`);
    await settleAndRun();
    expect(await query(`select title from video_platform.videos where id = 'bare'`)).toEqual([{ title: '새 제목' }]);
    await query(`delete from public.campaigns where id = 'bare'`);
    await settleAndRun();
    expect(await videos()).toEqual([FILMED]);
    expect(await sessions()).toEqual([]);
  });

  it('goes with its campaign at last when the database refused that at first', async () => {
    await opened('bare');
    await query(`insert into video_platform.watch_later (id, user_id, video_id, origin) values ('born', 'fan', 'bare', 'videopick')`);
    await query(`delete from public.campaigns where id = 'bare'`);
    await catchUpNow(database);
    expect(await videos()).toEqual([BARE, FILMED]);
    await query(`delete from video_platform.watch_later`);
    await migrate(database.db);
    await settleAndRun();
    expect(await videos()).toEqual([FILMED]);
  });

  it('born on VideoPick is none that was kept for a campaign of the same id', async () => {
    await query(`insert into video_platform.videos (id, channel_id, title, status, origin)
      select 'same', channel_id, '우리 영상', 'PRIVATE', 'videopick' from video_platform.videos where id = 'bare'`);
    await opened('same');
    await insertLegacy(database, 'campaigns', [legacyCampaign('biz', { id: 'same', status: 'SOLD' })]);
    await migrate(database.db);
    await query(`update public.campaigns set title = '새 제목' where id = 'same'`);
    await catchUpNow(database);
    expect(
      await query(
        `select metadata ? 'kept' as kept from video_platform.migration_status where (entity_type, legacy_id) = ('video', 'same')`,
      ),
    ).toEqual([{ kept: false }]);
  });
});

it('a channel that ended on LinkPick stays while a video with a file is in it, and no verification complains', async () => {
  await query(`delete from public.profiles where user_id = 'biz'`);
  for (let run = 0; run < 3; run++) {
    await catchUpNow(database);
    await migrate(database.db);
  }
  expect(await videos()).toContainEqual(FILMED);
  expect(await quarantine()).toEqual([expect.objectContaining({ entity_type: 'channel', legacy_id: 'biz', reason: 'CONSTRAINT' })]);
  expect(
    await query(`select run_id from video_platform.verification_run where missing + extra + different + unaccounted + mismapped > 0`),
  ).toEqual([]);

  await query(`insert into public.profiles (id, user_id) values ('again', 'biz')`);
  await settleAndRun();
  expect(await quarantine()).toEqual([]);
});

it('a video with a file stays when its campaign goes to an owner who cannot have it', async () => {
  await query(`update public.campaigns set business_id = 'nobody' where id = 'filmed'`);
  await settleAndRun();
  expect(await videos()).toEqual([BARE, FILMED]);
  expect(await quarantine()).toMatchObject([
    { entity_type: 'video', legacy_id: 'filmed', reason: 'MISSING_REFERENCE', column_name: 'business_id', value: 'nobody' },
  ]);
});

it('a video with a file stays while its campaign waits for an owner who is still to come', async () => {
  await insertCreator(database, { id: 'new', type: 'BUSINESS', name: '새 사장' });
  await query(`update public.campaigns set business_id = 'new' where id = 'filmed'`);
  await catchUpNow(database);
  await expectConsistent(database);
  expect(await videos()).toEqual([BARE, FILMED]);
  await migrate(database.db);
  await catchUpNow(database);
  await expectConsistent(database);
  expect(await quarantine()).toEqual([]);
  expect(
    await query(
      `select c.user_id, v.video_url from video_platform.videos v join video_platform.channels c on c.id = v.channel_id where v.id = 'filmed'`,
    ),
  ).toEqual([{ user_id: 'new', video_url: FILMED.video_url }]);
});

it('goes with its campaign all the same', async () => {
  await query(`delete from public.campaign_applications`);
  await query(`delete from public.campaigns where id = 'filmed'`);
  await settleAndRun();
  expect(await videos()).toEqual([BARE]);
});
