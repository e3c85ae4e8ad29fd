import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { publish } from '../../../lambdas/transcoding/publication.ts';
import { TranscodingSettings } from '../../../lambdas/transcoding/settings.ts';
import { sweepVideos } from '../../../lambdas/transcoding/sweep-videos.ts';
import { recordArrival, takeArrivalBack } from '../../../lambdas/transcoding/uploads/upload-session.ts';
import { catchUpNow, expectConsistent } from '../../migration/consistency.ts';
import { emptyLegacy, emptyVideoPlatform } from '../../support/database-content.ts';
import { insertCreator, insertLegacy, legacyCampaign } from '../../support/legacy-rows.ts';
import { migrate } from '../../support/migration.ts';
import { createTranscodingDatabase, type TranscodingDatabase } from '../transcoding-database.ts';
import { executionArn, upload } from '../uploads.ts';

/** A migrated video is its campaign's as well: what an upload writes and what the migration writes must not meet. */

let database: TranscodingDatabase;
beforeAll(async () => {
  database = await createTranscodingDatabase();
});
afterAll(() => database?.close());
beforeEach(async () => {
  await emptyLegacy(database);
  await emptyVideoPlatform(database);
  await insertCreator(database, { id: 'biz', type: 'BUSINESS' });
  await insertLegacy(database, 'campaigns', [legacyCampaign('biz', { id: 'v1', thumbnail_image_url: 'https://old.example/t.png' })]);
  await migrate(database.db);
  await catchUpNow(database);
});

const sweep = () =>
  sweepVideos({
    db: database.db,
    executionState: async () => 'running',
    restart: async () => true,
    processingEnabled: true,
    deletePrefix: async () => ({ deleted: 0, isEmpty: true }),
    settings: TranscodingSettings.parse({}),
    timeLeftMs: () => 600_000,
  });
const announcedMinutesAgo = async () =>
  (
    await database.query<{ minutes: number | null }>(
      `select extract(epoch from now() - announced_at)::float8 / 60 as minutes from video_platform.videos`,
    )
  )[0]?.minutes;

it('an upload, from its announcement to its publication, leaves nothing for verification to find', async () => {
  await expectConsistent(database);
  await recordArrival(database.db, 'v1');
  expect(await database.video()).toMatchObject({ processing_status: 'uploaded' });
  await expectConsistent(database);
  await takeArrivalBack(database.db, 'v1');
  expect(await database.video()).toMatchObject({ processing_status: null });
  expect(await announcedMinutesAgo()).toBeNull();
  await expectConsistent(database);
  await recordArrival(database.db, 'v1');
  for (const status of ['uploaded', 'inspecting', 'encoding', 'checking']) {
    if (status === 'uploaded') await database.claim(status, executionArn('e'));
    else await database.query('update video_platform.video_upload set status = $1', [status]);
    await expectConsistent(database);
  }
  await publish(database.db, upload(), executionArn('e'), {
    videoUrl: '/encoded/v1/1/index.m3u8',
    thumbnailUrl: '/thumbnails/v1/1/poster.0000001.jpg',
    previewUrl: '/previews/v1/1/preview.mp4',
    storyboardUrl: '/encoded/v1/1/storyboard.vtt',
    durationSeconds: 12.5,
    resolution: '1920x1080',
    fileSizeBytes: 4_000,
    renditions: [],
    measured: {},
  });
  expect(await database.video()).toMatchObject({ processing_status: 'ready' });
  await expectConsistent(database);
});

it('an edit of the campaign does not age the announcement of a file', async () => {
  await recordArrival(database.db, 'v1');
  await database.query(`update public.campaigns set title = '새 제목', updated_at = '2024-05-01 00:00:00' where id = 'v1'`);
  await catchUpNow(database);
  await expectConsistent(database);
  expect(await announcedMinutesAgo()).toBeLessThan(5);
  expect(await sweep()).toMatchObject({ lost: 0 });
  expect(await database.video()).toMatchObject({ processing_status: 'uploaded' });
});

it('an edit of the campaign does not keep an announcement young either', async () => {
  await recordArrival(database.db, 'v1');
  await database.query(`update video_platform.videos set announced_at = now() - interval '31 minutes'`);
  await database.query(`update public.campaigns set title = '새 제목', updated_at = now() at time zone 'UTC' where id = 'v1'`);
  await catchUpNow(database);
  expect(await sweep()).toMatchObject({ lost: 1 });
  expect(await database.video()).toMatchObject({ processing_status: null });
  expect(await announcedMinutesAgo()).toBeNull();
  await expectConsistent(database);
});
