import { describe, expect, it, vi } from 'vitest';
import { recordProblem, recordSettings } from '../../lambdas/migration/settings-in-force.ts';
import { readStatus } from '../../lambdas/operations/read-status.ts';
import { readVideo } from '../../lambdas/operations/read-video.ts';
import { insertCreator, insertLegacy, legacyCampaign, legacyUser } from '../support/legacy-rows.ts';
import { migrate, testSettings } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';

const database = useMigrationDatabase();

interface UploadRow {
  readonly video_id: string;
  readonly status: string;
  readonly object_key?: string;
  readonly version?: string;
  readonly reason_code?: string;
  readonly renditions?: string;
  readonly measured?: string;
  readonly upload_id?: string;
  readonly uploaded_at?: string;
  readonly superseded_at?: string;
  readonly progress_percent?: number;
  readonly source?: string;
  readonly estimate?: string;
  readonly actual?: string;
}

async function insertUpload(row: UploadRow): Promise<void> {
  const all = {
    bucket: 'videos',
    object_key: `originals/${row.video_id}/clip.mp4`,
    version: 'v1',
    execution_arn: 'arn:aws:states',
    ...row,
  };
  const columns = Object.keys(all);
  await database.query(
    `insert into video_platform.video_upload (${columns.join(', ')}) values (${columns.map((_, index) => `$${index + 1}`).join(', ')})`,
    Object.values(all),
  );
}

/** A migrated campaign; gives the id of its video. */
async function migratedVideo(title = '여름 캠페인'): Promise<string> {
  const business = await insertCreator(database, { type: 'BUSINESS' });
  const campaign = legacyCampaign(business, { title });
  await insertLegacy(database, 'campaigns', [campaign]);
  await migrate(database.db);
  return String(campaign.id);
}

describe('the status before anything has run', () => {
  it('counts every legacy row as pending and leaves the rest empty', async () => {
    await insertCreator(database);
    const { entities, now, control, movement, ...rest } = await readStatus(database.db);
    expect(entities).toMatchObject([
      { entity: 'user', total: 1, completed: 0, failed: 0, pending: 1, percent: 0, rowsPerSecond: null, timeLeftSeconds: null },
      { entity: 'channel', total: 1, pending: 1 },
      { entity: 'channel_setting', total: 0 },
      { entity: 'video', total: 0, pending: 0, percent: 100, eta: null },
      { entity: 'video_submission', total: 0 },
      { entity: 'watch_later', total: 0 },
      { entity: 'video_analytics', total: 0 },
    ]);
    expect(rest).toEqual({
      runs: [],
      quarantine: [],
      verification: null,
      videos: [],
      quota: null,
      settings: null,
      capture: { backlog: 0, oldestSeconds: null },
      eta: { earliest: null, latest: null },
    });
    expect(control).toMatchObject({ request: 'run', reason: null });
    expect(movement).toMatchObject({ state: 'still', code: 'NOT_STARTED', value: 2 });
    expect(Math.abs(Date.parse(now) - Date.now())).toBeLessThan(60_000);
  });
});

describe('the status of a migration', () => {
  it('accounts for every row, with the reasons of those set aside', async () => {
    await insertCreator(database);
    await insertLegacy(database, 'users', [legacyUser({ type: 'ROBOT' }), legacyUser({ type: 'ROBOT' })]);
    const runId = await migrate(database.db, { runDate: '2026-11-23' });
    const { entities, quarantine, runs, verification } = await readStatus(database.db);
    expect(entities[0]).toMatchObject({ entity: 'user', total: 3, completed: 1, failed: 2, pending: 0, percent: 100 });
    expect(quarantine).toContainEqual({ entity: 'user', reason: 'UNKNOWN_VALUE', count: 2, triedAt: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ runId, runDate: '2026-11-23', status: 'running', completed: 2, quarantined: 2, finishedAt: null });
    expect(verification).toMatchObject({ runId, clean: true });
    expect(verification?.entities.map(({ entity }) => entity)).toEqual(entities.map(({ entity }) => entity));
    expect(verification?.checks).toContainEqual({ name: 'User Count Match', passed: true, value: '1', expected: '1' });
  });

  it('is not clean when a row differs, or when an entity was not verified', async () => {
    await insertCreator(database);
    const runId = await migrate(database.db);
    await database.query(`update video_platform.verification_run set different = 2 where run_id = $1 and entity_type = 'user'`, [runId]);
    expect((await readStatus(database.db)).verification).toMatchObject({ clean: false });
    await database.query(`delete from video_platform.verification_run where run_id = $1 and entity_type = 'user'`, [runId]);
    expect((await readStatus(database.db)).verification).toMatchObject({ clean: false });
  });

  it('lists the latest 20 runs, newest first, each reason cut short', async () => {
    await database.query(
      `insert into video_platform.migration_run (execution_arn, run_date, status, reason, started_at, finished_at, report_key)
       select 'arn:' || n, date '2026-01-01' + n, 'failed', repeat('왜', 10000), timestamptz '2026-01-01 00:00:00Z' + n * interval '1 day',
         timestamptz '2026-01-01 00:00:05Z' + n * interval '1 day', 'reports/' || n from generate_series(1, 25) n`,
    );
    const { runs } = await readStatus(database.db);
    expect(runs).toHaveLength(20);
    expect(runs[0]).toMatchObject({ runDate: '2026-01-26', startedAt: '2026-01-26T00:00:00.000Z', reportKey: 'reports/25', completed: 0 });
    expect(runs[0]?.reason).toHaveLength(500);
  });
});

describe('what runs go by', () => {
  it('shows the last good settings beside what is wrong with the deployed document, each since when', async () => {
    const inForce = testSettings({ dailyLimit: 7 });
    await recordSettings(database.db, inForce);
    await recordProblem(database.db, 'the deployed document does not fit: dailyLimit: Too small');
    const { settings, movement } = await readStatus(database.db);
    const time = expect.stringMatching(/^\d{4}-.*Z$/);
    expect(settings).toEqual({
      inForce,
      since: time,
      disabledSince: null,
      offSince: {},
      problem: { text: expect.stringContaining('dailyLimit'), since: time },
    });
    expect(movement).toMatchObject({ code: 'SETTINGS_REFUSED', reason: expect.stringContaining('dailyLimit') });
  });

  it('says that the row of requests is gone instead of failing, and that it is back', async () => {
    await database.query('delete from video_platform.migration_control');
    expect(await readStatus(database.db)).toMatchObject({ control: null, movement: { code: 'CONTROL_MISSING' } });
    await migrate(database.db);
    expect((await readStatus(database.db)).control).toMatchObject({ request: 'run' });
  });

  it('shows a limit given by hand and what comes in a day', async () => {
    const created_at = new Date(Date.now() - 86_400_000).toISOString().slice(0, 19);
    await insertLegacy(
      database,
      'users',
      Array.from({ length: 14 }, () => legacyUser({ type: 'ADMIN', created_at })),
    );
    await migrate(database.db, { runDate: '2026-11-23', dailyLimit: 2 });
    await database.query(`update video_platform.migration_quota set by_hand = true`);
    await database.query(`update video_platform.migration_run set status = 'completed', finished_at = now()`);
    const { quota, runs, movement } = await readStatus(database.db);
    expect(quota).toEqual({ runDate: '2026-11-23', dailyLimit: 2, byHand: true, completed: 2 });
    expect(runs[0]).toMatchObject({ inflowPerDay: 2 });
    expect(movement).toMatchObject({ code: 'INFLOW_OUTRUNS', value: 2, threshold: 2, since: runs[0]?.startedAt });
  });
});

describe('the status of uploads', () => {
  it('shows a published video with its output', async () => {
    const videoId = await migratedVideo('제주 카페 투어');
    await insertUpload({ video_id: videoId, status: 'ready', renditions: '[{"name":"720p","width":1280,"height":720}]' });
    await database.query(
      `update video_platform.videos set video_url = '/encoded/a/index.m3u8', thumbnail_url = '/thumbnails/a/p.jpg',
         preview_url = '/previews/a/preview.mp4', storyboard_url = '/encoded/a/storyboard.vtt', duration_seconds = 12.345,
         resolution = '1280x720', file_size_bytes = 5000000000, processing_status = 'ready' where id = $1`,
      [videoId],
    );
    const [video] = (await readStatus(database.db)).videos;
    expect(video).toMatchObject({
      id: videoId,
      videoId,
      title: '제주 카페 투어',
      status: 'ready',
      url: '/encoded/a/index.m3u8',
      thumbnail: '/thumbnails/a/p.jpg',
      preview: '/previews/a/preview.mp4',
      storyboard: '/encoded/a/storyboard.vtt',
      durationSeconds: 12.345,
      resolution: '1280x720',
      fileSizeBytes: 5_000_000_000,
      renditions: [{ name: '720p', width: 1280, height: 720 }],
      reason: null,
    });
  });

  it('says why the newest upload was rejected, while the older output stays playable', async () => {
    const videoId = await migratedVideo();
    const renditions = '[{"name":"360p","width":640,"height":360}]';
    await insertUpload({ video_id: videoId, version: 'v1', status: 'ready', renditions, uploaded_at: '2026-01-01T00:00:00Z' });
    await insertUpload({
      video_id: videoId,
      version: 'v2',
      status: 'failed',
      reason_code: 'EMPTY_FILE',
      uploaded_at: '2026-01-02T00:00:00Z',
    });
    await database.query(`update video_platform.videos set video_url = '/encoded/a/index.m3u8' where id = $1`, [videoId]);
    const { videos } = await readStatus(database.db);
    expect(videos).toHaveLength(1);
    expect(videos[0]).toMatchObject({
      status: 'failed',
      url: '/encoded/a/index.m3u8',
      renditions: JSON.parse(renditions),
      reason: { code: 'EMPTY_FILE', ko: '빈 파일입니다.', en: 'The file is empty.' },
      uploadedAt: '2026-01-02T00:00:00.000Z',
      playing: { uploadedAt: '2026-01-01T00:00:00.000Z' },
    });
  });

  it('tells which upload plays: the one not superseded, whatever was published last, with what was measured of it', async () => {
    const videoId = await migratedVideo();
    const measured = JSON.stringify({
      renditions: [
        { name: '360p', widthPx: 640, heightPx: 360, averageBandwidthBps: 700_000 },
        { name: '720p', widthPx: 1280, heightPx: 720, averageBandwidthBps: 2_100_000 },
      ],
    });
    const at = '2026-01-01T00:00:00Z';
    await insertUpload({ video_id: videoId, version: 'v2', status: 'ready', upload_id: 'b'.repeat(64), measured, uploaded_at: at });
    await insertUpload({
      video_id: videoId,
      version: 'v1',
      status: 'ready',
      upload_id: 'a'.repeat(64),
      uploaded_at: '2025-12-31T00:00:00Z',
      superseded_at: at,
    });
    await database.query(`update video_platform.videos set video_url = '/encoded/b/index.m3u8' where id = $1`, [videoId]);
    expect((await readStatus(database.db)).videos).toMatchObject([
      {
        version: 'b'.repeat(12),
        playing: { version: 'b'.repeat(12), uploadedAt: '2026-01-01T00:00:00.000Z' },
        renditions: [
          { name: '720p', width: 1280, height: 720, averageBitrateBps: 2_100_000 },
          { name: '360p', width: 640, height: 360, averageBitrateBps: 700_000 },
        ],
      },
    ]);
  });

  it('tells how far an encode is, what it was expected to cost and what it came to, over all its jobs', async () => {
    const [first, second] = [await migratedVideo(), await migratedVideo()];
    const estimate = JSON.stringify({ hls: { outputMinutes: 4, costUsd: 0.06 }, preview: { outputMinutes: 0.25, costUsd: 0.0025 } });
    const actual = JSON.stringify({ hls: { outputMinutes: 3.5, costUsd: 0.05 }, preview: null });
    await insertUpload({ video_id: first, status: 'encoding', progress_percent: 42, estimate, actual });
    await insertUpload({ video_id: second, status: 'inspecting' });
    const { videos } = await readStatus(database.db);
    expect(videos.find(({ id }) => id === first)).toMatchObject({
      status: 'encoding',
      progressPercent: 42,
      playing: null,
      estimate: { outputMinutes: 4.25, costUsd: 0.0625 },
      actual: { outputMinutes: 3.5, costUsd: 0.05 },
    });
    expect(videos.find(({ id }) => id === second)).toMatchObject({
      status: 'inspecting',
      progressPercent: 0,
      estimate: null,
      actual: null,
    });
  });

  it('says what an upload is being encoded to, until it has an outcome', async () => {
    const source = JSON.stringify({ picture: { widthPx: 404, heightPx: 720 } });
    for (const status of ['inspecting', 'encoding', 'checking', 'ready', 'cancelled']) {
      const videoId = await migratedVideo();
      await insertUpload({ video_id: videoId, status, source });
      const planned = ['encoding', 'checking'].includes(status) ? [{ name: '360p', width: 360, height: 642 }] : [];
      expect(await readVideo(database.db, { id: videoId })).toMatchObject({ status, planned });
    }
  });

  it('finds a video by its id beyond the list, before its first upload, and an upload that names none', async () => {
    const videoId = await migratedVideo('제주 카페 투어');
    const before = await readVideo(database.db, { id: videoId });
    expect(before).toMatchObject({
      id: videoId,
      videoId,
      title: '제주 카페 투어',
      status: null,
      url: null,
      uploadedAt: null,
      renditions: [],
    });
    await insertUpload({ video_id: videoId, status: 'failed', reason_code: 'EMPTY_FILE' });
    await insertUpload({ video_id: '', object_key: 'originals/b.mp4', status: 'failed', reason_code: 'INVALID_KEY' });
    const { videos } = await readStatus(database.db);
    expect(videos).toHaveLength(2);
    for (const video of videos) expect(await readVideo(database.db, { id: video.id })).toEqual(video);
    await expect(readVideo(database.db, { id: `' or true --` })).rejects.toMatchObject({
      name: 'RefusedRequestError',
      statusCode: 404,
    });
  });

  it('lists uploads of no known video, without giving away their file names', async () => {
    await insertUpload({ video_id: 'nobody', status: 'failed', reason_code: 'UNKNOWN_VIDEO' });
    await insertUpload({ video_id: '', object_key: 'originals/홍길동.mp4', status: 'failed', reason_code: 'INVALID_KEY' });
    await insertUpload({ video_id: '', object_key: 'originals/b.mp4', status: 'failed', reason_code: 'FROM_A_LATER_VERSION' });
    const { videos } = await readStatus(database.db);
    expect(new Set(videos.map(({ id }) => id)).size).toBe(3);
    expect(videos.map(({ reason }) => reason?.code).sort()).toEqual(['FROM_A_LATER_VERSION', 'INVALID_KEY', 'UNKNOWN_VIDEO']);
    expect(JSON.stringify(videos)).not.toContain('홍길동');
  });

  it('leaves out pictures of other hosts', async () => {
    const videoId = await migratedVideo();
    await insertUpload({ video_id: videoId, status: 'encoding' });
    for (const picture of ['https://images.example.com/a.png', '//images.example.com/a.png']) {
      await database.query('update video_platform.videos set thumbnail_url = $2 where id = $1', [videoId, picture]);
      expect((await readStatus(database.db)).videos[0]).toMatchObject({ status: 'encoding', thumbnail: null });
    }
  });

  it('asks once and stays far below 1 MiB, with 100 of many uploads, newest first', async () => {
    await database.query(
      `insert into video_platform.video_upload (bucket, object_key, version, video_id, execution_arn, status, reason_code, reason, uploaded_at)
       select 'videos', 'originals/' || repeat('k', 900) || n, 'v', 'video' || n, 'arn', 'failed', 'INTERNAL', repeat('r', 5000),
         timestamptz '2026-01-01 00:00:00Z' + n * interval '1 second' from generate_series(1, 300) n`,
    );
    const query = vi.spyOn(database.db, 'query');
    const status = await readStatus(database.db);
    expect(query).toHaveBeenCalledTimes(1);
    query.mockRestore();
    expect(status.videos).toHaveLength(100);
    expect(status.videos[0]?.videoId).toBe('video300');
    expect(status.videos[99]?.videoId).toBe('video201');
    expect(JSON.stringify(status).length).toBeLessThan(100 * 1024);
  });

  it('holds no personal data', async () => {
    const user = legacyUser({ name: '홍길동', email: 'hong@example.com', type: 'ROBOT' });
    await insertLegacy(database, 'users', [user]);
    await insertCreator(database, { name: '김영희', email: 'kim@example.com' });
    await migrate(database.db);
    await database.query('update video_platform.migration_run set reason = $1', [
      'Copy: ERROR: duplicate key, kim@example.com\n  Detail: Key (email)=(hong@example.com) of 홍길동 already exists.; SQLState: 23505',
    ]);
    const status = await readStatus(database.db);
    expect(status.runs[0]?.reason).toBe('Copy: ERROR: duplicate key, …; SQLState: 23505');
    const text = JSON.stringify(status);
    for (const personal of ['홍길동', 'hong@', '김영희', 'kim@', String(user.id)]) expect(text).not.toContain(personal);
  });
});
