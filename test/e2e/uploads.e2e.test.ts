import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CancelJobCommand, type Job, MediaConvertClient, paginateListJobs } from '@aws-sdk/client-mediaconvert';
import { DeleteObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClip } from '../../local/ffmpeg/make-clip.ts';
import type { ExecutionDescription } from '../../local/step-functions/describe-execution.ts';
import { awsEnvironment, hasAwsCli } from '../support/aws-cli.ts';
import { canRunRunbook, runbookBlocks, runCommands } from '../support/runbook.ts';
import { startTranscodingCloud, type TranscodingCloud, type UploadRow } from '../support/transcoding-cloud.ts';
import { random } from '../transcoding/seeded-random.ts';

/** An encode of seconds, on a machine that other tests share. */
const ENCODE_TIMEOUT_MS = 120_000;

let stack: TranscodingCloud;
let stepFunctions: SFNClient;
let mediaConvert: MediaConvertClient;
const clips = { short: '', long: '', text: '' };
beforeAll(async () => {
  stack = await startTranscodingCloud();
  stepFunctions = stack.client(SFNClient);
  mediaConvert = stack.client(MediaConvertClient);
  const clip = async (name: string, seconds: number) => {
    const file = join(stack.directory, name);
    await makeClip(file, { ffmpeg: stack.ffmpeg, seconds, width: 320, height: 180 });
    return file;
  };
  clips.short = await clip('short.mp4', 1);
  clips.long = await clip('long.mp4', 90);
  clips.text = join(stack.directory, 'text.mp4');
  writeFileSync(clips.text, 'This is text in the clothes of a video.\n');
}, 120_000);
afterAll(() => stack?.close());

async function put(key: string, file: string): Promise<void> {
  await stack.s3.send(new PutObjectCommand({ Bucket: stack.bucket, Key: key, Body: readFileSync(file) }));
}

/** Uploads a file and waits for what comes of it. */
async function upload(videoId: string, file: string, name = 'clip.mp4'): Promise<UploadRow> {
  const key = `originals/${videoId}/${name}`;
  const ended = stack.executionEnded(key);
  await put(key, file);
  await ended;
  return lastUpload(videoId);
}

async function lastUpload(videoId: string): Promise<UploadRow> {
  const row = (await stack.uploadsOf(videoId)).at(-1);
  if (row === undefined) throw new Error(`${videoId} has no upload`);
  return row;
}

interface ObjectEvent {
  readonly detail: { readonly object: { readonly key: string; readonly size: number } };
}

/** Delivers an event as its rule does, once more. */
async function deliver(event: object): Promise<void> {
  await stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn: stack.cloud.stateMachines.transcode, input: JSON.stringify(event) }),
  );
}

/** The event of an object that was really uploaded, told of another one. */
function eventOf(execution: ExecutionDescription, object: Partial<ObjectEvent['detail']['object']> = {}): ObjectEvent {
  const event = JSON.parse(execution.input ?? '{}') as ObjectEvent;
  return { ...event, detail: { ...event.detail, object: { ...event.detail.object, ...object } } };
}

async function jobs(): Promise<readonly Job[]> {
  const found: Job[] = [];
  for await (const { Jobs = [] } of paginateListJobs({ client: mediaConvert }, {})) found.push(...Jobs);
  return found;
}

const videoJobsOf = async (uploadId: string) =>
  (await jobs()).filter(({ UserMetadata }) => UserMetadata?.uploadId === uploadId && UserMetadata.kind === 'hls');

const videoOf = async (id: string) =>
  (
    await stack.query<{ video_url: string | null; processing_status: string | null }>(
      'select video_url, processing_status from video_platform.videos where id = $1',
      [id],
    )
  )[0];

describe('a storm of events', () => {
  it('brings each upload one job and one outcome, however often and late its event comes', { timeout: ENCODE_TIMEOUT_MS }, async () => {
    const pick = random(7);
    const videos = await Promise.all([stack.newVideo(), stack.newVideo(), stack.newVideo()]);
    const files = [clips.short, clips.text, clips.short];
    const keys = videos.map((videoId, index) => `originals/${videoId}/clip ${index}.mp4`);
    const events = new Map<string, ObjectEvent>();
    const ended: string[] = [];
    let started = 0;
    const off = stack.cloud.stepFunctions.onExecution((execution) => {
      const event = eventOf(execution);
      const { key } = event.detail.object;
      if (!keys.includes(key)) return;
      if (execution.status === 'RUNNING') {
        started += 1;
        events.set(key, event);
      } else ended.push(`${key} ${JSON.parse(execution.output ?? '{}').outcome ?? execution.error}`);
    });
    await Promise.all(keys.map((key, index) => put(key, files[index] ?? '')));
    await expect.poll(() => events.size).toBe(keys.length);
    const repeats = keys.flatMap((key) => Array.from({ length: Math.floor(pick() * 5) + 1 }, () => key));
    for (const key of repeats.toSorted(() => pick() - 0.5)) await deliver(events.get(key) ?? {});
    await expect.poll(() => ended.length, { timeout: ENCODE_TIMEOUT_MS }).toBe(keys.length + repeats.length);
    for (const key of keys) await deliver(events.get(key) ?? {});
    await expect.poll(() => ended.length, { timeout: ENCODE_TIMEOUT_MS }).toBe(2 * keys.length + repeats.length);
    off();
    expect(started).toBe(ended.length);
    for (const [index, key] of keys.entries()) {
      const videoId = videos[index] ?? '';
      const isVideo = files[index] === clips.short;
      const [row, ...others] = await stack.uploadsOf(videoId);
      expect(others).toEqual([]);
      expect(row).toMatchObject({ status: isVideo ? 'ready' : 'failed', reason_code: isVideo ? null : 'TEXT_FILE' });
      expect(await videoJobsOf(row?.upload_id ?? '')).toHaveLength(isVideo ? 1 : 0);
      const outcomes = ended.filter((line) => line.startsWith(`${key} `)).map((line) => line.slice(key.length + 1));
      expect(outcomes.filter((outcome) => outcome !== 'duplicate')).toEqual([isVideo ? 'published' : 'rejected']);
    }
  });
});

describe('an upload', () => {
  it('of a video that plays becomes its new version; one that fails leaves the old one playing', {
    timeout: ENCODE_TIMEOUT_MS,
  }, async () => {
    const videoId = await stack.newVideo();
    expect(await upload(videoId, clips.short)).toMatchObject({ status: 'ready' });
    const first = await videoOf(videoId);
    expect(await upload(videoId, clips.short, 'again.mp4')).toMatchObject({ status: 'ready' });
    const second = await videoOf(videoId);
    expect(second?.video_url).not.toBe(first?.video_url);
    expect(await upload(videoId, clips.text, 'text.mp4')).toMatchObject({ status: 'failed', reason_code: 'TEXT_FILE' });
    expect(await videoOf(videoId)).toEqual(second);
    expect((await fetch(`${stack.endpoint}${second?.video_url}`)).status).toBe(200);
  });

  it('for a video that does not exist is rejected, and no video comes of it', async () => {
    expect(await upload('nobody', clips.short)).toMatchObject({ status: 'failed', reason_code: 'UNKNOWN_VIDEO' });
    expect(await videoOf('nobody')).toBeUndefined();
  });

  it.each([
    ['that was deleted before it was looked at', 'gone.mp4', {}, 'SOURCE_GONE'],
    ['of 10,241 MB', 'large.mp4', { size: 10_241 * 1024 ** 2 }, 'TOO_LARGE'],
    ['whose key leads out of its folder', '../../encoded/x.mp4', {}, 'INVALID_KEY'],
    ['whose key has folders', 'a/b.mp4', {}, 'INVALID_KEY'],
  ])('%s is rejected for it', async (_, name, object, reason) => {
    const videoId = await stack.newVideo();
    const key = `originals/${videoId}/${name}`;
    const real = `originals/${videoId}/text.mp4`;
    const realEnded = stack.executionEnded(real);
    await put(real, clips.text);
    const ended = stack.executionEnded(key);
    await deliver(eventOf(await realEnded, { key, ...object }));
    const { name: executionName } = await ended;
    const rows = await stack.query('select status, reason_code from video_platform.video_upload where execution_arn like $1', [
      `%:${executionName}`,
    ]);
    expect(rows).toEqual([{ status: 'failed', reason_code: reason }]);
  });

  it('whose job is cancelled from outside is cancelled, and says so', { timeout: ENCODE_TIMEOUT_MS }, async () => {
    const videoId = await stack.newVideo();
    const ended = stack.executionEnded(`originals/${videoId}/long.mp4`);
    await put(`originals/${videoId}/long.mp4`, clips.long);
    const running = async () =>
      (await jobs()).find(({ UserMetadata: of, Status }) => of?.videoId === videoId && Status === 'PROGRESSING')?.Id;
    await expect.poll(running, { timeout: 60_000, interval: 20 }).toBeDefined();
    await mediaConvert.send(new CancelJobCommand({ Id: await running() }));
    const { status, output } = await ended;
    expect({ status, output: JSON.parse(output ?? '{}') }).toEqual({
      status: 'SUCCEEDED',
      output: { outcome: 'cancelled', videoId, code: 'CANCELLED' },
    });
    expect(await lastUpload(videoId)).toMatchObject({
      status: 'cancelled',
      reason_code: 'CANCELLED',
      reason: expect.stringMatching(/취소/),
    });
    expect(await videoOf(videoId)).toMatchObject({ video_url: null });
  });

  it('whose output lost a segment is not published; started again by the runbook’s commands, where they run, it is encoded anew', {
    timeout: 2 * ENCODE_TIMEOUT_MS,
  }, async () => {
    const videoId = await stack.newVideo();
    const key = `originals/${videoId}/long.mp4`;
    const ended = stack.executionEnded(key);
    await put(key, clips.long);
    await expect.poll(async () => (await stack.uploadsOf(videoId))[0]?.output_prefix, { timeout: 60_000, interval: 20 }).toBeTruthy();
    const { output_prefix: prefix } = await lastUpload(videoId);
    const segment = { Bucket: stack.bucket, Key: `${prefix}/180p/index_180p_00002.ts` };
    const isThere = () =>
      stack.s3.send(new HeadObjectCommand(segment)).then(
        () => true,
        () => false,
      );
    await expect.poll(isThere, { timeout: 60_000, interval: 20 }).toBe(true);
    await stack.s3.send(new DeleteObjectCommand(segment));
    const failed = await ended;
    expect(await lastUpload(videoId)).toMatchObject({ status: 'failed', reason_code: 'INCOMPLETE_OUTPUT', output_prefix: prefix });
    expect(await videoOf(videoId)).toMatchObject({ video_url: null, processing_status: 'failed' });

    const again = stack.executionEnded(key);
    if (hasAwsCli && canRunRunbook) {
      const [commands = ''] = runbookBlocks('A video does not get ready');
      const env = { ...awsEnvironment(stack), ENV: 'dev', EXECUTION: failed.executionArn };
      await runCommands(commands, { cwd: stack.directory, env });
    } else await deliver(eventOf(failed));
    expect(JSON.parse((await again).output ?? '{}')).toMatchObject({ outcome: 'published' });
    expect(await stack.uploadsOf(videoId)).toMatchObject([{ status: 'ready', reason_code: null }]);
    expect(await videoOf(videoId)).toMatchObject({ video_url: `/${prefix}/index.m3u8`, processing_status: 'ready' });
  });
});
