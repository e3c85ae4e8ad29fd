import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { parseInput } from '../../lambdas/step.ts';
import { IncompleteOutputError, PublishVideoInput, publishVideo } from '../../lambdas/transcoding/publish-video.ts';
import { identity, outputPrefix, type Upload } from '../../lambdas/transcoding/upload.ts';
import { createTranscodingDatabase, type TranscodingDatabase } from './transcoding-database.ts';
import { executionArn, upload } from './uploads.ts';

let database: TranscodingDatabase;
const s3 = new S3Client({ region: 'ap-northeast-2' });
const mock = mockClient(s3);
const bucket = new Map<string, string>();

const IMAGES = `#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:8
#EXT-X-IMAGES-ONLY
#EXT-X-PLAYLIST-TYPE:VOD
#EXTINF:7.500,
#EXT-X-TILES:RESOLUTION=160x90,LAYOUT=5x5,DURATION=1.5
sheet_00001.jpg
#EXT-X-ENDLIST
`;

beforeAll(async () => {
  database = await createTranscodingDatabase();
});
afterAll(() => database?.close());
beforeEach(async () => {
  await database.reset();
  await database.claim('checking', executionArn('e'));
  bucket.clear();
  for (const number of [0, 1]) bucket.set(`${outputPrefix('thumbnails', upload())}/poster.000000${number}.jpg`, 'jpg');
  bucket.set(`${outputPrefix('encoded', upload())}/360p/images.m3u8`, IMAGES);
  mock.reset();
  mock.on(PutObjectCommand).callsFake(({ Key, Body }) => {
    bucket.set(Key, Body);
    return {};
  });
  mock.on(GetObjectCommand).callsFake(({ Key }) => ({ Body: { transformToByteArray: async () => Buffer.from(bucket.get(Key) ?? '') } }));
  mock.on(ListObjectsV2Command).callsFake(({ Prefix }) => ({
    Contents: [...bucket.keys()].filter((key) => key.startsWith(Prefix)).map((Key) => ({ Key })),
  }));
});

const rendition = (name: string, widthPx: number, heightPx: number, averageBandwidthBps: number) => ({
  ...{ name, widthPx, heightPx, averageBandwidthBps, bandwidthBps: averageBandwidthBps * 2 },
  ...{ codecs: 'avc1.640028,mp4a.40.2', frameRate: 30, bytes: 100, durationSeconds: 7.5 },
});
const checked: z.input<typeof PublishVideoInput>['checked'] = {
  passed: true,
  faults: [],
  renditions: [rendition('360p', 640, 360, 500_000), rendition('720p', 1280, 720, 2_000_000)],
  durationSeconds: 7.5,
  totalBytes: 4_321,
  storyboard: { playlist: '360p/images.m3u8' },
};

const publish = (fields: Partial<z.input<typeof PublishVideoInput>> = {}) =>
  publishVideo(parseInput(PublishVideoInput, { executionArn: executionArn('e'), upload: upload(), hasPreview: true, checked, ...fields }), {
    db: database.db,
    s3,
  });

/** Another upload of the video, which arrived at that second of the day. */
async function claimAt(second: number, of: Partial<Upload>, status = 'checking'): Promise<void> {
  await database.claim(status, executionArn(of.version), of);
  await database.query(
    `update video_platform.video_upload set uploaded_at = $1::timestamptz + make_interval(secs => $2) where upload_id = $3`,
    ['2026-11-23T00:00:00Z', second, identity(upload(of))],
  );
}
const publishVersion = (version: string) => publish({ executionArn: executionArn(version), upload: upload({ version }) });
const folder = (version = 'version-1') => outputPrefix('encoded', upload({ version }));

describe('publishing', () => {
  it('switches the video to what was measured, with what a player and a list need', async () => {
    expect(await publish()).toEqual({ outcome: 'published', videoId: 'v1', videoUrl: `/${folder()}/index.m3u8` });
    expect(await database.video()).toEqual({
      video_url: `/${folder()}/index.m3u8`,
      thumbnail_url: `/${outputPrefix('thumbnails', upload())}/poster.0000001.jpg`,
      processing_status: 'ready',
      duration: 7.5,
      resolution: '1280x720',
      bytes: 4_321,
      published: true,
    });
    expect(await database.query('select preview_url, storyboard_url from video_platform.videos')).toEqual([
      { preview_url: `/${outputPrefix('previews', upload())}/preview.mp4`, storyboard_url: `/${folder()}/storyboard.vtt` },
    ]);
    expect(await database.uploads()).toMatchObject([
      {
        status: 'ready',
        superseded: false,
        renditions: [
          { name: '720p', width: 1280, height: 720 },
          { name: '360p', width: 640, height: 360 },
        ],
      },
    ]);
  });

  it('writes the playlist above the rungs and the cues into the sheets, as their kinds, before anything points to them', async () => {
    await publish();
    expect(bucket.get(`${folder()}/index.m3u8`)).toContain('RESOLUTION=1280x720,FRAME-RATE=30.000\n720p/index_720p.m3u8');
    expect(bucket.get(`${folder()}/storyboard.vtt`)).toContain('00:00:00.000 --> 00:00:01.500\n360p/sheet_00001.jpg#xywh=0,0,160,90');
    expect(mock.commandCalls(PutObjectCommand).map(({ args }) => args[0].input.ContentType)).toEqual([
      'text/vtt; charset=utf-8',
      'application/vnd.apple.mpegurl',
    ]);
    mock.on(PutObjectCommand).rejects(Object.assign(new Error('slow down'), { name: 'SlowDown' }));
    await database.reset();
    await database.claim('checking', executionArn('e'));
    await expect(publish()).rejects.toMatchObject({ name: 'SlowDown' });
    expect(await database.video()).toMatchObject({ video_url: null, processing_status: 'checking' });
  });

  it('may be repeated: the same values, the date of publication kept', async () => {
    await publish();
    const before = await database.query('select * from video_platform.videos');
    await publish();
    expect(await database.query('select * from video_platform.videos')).toEqual(before);
  });

  it('does without a poster, a preview and a storyboard', async () => {
    bucket.clear();
    await publish({ hasPreview: false, checked: { ...checked, storyboard: null } });
    expect(await database.video()).toMatchObject({ thumbnail_url: 'https://old.example/t.png', processing_status: 'ready' });
    expect(await database.query('select preview_url, storyboard_url from video_platform.videos')).toEqual([
      { preview_url: null, storyboard_url: null },
    ]);
  });

  it('marks what played before as superseded, and touches no other upload', async () => {
    await publish();
    await claimAt(5, { version: 'newer' });
    await claimAt(3, { version: 'bad' }, 'failed');
    await publishVersion('newer');
    expect(await database.video()).toMatchObject({ video_url: `/${folder('newer')}/index.m3u8` });
    expect((await database.uploads()).map(({ version, status, superseded }) => [version, status, superseded])).toEqual([
      ['version-1', 'ready', true],
      ['bad', 'failed', false],
      ['newer', 'ready', false],
    ]);
  });

  it('of an upload that arrived before the one that plays leaves that playing, in whatever order they end, even at once', async () => {
    await claimAt(5, { version: 'newer' });
    const end = async () => [(await database.video())?.video_url, (await database.uploads()).map(({ superseded }) => superseded)];
    expect(await publishVersion('newer')).toMatchObject({ outcome: 'published' });
    expect(await publish()).toMatchObject({ outcome: 'superseded' });
    expect(await end()).toEqual([`/${folder('newer')}/index.m3u8`, [true, false]]);
    for (let round = 0; round < 5; round++) {
      await database.reset();
      await database.claim('checking', executionArn('e'));
      await claimAt(5, { version: 'newer' });
      await Promise.all([publish(), publishVersion('newer')]);
      expect(await end()).toEqual([`/${folder('newer')}/index.m3u8`, [true, false]]);
    }
  });

  it('refuses what did not pass its check, says what is wrong with it, and leaves the playing video as it is', async () => {
    await database.playing();
    const before = [await database.video(), await database.uploads()];
    const faults = [{ check: 2, file: '360p/a.ts', found: 'nothing', expected: 'a segment' }];
    const refused = publish({ checked: { ...checked, passed: false, faults } });
    await expect(refused).rejects.toBeInstanceOf(IncompleteOutputError);
    await expect(refused).rejects.toThrow('check 2: 360p/a.ts has nothing, expected a segment');
    expect([await database.video(), await database.uploads()]).toEqual(before);
    expect(mock.commandCalls(PutObjectCommand)).toEqual([]);
  });

  it('is not for an execution whose upload was taken over, or has failed', async () => {
    await database.reset();
    await database.claim('checking', executionArn('heir'));
    expect(await publish()).toMatchObject({ outcome: 'superseded' });
    await database.reset();
    await database.claim('failed', executionArn('e'));
    expect(await publish()).toMatchObject({ outcome: 'superseded' });
    expect(await database.video()).toMatchObject({ video_url: null });
  });
});
