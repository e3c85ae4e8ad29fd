import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseInput } from '../../lambdas/step.ts';
import { FailUploadInput, failUpload } from '../../lambdas/transcoding/fail-upload.ts';
import { isRetryable, type RejectionCode, sentence } from '../../lambdas/transcoding/reasons.ts';
import { createTranscodingDatabase, type TranscodingDatabase } from './transcoding-database.ts';
import { executionArn, upload, uploadEvent } from './uploads.ts';

let database: TranscodingDatabase;

beforeAll(async () => {
  database = await createTranscodingDatabase();
});
afterAll(() => database?.close());
beforeEach(() => database.reset());

/** As the execution's input has the upload. */
const eventOf = ({ time, bucket, object } = uploadEvent()) => ({ time, detail: { bucket: { name: bucket }, object } });

const fail = (error: { Error: string; Cause?: string }, event: object = eventOf(), arn = executionArn('e')) =>
  failUpload(parseInput(FailUploadInput, { executionArn: arn, error, event }), { db: database.db });

const job = (fields: object) => ({
  Error: 'States.TaskFailed',
  Cause: JSON.stringify({ Id: '1-a', Status: 'ERROR', Settings: {}, ...fields }),
});

const lambdaError = (errorType: string, errorMessage: string) => ({
  Error: errorType,
  Cause: JSON.stringify({ errorType, errorMessage, trace: [`${errorType}: ${errorMessage}`, 'at file:///var/task/index.mjs:1:2'] }),
});

describe('a failure', () => {
  it.each<[string, { Error: string; Cause?: string }, RejectionCode, RegExp]>([
    ['no input to open', job({ ErrorCode: 1010, ErrorMessage: 'cannot open' }), 'NOT_A_VIDEO', /1010: cannot open/],
    ['no video in it', job({ ErrorCode: 1020, ErrorMessage: 'no video' }), 'NO_VIDEO_TRACK', /1020/],
    ['a codec it does not know', job({ ErrorCode: 1030 }), 'UNSUPPORTED_CODEC', /1030/],
    ['a file that ends too early', job({ ErrorCode: 1076 }), 'NOT_A_VIDEO', /1076: no message/],
    ['settings that do not go together', job({ ErrorCode: 1040, ErrorMessage: 'bad' }), 'ENCODING_FAILED', /1040: bad/],
    ['an unexpected fault', job({ ErrorCode: 1999, ErrorMessage: 'oops' }), 'ENCODING_FAILED', /1999: oops/],
    ['a job without a code', job({}), 'ENCODING_FAILED', /without a code/],
    ['a refused request', { Error: 'MediaConvert.BadRequestException', Cause: 'x' }, 'ENCODING_FAILED', /BadRequest/],
    ['a source that went away', { Error: 'SourceGoneError' }, 'SOURCE_GONE', /could not be read/],
    ['a time-out', { Error: 'States.Timeout' }, 'INTERNAL', /States\.Timeout/],
    ['a cause that is text', { Error: 'Lambda.Unknown', Cause: 'The function did not answer' }, 'INTERNAL', /Lambda\.Unknown/],
    ['a cause that is null', { Error: 'E', Cause: 'null' }, 'INTERNAL', /E$/],
    [
      "a Lambda's error",
      lambdaError('DatabaseErrorException', 'ERROR: relation; Detail: someone@example.com'),
      'INTERNAL',
      /DatabaseErrorException/,
    ],
    ['an incomplete output', lambdaError('IncompleteOutputError', 'segment 3 is missing'), 'INCOMPLETE_OUTPUT', /segment 3 is missing/],
  ])('is recorded with its reason: %s', async (_what, error, code, detail) => {
    await database.claim('encoding', executionArn('e'));
    expect(await fail(error)).toEqual({ outcome: isRetryable(code) ? 'failed' : 'rejected', videoId: 'v1', code });
    const [row] = await database.uploads();
    expect(row).toMatchObject({ status: 'failed', reason_code: code });
    expect(row?.reason).toMatch(detail);
    expect(row?.reason).toContain(sentence(code));
    expect(row?.reason, 'no rows and no insides of ours').not.toMatch(/someone@example|\/var\/task|errorMessage/);
    expect(await database.video()).toMatchObject({ processing_status: 'failed' });
  });

  it('of a job that was cancelled from outside cancels the upload', async () => {
    await database.claim('encoding', executionArn('e'));
    expect(await fail(job({ Status: 'CANCELED' }))).toEqual({ outcome: 'cancelled', videoId: 'v1', code: 'CANCELLED' });
    expect(await database.uploads()).toMatchObject([{ status: 'cancelled', retryable: false }]);
    expect(await database.video()).toMatchObject({ processing_status: 'cancelled' });
  });

  it('of a new encode leaves the playing video untouched', async () => {
    await database.playing();
    const before = await database.video();
    await database.claim('encoding', executionArn('e'));
    await fail(job({ ErrorCode: 1999 }));
    expect(await database.uploads()).toMatchObject([{ status: 'failed' }]);
    expect(await database.video()).toEqual(before);
  });

  it('is recorded once: a repeated call changes nothing', async () => {
    await database.claim('encoding', executionArn('e'));
    await fail(job({ ErrorCode: 1010 }));
    const before = await database.uploads();
    await fail({ Error: 'States.Timeout' });
    expect(await database.uploads()).toEqual(before);
  });

  it('after the upload was published, or taken over, harms nothing', async () => {
    await database.claim('ready', executionArn('e'));
    await database.claim('encoding', executionArn('heir'), { version: '2' });
    const before = [await database.uploads(), await database.video()];
    await fail(job({ ErrorCode: 1010 }));
    expect([await database.uploads(), await database.video()]).toEqual(before);
  });

  it('before anything was claimed is recorded on the upload and its video, and its event may be sent again', async () => {
    expect(await fail({ Error: 'SettingsUnavailableError' })).toEqual({ outcome: 'failed', videoId: 'v1', code: 'INTERNAL' });
    const { key, version } = upload();
    expect(await database.uploads()).toMatchObject([
      { object_key: key, version, execution_arn: executionArn('e'), status: 'failed', reason_code: 'INTERNAL', retryable: true },
    ]);
    expect(await database.video()).toMatchObject({ processing_status: 'failed' });
  });

  it('of an execution that came second leaves the claim of the first as it is', async () => {
    await database.claim('encoding', executionArn('first'));
    const before = await database.uploads();
    await fail({ Error: 'SettingsUnavailableError' });
    expect(await database.uploads()).toEqual(before);
  });

  it('of an input that is no upload has nothing to record', async () => {
    expect(await fail({ Error: 'InvalidInputError' }, {})).toEqual({ outcome: 'failed', videoId: '', code: 'INTERNAL' });
    expect(await database.uploads()).toEqual([]);
  });

  it.each([
    ['below "Job"', { Job: { Status: 'ERROR', ErrorCode: 1010, ErrorMessage: 'cannot open' } }],
    ['as its event', { jobId: 'j', status: 'ERROR', errorCode: 1010, errorMessage: 'cannot open' }],
    ['as its whole event', { source: 'aws.mediaconvert', detail: { status: 'ERROR', errorCode: 1010, errorMessage: 'cannot open' } }],
  ])('is understood of a job that is told %s', async (_how, cause) => {
    await database.claim('encoding', executionArn('e'));
    expect(await fail({ Error: 'States.TaskFailed', Cause: JSON.stringify(cause) })).toMatchObject({ code: 'NOT_A_VIDEO' });
    expect(await database.uploads()).toMatchObject([{ reason: expect.stringContaining('1010: cannot open') }]);
  });
});
