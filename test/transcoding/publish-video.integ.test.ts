import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseInput } from '../../lambdas/step.ts';
import { IncompleteOutputError, PublishVideoInput, publishVideo } from '../../lambdas/transcoding/publish-video.ts';
import { outputPrefix } from '../../lambdas/transcoding/upload.ts';
import { createTranscodingDatabase, type TranscodingDatabase } from './transcoding-database.ts';
import { executionArn, upload } from './uploads.ts';

const s3 = new S3Client({ region: 'ap-northeast-2' });
const mock = mockClient(s3);
let database: TranscodingDatabase;
/** Key → content of the bucket. */
let bucket: Map<string, string>;

beforeAll(async () => {
  database = await createTranscodingDatabase();
});
afterAll(() => database?.close());
beforeEach(async () => {
  await database.reset();
  await database.claim('encoding', executionArn('e'));
  bucket = encoded();
  mock.reset();
  // Pages of three keys, so that a listing has to be read to its end.
  mock.on(ListObjectsV2Command).callsFake(({ Prefix, ContinuationToken = '0' }) => {
    const all = [...bucket].filter(([key]) => key.startsWith(Prefix)).sort();
    const from = Number(ContinuationToken);
    const more = from + 3 < all.length;
    return {
      Contents: all.slice(from, from + 3).map(([Key, body]) => ({ Key, Size: body.length })),
      IsTruncated: more,
      NextContinuationToken: more ? String(from + 3) : undefined,
    };
  });
  mock.on(GetObjectCommand).callsFake(({ Key }) => {
    const body = bucket.get(Key);
    if (body === undefined) throw new NoSuchKey({ message: 'no', $metadata: {} });
    return { Body: { transformToString: async () => body } };
  });
});

const renditions = [
  { name: '720p', widthPx: 1280, heightPx: 720 },
  { name: '360p', widthPx: 640, heightPx: 360 },
];
const folder = (of = upload()) => outputPrefix('encoded', of);
const posters = (of = upload()) => outputPrefix('thumbnails', of);

/** What a job that went well has written: two segments a rendition, 6 s and 1.5 s. */
function encoded(of = upload()): Map<string, string> {
  const files = new Map<string, string>();
  files.set(
    `${folder(of)}/index.m3u8`,
    `#EXTM3U\n${renditions.map(({ name }) => `#EXT-X-STREAM-INF:BANDWIDTH=1\nindex_${name}.m3u8\n`).join('')}`,
  );
  for (const { name } of renditions) {
    files.set(
      `${folder(of)}/index_${name}.m3u8`,
      `#EXTM3U\n#EXTINF:6,\nindex_${name}_00001.ts\n#EXTINF:1.5,\nindex_${name}_00002.ts\n#EXT-X-ENDLIST\n`,
    );
    for (const number of [1, 2]) files.set(`${folder(of)}/index_${name}_0000${number}.ts`, 'x'.repeat(100));
  }
  files.set(`${posters(of)}/poster.0000000.jpg`, 'jpg');
  files.set(`${posters(of)}/poster.0000001.jpg`, 'jpg');
  return files;
}

const publish = (of = upload()) =>
  publishVideo(parseInput(PublishVideoInput, { upload: of, promised: { renditions, durationSeconds: 7.4 } }), { db: database.db, s3 });

describe('publishing', () => {
  it('switches the video to a complete output, with what a player and a list need', async () => {
    const bytes = [...bucket].filter(([key]) => key.startsWith(folder())).reduce((total, [, body]) => total + body.length, 0);
    const videoUrl = `/${folder()}/index.m3u8`;
    expect(await publish()).toEqual({ outcome: 'published', videoId: 'v1', videoUrl });
    expect(await database.video()).toEqual({
      video_url: videoUrl,
      thumbnail_url: `/${posters()}/poster.0000001.jpg`,
      processing_status: 'ready',
      duration: 7.5,
      resolution: '1280x720',
      bytes,
      published: true,
    });
    expect(await database.uploads()).toMatchObject([
      {
        status: 'ready',
        reason: null,
        renditions: [
          { name: '720p', width: 1280, height: 720 },
          { name: '360p', width: 640, height: 360 },
        ],
      },
    ]);
  });

  it('may be repeated: the same values, the date of publication kept', async () => {
    await publish();
    const before = await database.query('select * from video_platform.videos');
    await publish();
    expect(await database.query('select * from video_platform.videos')).toEqual(before);
  });

  it('keeps the thumbnail where the job made none', async () => {
    for (const key of [...bucket.keys()]) if (key.startsWith('thumbnails/')) bucket.delete(key);
    await publish();
    expect(await database.video()).toMatchObject({ thumbnail_url: 'https://old.example/t.png', processing_status: 'ready' });
  });

  it('replaces an older output, and touches no other upload', async () => {
    await database.playing();
    await database.claim('failed', executionArn('x'), { version: 'other' });
    await publish();
    expect(await database.video()).toMatchObject({ video_url: `/${folder()}/index.m3u8`, resolution: '1280x720' });
    expect((await database.uploads()).find(({ version }) => version === 'other')).toMatchObject({ status: 'failed' });
  });

  it.each<[string, (files: Map<string, string>) => void, string]>([
    ['a segment is missing', (files) => files.delete(`${folder()}/index_360p_00002.ts`), 'index_360p_00002.ts'],
    ['a segment is empty', (files) => files.set(`${folder()}/index_720p_00001.ts`, ''), 'index_720p_00001.ts'],
    ['a media playlist is missing', (files) => files.delete(`${folder()}/index_360p.m3u8`), 'index_360p.m3u8'],
    ['the multivariant playlist is missing', (files) => files.delete(`${folder()}/index.m3u8`), 'index.m3u8'],
    [
      'a media playlist has no end',
      (files) => files.set(`${folder()}/index_360p.m3u8`, '#EXTM3U\n#EXTINF:6,\nindex_360p_00001.ts\n'),
      'index_360p.m3u8',
    ],
    [
      'a media playlist has no segments',
      (files) => files.set(`${folder()}/index_360p.m3u8`, '#EXTM3U\n#EXT-X-ENDLIST\n'),
      'index_360p.m3u8',
    ],
    [
      'a rendition is not offered',
      (files) => files.set(`${folder()}/index.m3u8`, '#EXTM3U\n#EXT-X-STREAM-INF:B=1\nindex_720p.m3u8\n'),
      '360p',
    ],
    ['nothing was written', (files) => files.clear(), 'index.m3u8'],
  ])('refuses an output where %s, says what it is, and leaves the playing video as it is', async (_what, spoil, named) => {
    await database.playing();
    const before = [await database.video(), await database.uploads()];
    spoil(bucket);
    const refused = publish();
    await expect(refused).rejects.toBeInstanceOf(IncompleteOutputError);
    await expect(refused).rejects.toThrow(named);
    expect([await database.video(), await database.uploads()]).toEqual(before);
  });

  it('takes an S3 that does not answer for no fault of the output', async () => {
    mock.on(GetObjectCommand).rejects(Object.assign(new Error('Please reduce your request rate'), { name: 'SlowDown' }));
    await expect(publish()).rejects.toMatchObject({ name: 'SlowDown' });
  });
});
