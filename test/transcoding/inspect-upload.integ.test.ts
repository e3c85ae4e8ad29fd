import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { SettingsUnavailableError } from '../../lambdas/app-config/errors.ts';
import { ExecutionNotKnownYetError } from '../../lambdas/execution-status.ts';
import { InvalidInputError, parseInput } from '../../lambdas/step.ts';
import { OutputBeingRemovedError } from '../../lambdas/transcoding/errors.ts';
import { SourceGoneError } from '../../lambdas/transcoding/inspect/object-reader.ts';
import { InspectUploadInput, type InspectUploadOutput, inspectUpload } from '../../lambdas/transcoding/inspect-upload.ts';
import { type RejectionCode, sentence } from '../../lambdas/transcoding/reasons.ts';
import { TranscodingSettings } from '../../lambdas/transcoding/settings.ts';
import { outputPrefix } from '../../lambdas/transcoding/upload.ts';
import { markFailed } from '../../lambdas/transcoding/upload-states.ts';
import { bytesOf, isoFile } from './media-files.ts';
import { createTranscodingDatabase, type TranscodingDatabase } from './transcoding-database.ts';
import { executionArn, upload, uploadEvent } from './uploads.ts';

let database: TranscodingDatabase;

beforeAll(async () => {
  database = await createTranscodingDatabase();
});
afterAll(() => database?.close());
beforeEach(() => database.reset());

interface Inspecting {
  /** The file's bytes. @default an MP4 of 12.5 s */
  readonly file?: Buffer;
  readonly width?: number;
  readonly height?: number;
  /** Whether an execution still runs. @default all do */
  readonly isRunning?: (arn: string) => Promise<boolean>;
  readonly settings?: z.input<typeof TranscodingSettings>;
  /** @default true */
  readonly processingEnabled?: boolean;
}

const clip = (frames = 500) => isoFile({ frames: [[frames, 25]] });

function dependencies({
  file = clip(),
  width = 1920,
  height = 1080,
  isRunning = async () => true,
  settings = {},
  processingEnabled = true,
}: Inspecting = {}) {
  const video = { Width: width, Height: height, FrameRate: { Numerator: 40, Denominator: 1 } };
  return {
    db: database.db,
    isRunning,
    readSettings: async () => TranscodingSettings.parse(settings),
    processingEnabled,
    open: () => bytesOf(file),
    probe: async () => ({ Tracks: [{ TrackType: 'video' as const, Codec: 'AVC' as const, VideoProperties: video }] }),
  };
}

const inspect = (input: z.input<typeof InspectUploadInput>, options?: Inspecting) =>
  inspectUpload(parseInput(InspectUploadInput, input), dependencies(options));

describe('an upload', () => {
  it('becomes a job for a video of the platform, promised with the renditions it will have', async () => {
    const arn = executionArn();
    const output = await inspect(uploadEvent(upload(), arn), { width: 1280, height: 720 });
    expect(output).toMatchObject({
      outcome: 'encode',
      upload: upload(),
      promised: {
        durationSeconds: 12.5,
        hasAudio: false,
        framesPerSecond: 40,
        source: { widthPx: 1280, heightPx: 720 },
        renditions: [
          { name: '720p', widthPx: 1280, heightPx: 720 },
          { name: '480p', widthPx: 854, heightPx: 480 },
          { name: '360p', widthPx: 640, heightPx: 360 },
        ],
      },
      attempt: 1,
      jobs: { hls: { userMetadata: { videoId: 'v1', kind: 'hls' } }, preview: { userMetadata: { kind: 'preview' } } },
    });
    expect(await database.uploads()).toMatchObject([
      { video_id: 'v1', execution_arn: arn, status: 'encoding', output_prefix: outputPrefix('encoded', upload()), reason_code: null },
    ]);
    expect(await database.video()).toMatchObject({ processing_status: 'encoding', video_url: null });
  });

  it('waits with its reason while processing is off, and becomes a job when another execution takes it up', async () => {
    const waiting = executionArn();
    expect(await inspect(uploadEvent(upload(), waiting), { processingEnabled: false })).toEqual({ outcome: 'waiting', videoId: 'v1' });
    expect(await database.uploads()).toMatchObject([
      { execution_arn: waiting, status: 'uploaded', reason_code: 'PROCESSING_OFF', reason: sentence('PROCESSING_OFF') },
    ]);
    expect(await database.video()).toMatchObject({ processing_status: 'uploaded' });
    const off = { processingEnabled: false };
    expect(await inspect(uploadEvent(), off)).toEqual({ outcome: 'duplicate', videoId: 'v1' });
    const resumed = executionArn();
    const output = await inspect(uploadEvent(upload(), resumed), { isRunning: async (arn) => arn !== waiting });
    expect(output).toMatchObject({ outcome: 'encode' });
    expect(await database.uploads()).toMatchObject([{ execution_arn: resumed, status: 'encoding', reason_code: null, reason: null }]);
  });

  it('that is being worked on is left to its execution when processing is turned off', async () => {
    const arn = executionArn();
    await inspect(uploadEvent(upload(), arn));
    expect(await inspect(uploadEvent(), { processingEnabled: false })).toEqual({ outcome: 'duplicate', videoId: 'v1' });
    expect(await database.uploads()).toMatchObject([{ execution_arn: arn, status: 'encoding', reason_code: null }]);
  });

  it('is named by its ETag where the bucket keeps no versions', async () => {
    const { object, ...event } = uploadEvent();
    const output = await inspect({ ...event, object: { key: object.key, size: object.size, etag: 'the-etag' } });
    expect(output).toMatchObject({ outcome: 'encode', upload: { version: 'the-etag' } });
  });

  it('has its facts and its price written down before anything is paid', async () => {
    await inspect(uploadEvent());
    const [row] = await database.query('select source, estimate from video_platform.video_upload');
    expect(row?.source).toMatchObject({ container: 'mp4', videoCodec: 'AVC', picture: { widthPx: 1920, heightPx: 1080 } });
    // Four rungs of 13 s, two of them in HD, all above 30 frames a second; the preview is billed as ten seconds.
    expect(row?.estimate).toEqual({
      hls: { outputMinutes: 0.866667, costUsd: 0.013813 },
      preview: { outputMinutes: 0.166667, costUsd: 0.001771 },
    });
  });

  it.each<[RejectionCode, Parameters<typeof upload>[0], Inspecting]>([
    ['INVALID_KEY', { key: 'originals/clip.mp4' }, {}],
    ['INVALID_KEY', { key: 'originals/../v1/clip.mp4' }, {}],
    ['INVALID_KEY', { key: 'originals/v1/..' }, {}],
    ['UNKNOWN_VIDEO', { key: 'originals/nobody/clip.mp4' }, {}],
    ['EMPTY_FILE', { sizeBytes: 0 }, {}],
    ['TOO_LARGE', { sizeBytes: 10_241 * 1024 * 1024 }, {}],
    ['TEXT_FILE', {}, { file: Buffer.from('#EXTM3U\nfile:///etc/passwd\n') }],
    ['ARCHIVE', { key: 'originals/v1/bomb.mov' }, { file: Buffer.from('PK\x03\x04\0\0\0\0') }],
    ['NOT_A_VIDEO', {}, { file: Buffer.alloc(100) }],
    ['NO_VIDEO_TRACK', {}, { file: isoFile({ handler: 'soun' }) }],
    ['TRUNCATED', {}, { file: clip().subarray(0, 900) }],
  ])('is rejected with its reason in both languages: %s, %j', async (code, fields, found) => {
    const arn = executionArn();
    const event = uploadEvent(upload(fields), arn);
    const output = await inspect(event, found);
    expect(output).toMatchObject({ outcome: 'rejected', code });
    const [row] = await database.uploads();
    expect(row).toMatchObject({ status: 'failed', reason_code: code, reason: sentence(code), execution_arn: arn });
    expect(row?.reason).toMatch(/[가-힣].*\(.*[a-z].*\)/);
    expect(await inspect(event, found), 'a repeated call answers the same').toEqual(output);
    expect(await database.uploads()).toEqual([row]);
  });

  it('of a shape that cannot be encoded, or above the price of one video, is rejected with the numbers', async () => {
    expect(await inspect(uploadEvent(upload({ version: '1' })), { width: 40, height: 20 })).toMatchObject({ code: 'UNSUPPORTED_SIZE' });
    expect(await inspect(uploadEvent(upload({ version: '2' })), { settings: { maxCostUsdPerVideo: 0.01 } })).toMatchObject({
      code: 'TOO_EXPENSIVE',
    });
    const reasons = (await database.uploads()).map(({ reason }) => reason);
    expect(reasons).toEqual([expect.stringContaining('40x20'), expect.stringContaining('estimate 0.02 USD, limit 0.01 USD')]);
  });

  it('whose object was deleted before it was looked at is rejected for that', async () => {
    const gone = { ...dependencies(), open: () => ({ sizeBytes: 10, read: () => Promise.reject(new SourceGoneError('gone')) }) };
    expect(await inspectUpload(parseInput(InspectUploadInput, uploadEvent()), gone)).toMatchObject({ code: 'SOURCE_GONE' });
  });

  it.each(['한글 이름 (1).MOV', 'a+b c.mp4', '100%2Fx.mp4', "it's;drop.mp4"])('of file %j keeps its name to the job', async (file) => {
    const key = `originals/v1/${file}`;
    expect(await inspect(uploadEvent(upload({ key })))).toMatchObject({
      outcome: 'encode',
      jobs: { hls: { settings: { Inputs: [{ FileInput: `s3://videos/${key}` }] } } },
    });
  });

  it('of a clip that is hardly longer than its preview has none', async () => {
    expect(await inspect(uploadEvent(), { file: clip(100) })).toMatchObject({ outcome: 'encode', jobs: { preview: null } });
  });

  it('shows a rejection on its own video, unless that plays, and on no other', async () => {
    await inspect(uploadEvent(upload({ key: 'originals/nobody/clip.mp4' })));
    await inspect(uploadEvent(upload({ key: 'originals/clip.mp4' })));
    expect(await database.video()).toMatchObject({ processing_status: null });
    await inspect(uploadEvent(upload({ sizeBytes: 0 })));
    expect(await database.video()).toMatchObject({ processing_status: 'failed' });
    await database.playing();
    const before = await database.video();
    await inspect(uploadEvent(upload({ sizeBytes: 0, version: '2' })));
    expect(await database.video()).toEqual(before);
  });

  it('that is encoded anew leaves a playing video untouched meanwhile', async () => {
    await database.playing();
    const before = await database.video();
    expect(await inspect(uploadEvent())).toMatchObject({ outcome: 'encode' });
    expect(await database.video()).toEqual(before);
  });

  it('with an error of ours is still claimed, and is encoded by the retry', async () => {
    const event = uploadEvent();
    const failing = inspectUpload(parseInput(InspectUploadInput, event), {
      ...dependencies(),
      probe: () => Promise.reject(new Error('throttled')),
    });
    await expect(failing).rejects.toThrow('throttled');
    expect(await database.uploads()).toMatchObject([{ status: 'inspecting', reason_code: null }]);
    expect(await inspect(event)).toMatchObject({ outcome: 'encode' });
  });

  it.each([
    [{ executionArn: 'x' }, 'executionArn'],
    [{ bucket: '' }, 'bucket'],
    [{ time: 'yesterday' }, 'time'],
    [{ object: { key: '', size: 1, etag: 'e' } }, 'object.key'],
    [{ object: { key: 'k', size: -1, etag: 'e' } }, 'object.size'],
    [{ object: { key: 'k', size: 1 } }, 'object.etag'],
  ])('of a wrong event is refused before anything is claimed: %j', async (fields, named) => {
    const parse = () => parseInput(InspectUploadInput, { ...uploadEvent(), ...fields });
    expect(parse).toThrow(InvalidInputError);
    expect(parse).toThrow(named);
  });
});

describe('an event', () => {
  const outcomes = (outputs: readonly InspectUploadOutput[]) => outputs.map(({ outcome }) => outcome).sort();

  it.each([1, 2, 3, 4, 5])('that arrives %i times at once is encoded once', async (times) => {
    for (let round = 0; round < 4; round++) {
      const of = upload({ version: `round-${round}` });
      const outputs = await Promise.all(Array.from({ length: times }, () => inspect(uploadEvent(of))));
      expect(outcomes(outputs)).toEqual([...Array(times - 1).fill('duplicate'), 'encode']);
      expect(await database.uploads()).toHaveLength(round + 1);
    }
  });

  it('that arrives again in the same execution is that execution’s still: the same job', async () => {
    const event = uploadEvent();
    const outputs = await Promise.all([inspect(event), inspect(event), inspect(event)]);
    expect(outputs[0]).toMatchObject({ outcome: 'encode' });
    for (const output of outputs) expect(output).toEqual(outputs[0]);
  });

  it.each(['inspecting', 'encoding'])('whose execution died while %s is taken over, by one of those who come', async (status) => {
    await database.claim(status, executionArn('dead'));
    const isRunning = async (arn: string) => arn !== executionArn('dead');
    const outputs = await Promise.all(Array.from({ length: 5 }, () => inspect(uploadEvent(), { isRunning })));
    expect(outcomes(outputs)).toEqual(['duplicate', 'duplicate', 'duplicate', 'duplicate', 'encode']);
    expect(await database.uploads()).toMatchObject([{ status: 'encoding', execution_arn: expect.not.stringContaining('dead') }]);
  });

  it.each(['inspecting', 'encoding'])('whose execution is still %s is left to it', async (status) => {
    await database.claim(status, executionArn('alive'));
    const before = await database.uploads();
    expect(await inspect(uploadEvent())).toEqual({ outcome: 'duplicate', videoId: 'v1' });
    expect(await database.uploads()).toEqual(before);
  });

  it.each(['ready', 'failed', 'cancelled'])(
    'of an upload that is %s changes nothing, even when its execution has ended',
    async (status) => {
      await database.claim(status, executionArn('ended'));
      const before = [await database.uploads(), await database.video()];
      expect(await inspect(uploadEvent(), { isRunning: async () => false })).toMatchObject({ outcome: 'duplicate' });
      expect([await database.uploads(), await database.video()]).toEqual(before);
    },
  );

  it('that comes again after a failure that was no fault of the file starts over, once', async () => {
    await database.claim('encoding', executionArn('ended'));
    await markFailed(database.db, executionArn('ended'), 'INTERNAL');
    const isRunning = async (arn: string) => arn !== executionArn('ended');
    const outputs = await Promise.all(Array.from({ length: 4 }, () => inspect(uploadEvent(), { isRunning })));
    expect(outcomes(outputs)).toEqual(['duplicate', 'duplicate', 'duplicate', 'encode']);
    expect(await database.uploads()).toMatchObject([{ status: 'encoding', reason_code: null, retryable: false }]);
  });

  it('is claimed before settings are asked for; when there are some again, the same execution goes on', async () => {
    const event = uploadEvent();
    const readSettings = async () => {
      throw new SettingsUnavailableError('/applications/a', 'the agent does not answer');
    };
    const first = inspectUpload(parseInput(InspectUploadInput, event), { ...dependencies(), readSettings });
    await expect(first).rejects.toThrow(SettingsUnavailableError);
    expect(await database.uploads()).toMatchObject([{ execution_arn: event.executionArn, status: 'uploaded' }]);
    expect(await inspect(event)).toMatchObject({ outcome: 'encode', prices: TranscodingSettings.parse({}).prices });
    expect(await database.uploads()).toMatchObject([{ execution_arn: event.executionArn, status: 'encoding' }]);
  });

  it('asks whether the other execution runs with the age of its claim', async () => {
    await database.claim('inspecting', executionArn('other'));
    const asked: (number | undefined)[] = [];
    const isRunning = async (_arn: string, heldSeconds?: number) => asked.push(heldSeconds) > 0;
    await inspect(uploadEvent(), { isRunning });
    await database.query(`update video_platform.video_upload set updated_at = now() - interval '300 seconds'`);
    await inspect(uploadEvent(), { isRunning });
    expect(asked).toEqual([expect.toSatisfy((age) => age >= 0 && age < 60), expect.toSatisfy((age) => age >= 300 && age < 360)]);
  });

  it('takes nothing over while it cannot be said whether the other execution lives', async () => {
    await database.claim('inspecting', executionArn('other'));
    const before = await database.uploads();
    const isRunning = async (arn: string) => {
      throw new ExecutionNotKnownYetError(arn, 0);
    };
    await expect(inspect(uploadEvent(), { isRunning })).rejects.toThrow(ExecutionNotKnownYetError);
    expect(await database.uploads()).toEqual(before);
  });

  it('is not claimed again while what its last attempt wrote is deleted, and is when that is over or was cut off', async () => {
    await database.claim('encoding', executionArn('ended'));
    await markFailed(database.db, executionArn('ended'), 'INTERNAL');
    const removing = (minutes: number | null) =>
      database.query('update video_platform.video_upload set removing_at = now() - make_interval(mins => $1)', [minutes]);
    const isRunning = async () => false;
    await removing(9);
    const before = await database.uploads();
    await expect(inspect(uploadEvent(), { isRunning })).rejects.toThrow(OutputBeingRemovedError);
    expect(await database.uploads()).toEqual(before);
    await removing(11);
    expect(await inspect(uploadEvent(), { isRunning })).toMatchObject({ outcome: 'encode' });
    expect(await database.query('select removing_at from video_platform.video_upload')).toEqual([{ removing_at: null }]);
  });

  it('of another version of the object is another upload', async () => {
    expect(await inspect(uploadEvent(upload({ version: '1' })))).toMatchObject({ outcome: 'encode' });
    expect(await inspect(uploadEvent(upload({ version: '2' })))).toMatchObject({ outcome: 'encode' });
    expect(await database.uploads()).toHaveLength(2);
  });
});
