import type { OutputGroup } from '@aws-sdk/client-mediaconvert';
import * as mediaConvert from '@aws-sdk/client-mediaconvert';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type JobPlan, nextToken, planHlsJob, planPreviewJob, type TranscodeJob } from '../../lambdas/transcoding/job.ts';
import { isEncodable, pickRungs } from '../../lambdas/transcoding/ladder.ts';
import type { SourceFacts } from '../../lambdas/transcoding/source.ts';
import { identity, outputPrefix, type Upload, videoIdOf } from '../../lambdas/transcoding/upload.ts';
import { checkJob } from '../../local/mediaconvert/check-job.ts';
import { modelFaults } from './service-model.ts';
import { executionArn, source, upload } from './uploads.ts';

const { CreateJobRequest$ } = mediaConvert;

function plan(facts: Partial<SourceFacts> = {}, of: Upload = upload()): JobPlan {
  const found = source(facts);
  return { upload: of, executionArn: executionArn('e'), source: found, rungs: pickRungs(found.picture).filter(isEncodable) };
}

const job = (facts: Partial<SourceFacts> = {}, of: Upload = upload()) => planHlsJob(plan(facts, of));
const hls = ({ settings }: TranscodeJob): OutputGroup[] =>
  (settings.OutputGroups ?? []).filter(({ OutputGroupSettings }) => OutputGroupSettings?.HlsGroupSettings !== undefined);
const h264Outputs = (planned: TranscodeJob) => hls(planned).flatMap(({ Outputs = [] }) => Outputs);
const frameRates = (planned: TranscodeJob) =>
  h264Outputs(planned).map(({ VideoDescription }) => {
    const settings = VideoDescription?.CodecSettings?.H264Settings;
    return settings?.FramerateControl === 'SPECIFIED'
      ? (settings.FramerateNumerator ?? 0) / (settings.FramerateDenominator ?? 1)
      : settings?.FramerateControl;
  });
const secondsOf = (timecode = '') =>
  timecode.split(':').reduce((sum, part, index) => sum + Number(part) * ([3_600, 60, 1, 0][index] ?? 0), 0);

const sides = fc.integer({ min: 32, max: 4_096 });
/** Shapes beyond 8:1 are pictures of no camera. */
const pictures = fc
  .record({ widthPx: sides, heightPx: sides })
  .filter(({ widthPx, heightPx }) => Math.max(widthPx, heightPx) <= 8 * Math.min(widthPx, heightPx));
const sources: fc.Arbitrary<Partial<SourceFacts>> = fc.record({
  picture: pictures,
  frameRate: fc
    .constantFrom(1, 24, 25, 30, 50, 60, 90, 120, 240, 600)
    .chain((numerator) => fc.constantFrom({ numerator, denominator: 1 }, { numerator: numerator * 1_000, denominator: 1_001 })),
  variableFrameRate: fc.boolean(),
  interlaced: fc.boolean(),
  hdr: fc.constantFrom(null, 'PQ' as const, 'HLG' as const),
  otherColours: fc.boolean(),
  durationSeconds: fc.double({ min: 0.03, max: 86_399, noNaN: true }),
  audioCodec: fc.constantFrom(null, 'AAC'),
});

describe('the job', () => {
  it('encodes each rung in its size into a group and a folder of its own, from one input', () => {
    const planned = job({ picture: { widthPx: 720, heightPx: 1280 } });
    expect(planned.settings.Inputs).toHaveLength(1);
    expect(
      hls(planned).map(({ OutputGroupSettings, Outputs = [] }) => [
        OutputGroupSettings?.HlsGroupSettings?.Destination,
        ...Outputs.map(({ NameModifier, VideoDescription }) => [NameModifier, VideoDescription?.Width, VideoDescription?.Height]),
      ]),
    ).toEqual([
      [`s3://videos/${outputPrefix('encoded', upload())}/720p/index`, ['_720p', 720, 1280]],
      [`s3://videos/${outputPrefix('encoded', upload())}/480p/index`, ['_480p', 480, 854]],
      [`s3://videos/${outputPrefix('encoded', upload())}/360p/index`, ['_360p', 360, 640]],
    ]);
  });

  it("makes the storyboard once, in the lowest rung's group, with sizes the service takes", () => {
    fc.assert(
      fc.property(sources, (facts) => {
        const groups = hls(job(facts)).map(({ OutputGroupSettings }) => OutputGroupSettings?.HlsGroupSettings);
        expect(groups.slice(0, -1).filter((group) => group?.ImageBasedTrickPlay !== undefined)).toEqual([]);
        const tiles = groups.at(-1)?.ImageBasedTrickPlaySettings;
        expect(groups.at(-1)?.ImageBasedTrickPlay).toBe('ADVANCED');
        expect((tiles?.ThumbnailWidth ?? 1) % 8).toBe(0);
        expect((tiles?.ThumbnailHeight ?? 1) % 2).toBe(0);
        expect((tiles?.ThumbnailHeight ?? 0) * (tiles?.TileHeight ?? 0)).toBeLessThanOrEqual(4_096);
        expect(Math.ceil((facts.durationSeconds ?? 0) / (tiles?.ThumbnailInterval ?? 0))).toBeLessThanOrEqual(100);
      }),
    );
  });

  it('asks for no audio of a silent source, neither in nor out', () => {
    expect(JSON.stringify(job({ audioCodec: null }))).not.toContain('Audio');
    for (const { Outputs = [] } of hls(job())) for (const { AudioDescriptions } of Outputs) expect(AudioDescriptions).toHaveLength(1);
    expect(job().settings.Inputs?.[0]?.AudioSelectors).toBeDefined();
  });

  it.each<[number, boolean, string | number]>([
    [24, false, 'INITIALIZE_FROM_SOURCE'],
    [60_000 / 1_001, false, 'INITIALIZE_FROM_SOURCE'],
    [60, false, 'INITIALIZE_FROM_SOURCE'],
    [61, false, 30.5],
    [120, false, 60],
    [240, false, 60],
    [0.5, false, 1],
    [23.9, true, 24],
    [26.3, true, 30],
    [59.7, true, 60],
    [87, true, 60],
  ])('turns %f frames a second (changing: %s) into %s', (numerator, variableFrameRate, expected) => {
    const planned = job({ frameRate: { numerator, denominator: 1 }, variableFrameRate });
    const rates = frameRates(planned);
    expect(rates).toHaveLength(4);
    for (const rate of rates) expect(rate).toBe(expected);
  });

  it('converts only what needs it: interlaced pictures, HDR, colours of other standards', () => {
    const preprocessors = (facts: Partial<SourceFacts>) =>
      new Set(h264Outputs(job(facts)).map(({ VideoDescription }) => JSON.stringify(VideoDescription?.VideoPreprocessors ?? null)));
    expect(preprocessors({})).toEqual(new Set(['null']));
    expect(JSON.parse([...preprocessors({ interlaced: true })].join())).toEqual({
      Deinterlacer: { Algorithm: 'INTERPOLATE', Control: 'NORMAL', Mode: 'DEINTERLACE' },
    });
    expect(JSON.parse([...preprocessors({ hdr: 'PQ', otherColours: true })].join())).toEqual({
      ColorCorrector: { ColorSpaceConversion: 'FORCE_709', HdrToSdrToneMapper: 'PRESERVE_DETAILS' },
    });
    expect(JSON.parse([...preprocessors({ otherColours: true })].join())).toEqual({
      ColorCorrector: { ColorSpaceConversion: 'FORCE_709' },
    });
  });

  it('starts every segment with a key frame', () => {
    for (const { OutputGroupSettings, Outputs = [] } of hls(job())) {
      const settings = Outputs[0]?.VideoDescription?.CodecSettings?.H264Settings;
      expect(settings?.GopSizeUnits).toBe('SECONDS');
      expect((OutputGroupSettings?.HlsGroupSettings?.SegmentLength ?? 0) % (settings?.GopSize ?? Number.NaN)).toBe(0);
    }
  });

  it('takes its poster from within the clip', () => {
    for (const durationSeconds of [0, 0.4, 1, 3, 60, 7_200]) {
      const [output] = job({ durationSeconds }).settings.OutputGroups?.at(-1)?.Outputs ?? [];
      const capture = output?.VideoDescription?.CodecSettings?.FrameCaptureSettings;
      const everySeconds = (capture?.FramerateDenominator ?? 0) / (capture?.FramerateNumerator ?? 1);
      expect(everySeconds).toBeGreaterThanOrEqual(1);
      if (durationSeconds >= 2) expect(everySeconds).toBeLessThan(durationSeconds);
    }
  });

  it('makes a silent preview of some seconds that lie within the clip, and none of a clip that is hardly longer', () => {
    fc.assert(
      fc.property(sources, (facts) => {
        const seconds = facts.durationSeconds ?? 0;
        const preview = planPreviewJob(plan(facts));
        expect(preview === undefined).toBe(seconds < 3);
        if (preview === undefined) return;
        expect(JSON.stringify(preview)).not.toContain('Audio');
        const [clip] = preview?.settings.Inputs?.[0]?.InputClippings ?? [];
        const [start, end] = [secondsOf(clip?.StartTimecode), secondsOf(clip?.EndTimecode)];
        expect(start).toBeLessThan(end);
        expect(end).toBeLessThan(seconds);
        expect(end - start).toBeLessThanOrEqual(6);
      }),
    );
  });

  it('is the same for the same upload and execution; each job, upload, execution and attempt has a token of its own', () => {
    expect(job()).toEqual(job());
    const others = [upload(), upload({ version: '2' }), upload({ key: 'originals/v1/other.mp4' }), upload({ bucket: 'other' })];
    const tokens = [
      ...others.map((other) => job({}, other).clientRequestToken),
      planPreviewJob(plan())?.clientRequestToken ?? '',
      planHlsJob({ ...plan(), executionArn: executionArn('other') }).clientRequestToken,
      nextToken(job().clientRequestToken),
    ];
    expect(new Set(tokens).size).toBe(tokens.length);
    for (const token of tokens) expect(token).toMatch(/^[\x21-\x7e]{1,64}$/);
  });

  it('names its upload, its execution and itself in what MediaConvert takes as metadata, however long the key is', () => {
    const key = `originals/v1/${'가'.repeat(300)}.mp4`;
    const { userMetadata, settings } = job({}, upload({ key }));
    expect(userMetadata).toEqual({ videoId: 'v1', uploadId: identity(upload({ key })), kind: 'hls', execution: executionArn('e') });
    for (const value of Object.values(userMetadata)) expect(value.length).toBeLessThanOrEqual(256);
    expect(settings.Inputs?.[0]?.FileInput).toBe(`s3://videos/${key}`);
  });

  it("holds what MediaConvert takes, by the stand-in's rules and by the service's model, for every source it may be planned for", () => {
    fc.assert(
      fc.property(sources, (facts) => {
        for (const planned of [job(facts), planPreviewJob(plan(facts))]) {
          if (planned === undefined) continue;
          const request = {
            Role: 'arn:aws:iam::123456789012:role/mediaconvert',
            ClientRequestToken: planned.clientRequestToken,
            UserMetadata: planned.userMetadata,
            StatusUpdateInterval: 'SECONDS_10',
            Settings: planned.settings,
          };
          checkJob(request);
          expect(modelFaults(CreateJobRequest$, request)).toEqual([]);
        }
      }),
    );
  });

  it('would be found out by the model: a wrong name, a wrong type, a value that is none of its kind', () => {
    const faults = (settings: object) => modelFaults(CreateJobRequest$, { Role: 'r', Settings: settings });
    expect(faults({ OutputGroup: [] })).toEqual(['Settings.OutputGroup is no member']);
    expect(faults({ OutputGroups: {} })).toEqual(['Settings.OutputGroups is no list']);
    expect(faults({ Inputs: [{ FileInput: 1 }] })).toEqual(['Settings.Inputs[0].FileInput is 1, no text']);
    expect(faults({ Inputs: [{ TimecodeSource: 'ZERO' }] })).toEqual([
      'Settings.Inputs[0].TimecodeSource is ZERO, none of its enumeration',
    ]);
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
