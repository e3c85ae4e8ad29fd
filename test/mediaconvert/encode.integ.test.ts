import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Job } from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeClip } from '../../local/ffmpeg/make-clip.ts';
import { readSegment } from '../../local/mediaconvert/read-segment.ts';
import { hlsLadderJob } from './job-fixture.ts';
import { decodeAlone, probeRung } from './media-probe.ts';
import { startStandIn, type TestStandIn, TINY_LADDER } from './stand-in.ts';

/** 13 s at 29.97: two whole segments of 6.006 s and a short one, the rate that shows whether cuts follow the clock. */
const FRAMES = 390;
const FRAME_SECONDS = 1001 / 30_000;

let standIn: TestStandIn;
let job: Job;
const key = (name: string) => `encoded/video-1/v1${name}`;
const rungs = TINY_LADDER.map((rung) => rung.name);

beforeAll(async () => {
  standIn = await startStandIn();
  const file = join(standIn.directory, 'source.mp4');
  await mkdir(dirname(file), { recursive: true });
  await makeClip(file, { ffmpeg: standIn.ffmpeg, seconds: FRAMES * FRAME_SECONDS, width: 320, height: 180, frameRate: '30000/1001' });
  await standIn.uploadFile('originals/video-1/source.mp4', 'source.mp4');
  job = await standIn.run(hlsLadderJob({ rungs: TINY_LADDER }));
});
afterAll(() => standIn.stop());

const segmentsOf = (rung: string): Buffer[] => [1, 2, 3].map((n) => standIn.bytes(key(`/${rung}/index_0000${n}.ts`)));
const durationsOf = (rung: string): number[] =>
  [...standIn.text(key(`/${rung}/index.m3u8`)).matchAll(/#EXTINF:([\d.]+),/g)].map((match) => Number(match[1]));

it('completes, with sizes and durations but without paths in the job', () => {
  expect(job).toMatchObject({ Status: 'COMPLETE', JobPercentComplete: 100, UserMetadata: { videoId: 'video-1' } });
  const details = job.OutputGroupDetails?.map((group) => group.OutputDetails);
  expect(details?.[0]).toEqual([
    { DurationInMs: 13_013, VideoDetails: { WidthInPx: 320, HeightInPx: 180 } },
    { DurationInMs: 13_013, VideoDetails: { WidthInPx: 160, HeightInPx: 90 } },
  ]);
  expect(JSON.stringify(details)).not.toContain('s3://');
});

it("tells its events in the service's order, the paths with the last", () => {
  expect(standIn.statusesOf(job)).toEqual(['INPUT_INFORMATION', 'PROGRESSING', 'STATUS_UPDATE', 'COMPLETE']);
  const [first] = standIn.events;
  expect(first).toMatchObject({ source: 'aws.mediaconvert', 'detail-type': 'MediaConvert Job State Change', resources: [job.Arn] });
  expect(first?.detail).toMatchObject({
    jobId: job.Id,
    userMetadata: { videoId: 'video-1' },
    inputDetails: [{ video: [{ width: 320, frameRate: 29.97 }] }],
  });
  expect(standIn.events.at(-1)?.detail).toMatchObject({
    outputGroupDetails: [
      {
        type: 'HLS_GROUP',
        playlistFilePaths: ['s3://videos/encoded/video-1/v1.m3u8'],
        outputDetails: [{ outputFilePaths: ['s3://videos/encoded/video-1/v1/180p/index.m3u8'], durationInMs: 13_013 }, {}],
      },
      { type: 'FILE_GROUP', outputDetails: [{ outputFilePaths: ['s3://videos/thumbnails/video-1/v1/poster.0000001.jpg'] }] },
    ],
  });
});

it('leaves exactly the promised objects, with their content types, and no private directory', async () => {
  const types = [...standIn.s3.objects]
    .filter(([name]) => !name.includes('originals'))
    .map(([name, { contentType }]) => [name.slice(7), contentType]);
  const expected = rungs.flatMap((rung) => [
    [key(`/${rung}/index.m3u8`), 'application/vnd.apple.mpegurl'],
    ...[1, 2, 3].map((n) => [key(`/${rung}/index_0000${n}.ts`), 'video/mp2t']),
  ]);
  const posters = [0, 1].map((n) => [`thumbnails/video-1/v1/poster.000000${n}.jpg`, 'image/jpeg']);
  expect(types.sort()).toEqual([[key('.m3u8'), 'application/vnd.apple.mpegurl'], ...expected, ...posters].sort());
  expect(await standIn.leftovers()).toEqual([]);
});

it('describes each rung in the multivariant playlist by what was measured (checks 6, 26–31)', () => {
  const text = standIn.text(key('.m3u8'));
  expect(text).toContain('#EXT-X-INDEPENDENT-SEGMENTS');
  const variants = [...text.matchAll(/#EXT-X-STREAM-INF:(.*)\n(.*)\n/g)];
  expect(variants.map((match) => match[2])).toEqual(['v1/180p/index.m3u8', 'v1/90p/index.m3u8']);
  for (const [index, rung] of rungs.entries()) {
    const attributes = variants[index]?.[1] ?? '';
    const bytes = segmentsOf(rung).reduce((sum, segment) => sum + segment.length, 0);
    const average = Number(/AVERAGE-BANDWIDTH=(\d+)/.exec(attributes)?.[1]);
    expect(average).toBeCloseTo((bytes * 8) / (FRAMES * FRAME_SECONDS), -1);
    expect(Number(/:?BANDWIDTH=(\d+)/.exec(attributes)?.[1])).toBeGreaterThanOrEqual(average);
    const sps = readSegment(segmentsOf(rung)[0] ?? Buffer.alloc(0)).sps;
    expect(attributes).toContain(`CODECS="avc1.${sps?.toString('hex', 1, 4)},mp4a.40.2"`);
    expect(attributes).toContain('avc1.6400');
    expect(attributes).toMatch(/FRAME-RATE=29.970$/);
  }
  expect(text).toContain('RESOLUTION=320x180');
});

it('cuts all rungs at the same times, every six seconds (checks 7–10, 12–16)', () => {
  for (const rung of rungs) {
    const playlist = standIn.text(key(`/${rung}/index.m3u8`));
    expect(playlist).toMatch(/^#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:6\n/);
    expect(playlist).toMatch(/#EXT-X-PLAYLIST-TYPE:VOD\n[\s\S]*#EXT-X-ENDLIST\n$/);
    expect(durationsOf(rung)).toEqual([6.006, 6.006, 1.001]);
    expect(segmentsOf(rung).map((segment) => readSegment(segment).firstVideoPts)).toEqual(
      segmentsOf(rungs[0] ?? '').map((segment) => readSegment(segment).firstVideoPts),
    );
  }
});

it('writes streams a player can start anywhere: IDR first, both tracks, each segment decodes alone (checks 17, 23, 47)', async () => {
  for (const segment of rungs.flatMap(segmentsOf)) {
    expect(readSegment(segment)).toMatchObject({ opensWithIdr: true, hasAudio: true });
    expect(await decodeAlone(standIn.ffmpeg, standIn.directory, segment)).toBe('');
  }
});

it('runs its transport packets on over boundaries, each segment opening with its tables (check 22)', () => {
  const counters = new Map<number, number>();
  for (const segment of segmentsOf('180p')) {
    const pids = Array.from({ length: segment.length / 188 }, (_, index) => segment.readUInt16BE(188 * index + 1) & 0x1fff);
    // PAT, then PMT, as RFC 8216 (3.2) has it; and no service description, which the service writes only when it is asked to.
    expect(pids.slice(0, 2)).toEqual([0, 4096]);
    expect(pids).not.toContain(17);
    for (let at = 0; at < segment.length; at += 188) {
      const pid = segment.readUInt16BE(at + 1) & 0x1fff;
      if ((segment.readUInt8(at + 3) & 0x10) === 0) continue;
      const counter = segment.readUInt8(at + 3) & 0x0f;
      expect(counter).toBe(counters.has(pid) ? ((counters.get(pid) ?? 0) + 1) % 16 : counter);
      counters.set(pid, counter);
    }
  }
});

it('keeps every frame, the two-second key frames, and sound as long as the picture (checks 18, 25, 34–38, 48)', async () => {
  for (const { name, widthPx, heightPx } of TINY_LADDER) {
    const { video, audio, of } = await probeRung(standIn.ffmpeg, standIn.directory, segmentsOf(name));
    expect(video).toMatchObject({
      codec_name: 'h264',
      profile: 'High',
      width: widthPx,
      height: heightPx,
      pix_fmt: 'yuv420p',
      color_space: 'bt709',
    });
    expect(video?.sample_aspect_ratio ?? '1:1').toBe('1:1');
    expect(audio).toMatchObject({ codec_name: 'aac', profile: 'LC', sample_rate: '48000', channels: 2 });
    const packets = of('video');
    expect(packets).toHaveLength(FRAMES);
    const start = Number(packets[0]?.pts_time);
    const keys = packets.filter(({ flags }) => flags.startsWith('K')).map(({ pts_time }) => Number(pts_time) - start);
    for (const [index, time] of keys.entries()) expect(Math.abs(time - 2.002 * index)).toBeLessThan(0.001);
    expect(keys).toHaveLength(7);
    const seconds = (type: 'video' | 'audio') => Number(of(type).at(-1)?.pts_time) - Number(of(type)[0]?.pts_time);
    expect(Math.abs(seconds('audio') - seconds('video'))).toBeLessThan(FRAME_SECONDS + 1024 / 48_000 + 0.03);
  }
});
