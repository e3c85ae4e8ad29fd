import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mediaPlaylistKey, multivariantKey, planJob } from '../../lambdas/transcoding/job.ts';
import { pickRungs } from '../../lambdas/transcoding/ladder.ts';
import type { SourceFacts } from '../../lambdas/transcoding/source.ts';
import { identity, outputPrefix, type Upload, videoIdOf } from '../../lambdas/transcoding/upload.ts';
import { checkJob } from '../../local/mediaconvert/check-job.ts';
import { source, upload } from './uploads.ts';

function job(facts: Partial<SourceFacts> = {}, of: Upload = upload()) {
  const { picture, ...rest } = source(facts);
  return planJob({ upload: of, rungs: pickRungs(picture), ...rest });
}

const hls = (planned: ReturnType<typeof job>) => planned.settings.OutputGroups?.[0];
const frameRates = (framesPerSecond: number) =>
  (hls(job({ framesPerSecond }))?.Outputs ?? []).map(({ VideoDescription }) => {
    const settings = VideoDescription?.CodecSettings?.H264Settings;
    return settings?.FramerateControl === 'SPECIFIED'
      ? (settings.FramerateNumerator ?? 0) / (settings.FramerateDenominator ?? 1)
      : settings?.FramerateControl;
  });

describe('the job', () => {
  it('encodes one rendition a rung, in its size, into the folder of the upload', () => {
    const planned = job({ picture: { widthPx: 720, heightPx: 1280 } });
    expect(hls(planned)?.OutputGroupSettings?.HlsGroupSettings?.Destination).toBe(`s3://videos/${outputPrefix('encoded', upload())}/index`);
    expect(
      hls(planned)?.Outputs?.map(({ NameModifier, VideoDescription }) => [NameModifier, VideoDescription?.Width, VideoDescription?.Height]),
    ).toEqual([
      ['_720p', 720, 1280],
      ['_480p', 480, 854],
      ['_360p', 360, 640],
    ]);
  });

  it('names the files that publishing looks for', () => {
    const destination = hls(job())?.OutputGroupSettings?.HlsGroupSettings?.Destination?.replace('s3://videos/', '');
    expect(multivariantKey(upload())).toBe(`${destination}.m3u8`);
    expect(mediaPlaylistKey(upload(), '720p')).toBe(`${destination}_720p.m3u8`);
  });

  it('asks for no audio of a silent source, neither in nor out', () => {
    expect(JSON.stringify(job({ hasAudio: false }))).not.toContain('Audio');
    for (const { AudioDescriptions } of hls(job())?.Outputs ?? []) expect(AudioDescriptions).toHaveLength(1);
    expect(job().settings.Inputs?.[0]?.AudioSelectors).toBeDefined();
  });

  it.each([
    [24, 'INITIALIZE_FROM_SOURCE'],
    [59.94, 'INITIALIZE_FROM_SOURCE'],
    [60, 'INITIALIZE_FROM_SOURCE'],
    [61, 30.5],
    [119.88, 59.94],
    [120, 60],
    [240, 60],
    [1000, 31.25],
  ])('turns %f frames a second into %s', (framesPerSecond, expected) => {
    const rates = frameRates(framesPerSecond);
    expect(rates).toHaveLength(4);
    for (const rate of rates) expect(rate).toBe(expected);
  });

  it('starts every segment with a key frame', () => {
    const segmentSeconds = hls(job())?.OutputGroupSettings?.HlsGroupSettings?.SegmentLength ?? 0;
    for (const { VideoDescription } of hls(job())?.Outputs ?? []) {
      const settings = VideoDescription?.CodecSettings?.H264Settings;
      expect(settings?.GopSizeUnits).toBe('SECONDS');
      expect(segmentSeconds % (settings?.GopSize ?? Number.NaN)).toBe(0);
    }
  });

  it('takes its poster from within the clip', () => {
    for (const durationSeconds of [0, 0.4, 1, 3, 60, 7_200]) {
      const [output] = job({ durationSeconds }).settings.OutputGroups?.[1]?.Outputs ?? [];
      const capture = output?.VideoDescription?.CodecSettings?.FrameCaptureSettings;
      const everySeconds = (capture?.FramerateDenominator ?? 0) / (capture?.FramerateNumerator ?? 1);
      expect(everySeconds).toBeGreaterThanOrEqual(1);
      if (durationSeconds >= 2) expect(everySeconds).toBeLessThan(durationSeconds);
    }
  });

  it('is the same for the same upload, and another for another version, key or bucket', () => {
    expect(job()).toEqual(job());
    const tokens = [upload(), upload({ version: '2' }), upload({ key: 'originals/v1/other.mp4' }), upload({ bucket: 'other' })].map(
      (other) => job({}, other).clientRequestToken,
    );
    expect(new Set(tokens).size).toBe(tokens.length);
    for (const token of tokens) expect(token).toMatch(/^[\x21-\x7e]{1,64}$/);
  });

  it('names its upload in what MediaConvert takes as metadata, however long the key is', () => {
    const key = `originals/v1/${'가'.repeat(300)}.mp4`;
    const { userMetadata } = job({}, upload({ key }));
    expect(userMetadata.videoId).toBe('v1');
    expect(key.endsWith(userMetadata.key ?? '?')).toBe(true);
    for (const value of Object.values(userMetadata)) expect(value.length).toBeLessThanOrEqual(256);
    expect(job({}, upload({ key })).settings.Inputs?.[0]?.FileInput).toBe(`s3://videos/${key}`);
  });

  it('holds what MediaConvert takes, for every source it may be planned for', () => {
    const facts = fc.record({
      picture: fc.record({ widthPx: fc.integer({ min: 32, max: 4096 }), heightPx: fc.integer({ min: 32, max: 4096 }) }),
      framesPerSecond: fc.constantFrom(0, 1, 23.976, 25, 29.97, 50, 59.94, 60, 90, 120, 240, 600),
      durationSeconds: fc.double({ min: 0, max: 86_400, noNaN: true }),
      hasAudio: fc.boolean(),
    });
    fc.assert(
      fc.property(facts, ({ picture, ...rest }) => {
        // Shapes beyond 8:1 are pictures of no camera.
        fc.pre(Math.max(picture.widthPx, picture.heightPx) <= 8 * Math.min(picture.widthPx, picture.heightPx));
        const planned = job({ picture, ...rest });
        checkJob({
          Role: 'arn:aws:iam::123456789012:role/mediaconvert',
          ClientRequestToken: planned.clientRequestToken,
          UserMetadata: planned.userMetadata,
          Settings: planned.settings,
        });
      }),
    );
  });
});

describe('the upload', () => {
  it.each([
    ['originals/v1/clip.mp4', 'v1'],
    ['originals/clz3k_9-A/한글 이름 (1).MOV', 'clz3k_9-A'],
    ['originals/v1/noextension', 'v1'],
    [`originals/${'x'.repeat(64)}/a`, 'x'.repeat(64)],
    [`originals/${'x'.repeat(65)}/a`, undefined],
    ['originals/v1/', undefined],
    ['originals/v1', undefined],
    ['originals//clip.mp4', undefined],
    ['originals/v1/folder/clip.mp4', undefined],
    ['originals/../clip.mp4', undefined],
    ['originals/v 1/clip.mp4', undefined],
    ['/originals/v1/clip.mp4', undefined],
    ['x/originals/v1/clip.mp4', undefined],
    ['Originals/v1/clip.mp4', undefined],
    ['encoded/v1/clip.mp4', undefined],
    ['', undefined],
  ])('of key %j belongs to video %j', (key, videoId) => {
    expect(videoIdOf(key)).toBe(videoId);
  });

  it('is told from every other by bucket, key and version, wherever their letters stand', () => {
    const text = fc.string({ minLength: 1, maxLength: 6 });
    const parts = fc.record({ bucket: text, key: text, version: text });
    fc.assert(
      fc.property(parts, parts, (one, other) => {
        const same = one.bucket === other.bucket && one.key === other.key && one.version === other.version;
        expect(identity(upload(one)) === identity(upload(other))).toBe(same);
      }),
    );
    expect(identity(upload({ bucket: 'ab', key: 'c' }))).not.toBe(identity(upload({ bucket: 'a', key: 'bc' })));
  });

  it('keeps its output in a folder of its own below its video', () => {
    expect(outputPrefix('encoded', upload())).toMatch(/^encoded\/v1\/[0-9a-f]{12}$/);
    expect(outputPrefix('thumbnails', upload({ version: '2' }))).not.toBe(outputPrefix('thumbnails', upload()));
  });
});
