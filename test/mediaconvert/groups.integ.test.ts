import { copyFile, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job } from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClip } from '../../local/ffmpeg/make-clip.ts';
import { readSegment } from '../../local/mediaconvert/read-segment.ts';
import { SegmentPump } from '../../local/mediaconvert/segment-pump.ts';
import { previewJob, rungGroupsJob } from './group-jobs.ts';
import { probeFile, probeRung } from './media-probe.ts';
import { startStandIn, type TestStandIn, TINY_LADDER } from './stand-in.ts';

/** The rates whose frames miss the second, and one that does not. */
const RATES = [
  { frameRate: '24000/1001', frames: 168, target: 6.006 },
  { frameRate: '25', frames: 175, target: 6 },
  { frameRate: '30000/1001', frames: 210, target: 6.006 },
] as const;

let standIn: TestStandIn;
const jobs = new Map<string, Job>();
const folder = (frameRate: string) => `encoded/${frameRate.replace('/', '-')}`;

beforeAll(async () => {
  standIn = await startStandIn();
  for (const { frameRate, frames } of RATES) {
    const [numerator = 1, denominator = 1] = frameRate.split('/').map(Number);
    const name = `${frameRate.replace('/', '-')}.mp4`;
    const seconds = (frames * denominator) / numerator;
    await makeClip(join(standIn.directory, name), { ffmpeg: standIn.ffmpeg, seconds, width: 320, height: 180, frameRate });
    await standIn.uploadFile(`originals/${name}`, name);
    jobs.set(
      frameRate,
      await standIn.run(
        rungGroupsJob({
          ...{ input: `originals/${name}`, rungs: TINY_LADDER, destination: folder(frameRate) },
          posterDestination: `thumbnails/${frameRate.replace('/', '-')}/poster`,
        }),
      ),
    );
  }
});
afterAll(() => standIn.stop());

describe.each(RATES)('one HLS group a rung at $frameRate', ({ frameRate, frames, target }) => {
  const rungs = TINY_LADDER.map(({ name }) => name);
  const at = (rung: string, file: string) => `${folder(frameRate)}/${rung}/${file}`;
  const segments = (rung: string) => [1, 2].map((n) => standIn.bytes(at(rung, `index_${rung}_0000${n}.ts`)));

  it('writes each rung under its own folder, by the names of the contract', () => {
    expect(jobs.get(frameRate)).toMatchObject({ Status: 'COMPLETE' });
    const written = [...standIn.s3.objects.keys()].filter((key) => key.startsWith(`videos/${folder(frameRate)}/`));
    const rung = (name: string) =>
      ['index.m3u8', `index_${name}.m3u8`, `index_${name}_00001.ts`, `index_${name}_00002.ts`].map((file) => at(name, file));
    const thumbnails = ['index_90p_thumbnails.m3u8', 'index_90p_thumbnails_00001.jpg'].map((file) => at('90p', file));
    expect(written.sort()).toEqual([...rungs.flatMap(rung), ...thumbnails].map((key) => `videos/${key}`).sort());
  });

  it('cuts the rungs at the same times, on the clock, with one target duration (checks 7–10, 14, 15, 18, 19)', async () => {
    for (const rung of rungs) {
      const playlist = standIn.text(at(rung, `index_${rung}.m3u8`));
      expect(playlist).toContain('#EXT-X-TARGETDURATION:6\n');
      expect(Number(/#EXTINF:([\d.]+)/.exec(playlist)?.[1])).toBeCloseTo(target, 4);
      const starts = segments(rung).map((segment) => readSegment(segment).firstVideoPts);
      expect(starts).toEqual(segments('90p').map((segment) => readSegment(segment).firstVideoPts));
      const { of } = await probeRung(standIn.ffmpeg, standIn.directory, segments(rung));
      const times = of('video').map(({ pts_time }) => Number(pts_time));
      expect(times).toHaveLength(frames);
      const keys = of('video').filter(({ flags }) => flags.startsWith('K'));
      expect(keys.map(({ pts_time }) => Number(pts_time) - Math.min(...times)).map((time) => Math.round(time / 2))).toEqual([0, 1, 2, 3]);
    }
  });

  it('shows no picture before the IDR that it follows, and none twice or late (checks 20, 21, 36)', async () => {
    const [numerator = 1, denominator = 1] = frameRate.split('/').map(Number);
    const { of } = await probeRung(standIn.ffmpeg, standIn.directory, segments('180p'));
    const packets = of('video');
    let shown = Number.NEGATIVE_INFINITY;
    for (const { flags, pts_time } of packets) {
      if (flags.startsWith('K')) shown = Number(pts_time);
      expect(Number(pts_time)).toBeGreaterThanOrEqual(shown);
    }
    const times = packets.map(({ pts_time }) => Number(pts_time)).sort((left, right) => left - right);
    for (const [index, time] of times.entries())
      if (index > 0) expect(time - (times[index - 1] ?? 0)).toBeCloseTo(denominator / numerator, 4);
  });

  it('names thumbnails beside the lowest rung alone, every two seconds in whole frames (check 54)', async () => {
    expect(standIn.text(at('180p', 'index.m3u8'))).not.toContain('IMAGE');
    expect(standIn.text(at('90p', 'index.m3u8'))).toMatch(
      /#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=\d+,RESOLUTION=64x36,CODECS="jpeg",URI="index_90p_thumbnails\.m3u8"\n$/,
    );
    const playlist = standIn.text(at('90p', 'index_90p_thumbnails.m3u8'));
    const interval = Number(/#EXT-X-TILES:RESOLUTION=64x36,LAYOUT=2x2,DURATION=([\d.]+)\n/.exec(playlist)?.[1]);
    expect(interval).toBeCloseTo(target / 3, 4);
    expect(playlist).toMatch(/^#EXTM3U\n[\s\S]*#EXT-X-IMAGES-ONLY\n[\s\S]*\nindex_90p_thumbnails_00001\.jpg\n#EXT-X-ENDLIST\n$/);
    const length = Number(/#EXTINF:([\d.]+)/.exec(standIn.text(at('90p', 'index_90p.m3u8')))?.[1]);
    expect(Number(/#EXTINF:([\d.]+)/.exec(playlist)?.[1])).toBeGreaterThan(length);
    await writeFile(join(standIn.directory, 'sheet.jpg'), standIn.bytes(at('90p', 'index_90p_thumbnails_00001.jpg')));
    expect(await probeFile(standIn.ffmpeg, standIn.directory, 'sheet.jpg')).toMatchObject([
      { codec_name: 'mjpeg', width: 128, height: 72 },
    ]);
  });
});

describe('a preview', () => {
  const preview = (clip: Parameters<typeof previewJob>[0]) =>
    standIn.run(previewJob(clip, { input: 'originals/25.mp4', rungs: TINY_LADDER }));

  it('is one silent MP4 of the clip, its last frame included, with the index in front', async () => {
    const job = await preview({ StartTimecode: '00:00:01:00', EndTimecode: '00:00:02:24' });
    expect(job).toMatchObject({ Status: 'COMPLETE', OutputGroupDetails: [{ OutputDetails: [{ DurationInMs: 2000 }] }] });
    const bytes = standIn.bytes('previews/video-1/v1/preview.mp4');
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));
    await writeFile(join(standIn.directory, 'preview.mp4'), bytes);
    const streams = await probeFile(standIn.ffmpeg, standIn.directory, 'preview.mp4');
    expect(streams).toMatchObject([{ codec_name: 'h264', width: 320, height: 180, nb_frames: '50', color_space: 'bt709' }]);
    expect(standIn.events.at(-1)?.detail).toMatchObject({
      status: 'COMPLETE',
      outputGroupDetails: [
        { type: 'FILE_GROUP', outputDetails: [{ outputFilePaths: ['s3://videos/previews/video-1/v1/preview.mp4'], durationInMs: 2000 }] },
      ],
    });
  });

  it('ends with the input when the clip ends after it', async () => {
    const job = await preview({ StartTimecode: '00:00:06:00', EndTimecode: '00:00:30:00' });
    expect(job.OutputGroupDetails?.[0]?.OutputDetails?.[0]?.DurationInMs).toBe(1000);
  });

  it.each([
    [{ StartTimecode: '00:00:08:00' }, 'the input ends after 7.000 s'],
    [{ StartTimecode: '00:00:01:25' }, 'the last is 24'],
    [{ StartTimecode: '00:00:03:00', EndTimecode: '00:00:02:00' }, 'before it starts'],
  ])('fails with 1060 for the clip %j', async (clip, reason) => {
    expect(await preview(clip)).toMatchObject({ Status: 'ERROR', ErrorCode: 1060, ErrorMessage: expect.stringContaining(reason) });
  });
});

describe('segments on their way', () => {
  const place = (number: number) => ({ bucket: 'videos', key: `pumped/${number}.ts` });
  const keys = () => [...standIn.s3.objects.keys()].filter((key) => key.includes('pumped/'));
  const pumpOf = async (name: string, maxBytes: number) => {
    const directory = join(standIn.directory, name);
    await mkdir(directory);
    await writeFile(join(standIn.directory, 'segment.ts'), standIn.bytes(`${folder('25')}/90p/index_90p_00001.ts`));
    for (const number of [1, 2, 3]) await copyFile(join(standIn.directory, 'segment.ts'), join(directory, `g0o0_0000${number}.ts`));
    const series = [{ prefix: 'g0o0', placeOf: place }];
    const options = { directory, inputFile: 'input', s3: standIn.s3.client, signal: new AbortController().signal, maxBytes };
    return { directory, pump: new SegmentPump(series, options) };
  };

  it('leave the disk while the encoder writes the next one, and are taken back when the job fails', async () => {
    const { directory, pump } = await pumpOf('pump', 1e9);
    pump.advance(() => {});
    await expect.poll(() => readdir(directory)).toEqual(['g0o0_00003.ts']);
    expect(keys()).toEqual(['videos/pumped/1.ts', 'videos/pumped/2.ts']);
    expect((await pump.finish()).get('g0o0')).toHaveLength(3);
    expect(keys()).toHaveLength(3);
    await pump.discard();
    expect(keys()).toEqual([]);
  });

  it('stop the job when they outgrow what its bitrates explain', async () => {
    const { pump } = await pumpOf('flood', 10_000);
    await expect(pump.finish()).rejects.toMatchObject({
      name: 'JobError',
      code: 1999,
      message: expect.stringContaining('more than the 10000'),
    });
  });
});
