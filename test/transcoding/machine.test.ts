import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { DataApi } from '../../lambdas/data-api/data-api.ts';
import { ExecutionNotKnownYetError } from '../../lambdas/execution-status.ts';
import { FailUploadInput, failUpload } from '../../lambdas/transcoding/fail-upload.ts';
import { JudgeFailureInput, judgeFailure } from '../../lambdas/transcoding/judge-failure.ts';
import type { StatesBlock } from '../../local/step-functions/definition.ts';
import { StepFunctions } from '../../local/step-functions/step-functions.ts';
import { TaskError } from '../../local/step-functions/task.ts';
import { upload } from './uploads.ts';

const MACHINE_ARN = 'arn:aws:states:ap-northeast-2:123456789012:stateMachine:transcode';
const text = readFileSync(new URL('../../statemachines/transcode.asl.json', import.meta.url), 'utf8');
const substituted = text.replace(/\$\{(\w+)\}/g, (_all, name: string) => `arn:aws:lambda:ap-northeast-2:123456789012:function:${name}`);
// Waits of half a minute are the service's matter, not the test's.
const definition = JSON.parse(substituted.replace('"SecondsPath": "$.waitSeconds"', '"Seconds": 0')) as StatesBlock;

const failed = (fields: object) =>
  new TaskError('States.TaskFailed', JSON.stringify({ Id: 'j', Status: 'ERROR', Settings: {}, ...fields }));
const job = (kind: string) => ({ clientRequestToken: `${kind}-token`, userMetadata: { kind }, settings: {} });
const ENCODE = {
  outcome: 'encode',
  upload: upload(),
  attempt: 1,
  promised: { framesPerSecond: 30, renditions: [] },
  jobs: { hls: job('hls'), preview: job('preview') },
  prices: { usdPerNormalizedMinute: 1, hd: 2, highFrameRate: 3 },
};
/** Takes every statement, and knows no row. */
const db = { query: async () => [] } as unknown as DataApi;

interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly IntervalSeconds: number;
  readonly MaxAttempts: number;
  readonly BackoffRate: number;
  readonly MaxDelaySeconds?: number;
}

interface Playing {
  readonly inspected?: object;
  /** Thrown by the first calls of inspection, one each. */
  readonly inspectionErrors?: readonly TaskError[];
  /** What the encoder does, by its kind and the number of the call. */
  readonly encode?: (kind: string, call: number, signal: AbortSignal) => Promise<void> | void;
  readonly checks?: readonly object[];
  readonly refuses?: boolean;
  readonly sourceGone?: boolean;
}

function play({
  inspected = ENCODE,
  inspectionErrors = [],
  encode = () => {},
  checks = [{ continue: false, passed: true }],
  refuses = false,
  sourceGone = false,
}: Playing = {}) {
  const calls: { name: string; payload: Record<string, unknown> }[] = [];
  const tokens: string[] = [];
  const toThrow = [...inspectionErrors];
  let checked = 0;
  const functions: Readonly<Record<string, (payload: never) => unknown>> = {
    InspectUpload: () => {
      const error = toThrow.shift();
      if (error !== undefined) throw error;
      return inspected;
    },
    JudgeFailure: (payload) => judgeFailure(JudgeFailureInput.parse(payload), { objectExists: async () => !sourceGone }),
    NoteEncoded: ({ preview }: { preview: { job: unknown } }) => ({ hasPreview: preview.job !== null }),
    CheckOutput: () => checks[checked++],
    PublishVideo: () => {
      if (refuses) throw new TaskError('IncompleteOutputError', '{"errorMessage":"check 2"}');
      return { outcome: 'published', videoId: 'v1' };
    },
    FailUpload: (payload) => failUpload(FailUploadInput.parse(payload), { db }),
  };
  const stepFunctions = new StepFunctions({
    machines: [{ name: 'transcode', arn: MACHINE_ARN, roleArn: 'arn:aws:iam::123456789012:role/machine', definition }],
    tasks: {
      'arn:aws:states:::lambda:invoke': async (parameters) => {
        const { FunctionName, Payload } = parameters as { FunctionName: string; Payload: never };
        const name = FunctionName.replace(/^.*:(\w+)FunctionArn$/, '$1');
        calls.push({ name, payload: Payload });
        return { Payload: await functions[name]?.(Payload), StatusCode: 200 };
      },
      'arn:aws:states:::mediaconvert:createJob.sync': async (parameters, { signal }) => {
        const { UserMetadata, ClientRequestToken } = parameters as { UserMetadata: { kind: string }; ClientRequestToken: string };
        tokens.push(ClientRequestToken);
        const { kind } = UserMetadata;
        await encode(kind, tokens.filter((token) => (kind === 'preview') === (token === 'preview-token')).length, signal);
        return { Job: { Id: kind, Status: 'COMPLETE' } };
      },
    },
    region: 'ap-northeast-2',
    accountId: '123456789012',
    retryDelayMs: 1,
  });
  const event = {
    time: '2026-11-23T00:00:00Z',
    detail: { bucket: { name: 'videos' }, object: { key: 'originals/v1/clip.mp4', size: 1, etag: 'e' } },
  };
  const { executionArn } = stepFunctions.startExecution({ stateMachineArn: MACHINE_ARN, input: event });
  const ended = async () => {
    const { status, output, error } = await stepFunctions.waitForExecution(executionArn);
    return {
      status,
      error,
      output: output === undefined ? undefined : JSON.parse(output),
      called: calls.map(({ name }) => name),
      calls,
      tokens,
    };
  };
  return { ended, stepFunctions, executionArn };
}

const WHOLE = ['InspectUpload', 'NoteEncoded', 'CheckOutput', 'PublishVideo'];

describe('the transcode machine', () => {
  it('encodes video and preview, checks, publishes', async () => {
    const { status, output, called, tokens, calls } = await play().ended();
    expect({ status, output, called }).toEqual({ status: 'SUCCEEDED', output: { outcome: 'published', videoId: 'v1' }, called: WHOLE });
    expect(tokens.toSorted()).toEqual(['hls-token', 'preview-token']);
    expect(calls.at(-1)?.payload).toMatchObject({ hasPreview: true, checked: { passed: true } });
    expect(calls.find(({ name }) => name === 'NoteEncoded')?.payload).toMatchObject({ framesPerSecond: 30, prices: ENCODE.prices });
  });

  it.each([
    { outcome: 'duplicate', videoId: 'v1' },
    { outcome: 'rejected', videoId: 'v1', code: 'TEXT_FILE' },
  ])('encodes nothing of %j', async (inspected) => {
    const { status, output, called, tokens } = await play({ inspected }).ended();
    expect({ status, output, called, tokens }).toEqual({ status: 'SUCCEEDED', output: inspected, called: ['InspectUpload'], tokens: [] });
  });

  it('publishes without a preview that failed, and without one that was not wanted', async () => {
    const encode = (kind: string) => {
      if (kind === 'preview') throw failed({ ErrorCode: 1040 });
    };
    for (const playing of [{ encode }, { inspected: { ...ENCODE, jobs: { ...ENCODE.jobs, preview: null } } }]) {
      const { status, called, calls } = await play(playing).ended();
      expect({ status, called }).toEqual({ status: 'SUCCEEDED', called: WHOLE });
      expect(calls.at(-1)?.payload).toMatchObject({ hasPreview: false });
    }
  });

  it('asks the encoder again after a fault of the service, with a fresh token, twice', async () => {
    const twice = await play({ encode: (kind, call) => void (kind === 'hls' && call <= 2 && fail({ ErrorCode: 1999 })) }).ended();
    expect(twice.status).toBe('SUCCEEDED');
    const always = await play({ encode: (kind) => void (kind === 'hls' && fail({ ErrorCode: 1999 })) }).ended();
    expect(always).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    for (const { tokens } of [twice, always]) {
      const hls = tokens.filter((token) => token !== 'preview-token');
      expect(hls).toHaveLength(3);
      expect(new Set(hls).size).toBe(3);
    }
  });

  it.each([
    [1010, 'NOT_A_VIDEO'],
    [1030, 'UNSUPPORTED_CODEC'],
    [1040, null],
    [1401, null],
    [1550, null],
  ] as const)(
    'asks once only where code %i says it would not help; what is the file’s is rejected, what is ours fails',
    async (ErrorCode, code) => {
      const { status, output, called, tokens, calls } = await play({
        encode: (kind) => void (kind === 'hls' && fail({ ErrorCode })),
      }).ended();
      expect(called).toEqual(['InspectUpload', 'JudgeFailure', 'FailUpload']);
      expect({ status, output }).toEqual(
        code === null
          ? { status: 'FAILED', output: undefined }
          : { status: 'SUCCEEDED', output: { outcome: 'rejected', videoId: 'v1', code } },
      );
      expect(tokens.filter((token) => token !== 'preview-token')).toHaveLength(1);
      expect(calls.at(-1)?.payload).toMatchObject({
        error: { Error: 'States.TaskFailed', Cause: expect.stringContaining(String(ErrorCode)) },
      });
    },
  );

  it('ends, without failing, with a job that was cancelled from outside and with a source that went away', async () => {
    const cancelled = await play({ encode: (kind) => void (kind === 'hls' && fail({ Status: 'CANCELED' })) }).ended();
    expect(cancelled).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'cancelled', videoId: 'v1', code: 'CANCELLED' } });
    const gone = await play({ encode: (kind) => void (kind === 'hls' && fail({ ErrorCode: 1404 })), sourceGone: true }).ended();
    expect(gone).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'rejected', videoId: 'v1', code: 'SOURCE_GONE' } });
  });

  it.each([
    ['SettingsUnavailableError', 10],
    ['OutputBeingRemovedError', 10],
    ['ExecutionNotKnownYetError', 6],
    ['ServiceUnavailableError', 8],
  ])('waits while inspection says %s', async (error, times) => {
    const inspectionErrors = Array.from({ length: times }, () => new TaskError(error, '{"errorMessage":"not now"}'));
    const { status, output, called } = await play({ inspectionErrors }).ended();
    expect({ status, output }).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'published' } });
    expect(called).toEqual([...Array(times).fill('InspectUpload'), ...WHOLE]);
  });

  it('waits for longer than it takes until an execution is known, and until a removal is over', () => {
    const { Retry = [] } = JSON.parse(text).States['Inspect upload'] as { Retry?: Retrier[] };
    const waits = (error: string) => {
      const retrier = Retry.find(({ ErrorEquals }) => ErrorEquals.includes(error));
      if (retrier === undefined) return 0;
      const { IntervalSeconds, MaxAttempts, BackoffRate, MaxDelaySeconds = Number.POSITIVE_INFINITY } = retrier;
      const each = Array.from({ length: MaxAttempts }, (_, attempt) => Math.min(MaxDelaySeconds, IntervalSeconds * BackoffRate ** attempt));
      return each.reduce((sum, seconds) => sum + seconds, 0);
    };
    expect(waits(new ExecutionNotKnownYetError('arn', 0).name)).toBeGreaterThan(120);
    expect(waits('OutputBeingRemovedError')).toBeGreaterThan(600);
    expect(waits('SettingsUnavailableError')).toBeGreaterThan(300);
  });

  it('asks a second time for a source that could not be read although it is there', async () => {
    const { output, tokens } = await play({ encode: (kind) => void (kind === 'hls' && fail({ ErrorCode: 1404 })) }).ended();
    expect(output).toMatchObject({ outcome: 'rejected', code: 'NOT_A_VIDEO' });
    expect(tokens.filter((token) => token !== 'preview-token')).toHaveLength(2);
  });

  it('goes on checking as long as there is more to read, with what it had', async () => {
    const checks = [
      { continue: true, progress: { next: 5 } },
      { continue: true, progress: { next: 9 } },
      { continue: false, passed: true },
    ];
    const { status, calls } = await play({ checks }).ended();
    expect(status).toBe('SUCCEEDED');
    const payloads = calls.filter(({ name }) => name === 'CheckOutput').map(({ payload }) => payload.progress);
    expect(payloads).toEqual([undefined, { next: 5 }, { next: 9 }]);
    expect(calls.filter(({ name }) => name === 'CheckOutput').at(-1)?.payload).toMatchObject({
      upload: upload(),
      promised: ENCODE.promised,
    });
  });

  it('records an output that publishing refuses, without a second try', async () => {
    const { status, error, called } = await play({ refuses: true }).ended();
    expect({ status, error, called }).toEqual({ status: 'FAILED', error: 'IncompleteOutputError', called: [...WHOLE, 'FailUpload'] });
  });

  it('takes both jobs with it when it is stopped', async () => {
    const cancelled: string[] = [];
    const { promise: begun, resolve } = Promise.withResolvers<void>();
    let running = 0;
    const { stepFunctions, executionArn, ended } = play({
      encode: (kind, _call, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            cancelled.push(kind);
            reject(signal.reason);
          });
          running += 1;
          if (running === 2) resolve();
        }),
    });
    await begun;
    stepFunctions.stopExecution(executionArn);
    expect((await ended()).status).toBe('ABORTED');
    expect(cancelled.toSorted()).toEqual(['hls', 'preview']);
  });
});

function fail(fields: object): never {
  throw failed(fields);
}
