import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { InvalidInputError, parseInput } from '../../lambdas/step.ts';
import { InspectUploadInput, type InspectUploadOutput, inspectUpload } from '../../lambdas/transcoding/inspect-upload.ts';
import { type RejectionCode, sentence } from '../../lambdas/transcoding/reasons.ts';
import type { SourceFacts } from '../../lambdas/transcoding/source.ts';
import { outputPrefix } from '../../lambdas/transcoding/upload.ts';
import { createTranscodingDatabase, type TranscodingDatabase } from './transcoding-database.ts';
import { executionArn, source, upload, uploadEvent } from './uploads.ts';

let database: TranscodingDatabase;

beforeAll(async () => {
  database = await createTranscodingDatabase();
});
afterAll(() => database?.close());
beforeEach(() => database.reset());

interface Inspecting {
  readonly found?: SourceFacts | RejectionCode;
  /** Whether an execution still runs. @default all do */
  readonly isRunning?: (arn: string) => Promise<boolean>;
}

function inspect(input: InspectUploadInput, { found = source(), isRunning = async () => true }: Inspecting = {}) {
  return inspectUpload(parseInput(InspectUploadInput, input), { db: database.db, isRunning, probe: async () => found });
}

describe('an upload', () => {
  it('becomes a job for a video of the platform, promised with the renditions it will have', async () => {
    const arn = executionArn();
    const output = await inspect(uploadEvent(upload(), arn), { found: source({ picture: { widthPx: 1280, heightPx: 720 } }) });
    expect(output).toMatchObject({
      outcome: 'encode',
      upload: upload(),
      promised: {
        durationSeconds: 12.5,
        renditions: [
          { name: '720p', widthPx: 1280, heightPx: 720 },
          { name: '480p', widthPx: 854, heightPx: 480 },
          { name: '360p', widthPx: 640, heightPx: 360 },
        ],
      },
      job: { userMetadata: { videoId: 'v1' } },
    });
    expect(await database.uploads()).toMatchObject([
      { video_id: 'v1', execution_arn: arn, status: 'encoding', output_prefix: outputPrefix('encoded', upload()), reason_code: null },
    ]);
    expect(await database.video()).toMatchObject({ processing_status: 'encoding', video_url: null });
  });

  it('is named by its ETag where the bucket keeps no versions', async () => {
    const { object, ...event } = uploadEvent();
    const output = await inspect({ ...event, object: { key: object.key, size: object.size, etag: 'the-etag' } });
    expect(output).toMatchObject({ outcome: 'encode', upload: { version: 'the-etag' } });
  });

  it.each<[RejectionCode, Parameters<typeof upload>[0], SourceFacts | RejectionCode]>([
    ['INVALID_KEY', { key: 'originals/clip.mp4' }, source()],
    ['UNKNOWN_VIDEO', { key: 'originals/nobody/clip.mp4' }, source()],
    ['EMPTY_FILE', { sizeBytes: 0 }, source()],
    ['NOT_A_VIDEO', {}, 'NOT_A_VIDEO'],
    ['NO_VIDEO_TRACK', {}, 'NO_VIDEO_TRACK'],
  ])('is rejected with its reason in both languages: %s', async (code, fields, found) => {
    const arn = executionArn();
    const event = uploadEvent(upload(fields), arn);
    const output = await inspect(event, { found });
    expect(output).toMatchObject({ outcome: 'rejected', code });
    const [row] = await database.uploads();
    expect(row).toMatchObject({ status: 'failed', reason_code: code, reason: sentence(code), execution_arn: arn });
    expect(row?.reason).toMatch(/[가-힣].*\(.*[a-z].*\)/);
    expect(await inspect(event, { found }), 'a repeated call answers the same').toEqual(output);
    expect(await database.uploads()).toEqual([row]);
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
    const failing = inspectUpload(event, {
      db: database.db,
      isRunning: async () => true,
      probe: () => Promise.reject(new Error('throttled')),
    });
    await expect(failing).rejects.toThrow('throttled');
    expect(await database.uploads()).toMatchObject([{ status: 'inspecting', reason_code: null }]);
    expect(await inspect(event)).toMatchObject({ outcome: 'encode' });
  });

  it.each([
    [{ executionArn: 'x' }, 'executionArn'],
    [{ bucket: '' }, 'bucket'],
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

  it.each(['ready', 'failed'])('of an upload that is %s changes nothing, even when its execution has ended', async (status) => {
    await database.claim(status, executionArn('ended'));
    const before = [await database.uploads(), await database.video()];
    expect(await inspect(uploadEvent(), { isRunning: async () => false })).toMatchObject({ outcome: 'duplicate' });
    expect([await database.uploads(), await database.video()]).toEqual(before);
  });

  it('of another version of the object is another upload', async () => {
    expect(await inspect(uploadEvent(upload({ version: '1' })))).toMatchObject({ outcome: 'encode' });
    expect(await inspect(uploadEvent(upload({ version: '2' })))).toMatchObject({ outcome: 'encode' });
    expect(await database.uploads()).toHaveLength(2);
  });
});
