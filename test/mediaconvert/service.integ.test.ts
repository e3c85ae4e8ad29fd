import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CancelJobCommand,
  CreateJobCommand,
  GetJobCommand,
  type Job,
  ListJobsCommand,
  ListQueuesCommand,
  MediaConvertClient,
  ProbeCommand,
} from '@aws-sdk/client-mediaconvert';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { makeClip } from '../../local/ffmpeg/make-clip.ts';
import { readSource } from '../../local/ffmpeg/read-source.ts';
import { runFfmpeg } from '../../local/ffmpeg/run.ts';
import { Gateway } from '../../local/gateway/gateway.ts';
import { fetchForProbe } from '../../local/mediaconvert/fetch-for-probe.ts';
import { MediaConvert } from '../../local/mediaconvert/mediaconvert.ts';
import { hlsLadderJob } from './job-fixture.ts';
import { startStandIn, type TestStandIn, TINY_LADDER } from './stand-in.ts';

let now = Date.UTC(2026, 10, 23);
let standIn: TestStandIn;
let gateway: Gateway;
let client: MediaConvertClient;

beforeAll(async () => {
  standIn = await startStandIn({ clock: () => now });
  gateway = new Gateway({ services: new Map([['mediaconvert', standIn.service]]), web: () => {}, onError: () => {} });
  const endpoint = await gateway.listen(0);
  client = new MediaConvertClient({
    endpoint,
    region: 'ap-northeast-2',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
  await makeClip(join(standIn.directory, 'clip.mp4'), { ffmpeg: standIn.ffmpeg, seconds: 2, width: 160, height: 90 });
  await standIn.uploadFile('originals/video-1/source.mp4', 'clip.mp4');
});
afterAll(async () => {
  client.destroy();
  await gateway.close();
  await standIn.stop();
});

const request = hlsLadderJob({ rungs: TINY_LADDER.slice(1) });

it('serves the SDK: create, get, list, with its types', async () => {
  const { Job: created } = await client.send(new CreateJobCommand(request));
  expect(created).toMatchObject({ Status: 'SUBMITTED', Id: expect.stringMatching(/^\d{13}-[a-z0-9]{6}$/), CreatedAt: new Date(now) });
  expect(created?.Settings).toEqual(request.Settings);
  await standIn.service.waitForJob(created?.Id ?? '');
  const { Job: job } = await client.send(new GetJobCommand({ Id: created?.Id }));
  expect(job).toMatchObject({ Status: 'COMPLETE', UserMetadata: request.UserMetadata, Timing: { FinishTime: new Date(now) } });
  const { Jobs = [] } = await client.send(new ListJobsCommand({ Status: 'COMPLETE', MaxResults: 20 }));
  expect(Jobs.map(({ Id }) => Id)).toContain(created?.Id);
});

it('probes by content', async () => {
  const { ProbeResults = [] } = await client.send(
    new ProbeCommand({ InputFiles: [{ FileUrl: 's3://videos/originals/video-1/source.mp4' }] }),
  );
  const size = (await readFile(join(standIn.directory, 'clip.mp4'))).length;
  expect(ProbeResults[0]).toMatchObject({
    Container: {
      Format: 'mp4',
      Tracks: [
        {
          Index: 1,
          TrackType: 'video',
          Codec: 'AVC',
          VideoProperties: { Width: 160, Height: 90, BitDepth: 8, FrameRate: { Numerator: 30, Denominator: 1 } },
        },
        { Index: 2, TrackType: 'audio', Codec: 'AAC', AudioProperties: { Channels: 2, SampleRate: 48_000 } },
      ],
    },
    Metadata: { ETag: '"abc"', FileSize: size, MimeType: 'video/mp4', LastModified: new Date(0) },
    TrackMappings: [{ VideoTrackIndexes: [1], AudioTrackIndexes: [2], DataTrackIndexes: [] }],
  });
  expect(ProbeResults[0]?.Container?.Duration).toBeCloseTo(2, 1);
});

it('probes a large file from its two ends and its index, wherever that stands', async () => {
  const { ffmpeg, directory, s3 } = standIn;
  const remux = ['-i', 'file:clip.mp4', '-c', 'copy', '-f', 'mp4', 'index-last.mp4'];
  await runFfmpeg({ file: ffmpeg.ffmpeg, args: remux, cwd: directory, outputs: ['index-last.mp4'], timeLimitMs: 20_000 });
  const free = Buffer.alloc(200_000);
  free.writeUInt32BE(free.length, 0);
  free.write('free', 4, 'latin1');
  const clip = await readFile(join(directory, 'index-last.mp4'));
  await standIn.upload('originals/large.mp4', Buffer.concat([clip, free]));
  const before = s3.sentBytes();
  const window = { wholeBytes: 1_000, endBytes: 4_096 };
  const location = { bucket: 'videos', key: 'originals/large.mp4' };
  await fetchForProbe(s3.client, location, join(directory, 'sparse'), { signal: AbortSignal.timeout(10_000), window });
  expect(s3.sentBytes() - before).toBeLessThan(16_000);
  const { streams, durationSeconds } = await readSource(ffmpeg, directory, 'sparse');
  expect(streams).toMatchObject([
    { codec: 'h264', widthPx: 160, heightPx: 90, pixelFormat: 'yuv420p' },
    { codec: 'aac', channels: 2 },
  ]);
  expect(durationSeconds).toBeCloseTo(2, 1);
});

it("answers what it refuses with the service's errors", async () => {
  const bad = structuredClone(request);
  Object.assign(bad.Settings?.Inputs?.[0] ?? {}, { Crop: { X: 0 } });
  await expect(client.send(new CreateJobCommand(bad))).rejects.toMatchObject({
    name: 'BadRequestException',
    message: expect.stringContaining('Settings.Inputs[0].Crop is not supported here'),
    $metadata: { httpStatusCode: 400 },
  });
  await expect(client.send(new GetJobCommand({ Id: 'nobody' }))).rejects.toMatchObject({
    name: 'NotFoundException',
    $metadata: { httpStatusCode: 404 },
  });
  await standIn.upload('originals/playlist.mp4', '#EXTM3U\n');
  for (const name of ['playlist.mp4', 'missing.mp4']) {
    const attempt = client.send(new ProbeCommand({ InputFiles: [{ FileUrl: `s3://videos/originals/${name}` }] }));
    await expect(attempt).rejects.toMatchObject({ name: 'BadRequestException' });
  }
  await expect(client.send(new ListQueuesCommand({}))).rejects.toThrow(/has no stand-in here; supported: CreateJob/);
});

it('returns the first job for a repeated token, for one minute', async () => {
  now += 1_000; // ids begin with the time, and the list below is ordered by it
  const create = () => standIn.service.createJob({ ...request, ClientRequestToken: 'same' });
  const first = await create();
  now += 59_000;
  expect((await create()).Id).toBe(first.Id);
  now += 1_000;
  const second = await create();
  expect(second.Id).not.toBe(first.Id);
  await Promise.all([first, second].map((job) => standIn.service.waitForJob(job.Id ?? '')));
});

it('lists page by page, newest first', async () => {
  const first = await client.send(new ListJobsCommand({ MaxResults: 2 }));
  const rest = await client.send(new ListJobsCommand({ NextToken: first.NextToken }));
  const ids = [...(first.Jobs ?? []), ...(rest.Jobs ?? [])].map(({ Id }) => Id);
  expect(first.Jobs).toHaveLength(2);
  expect(rest.NextToken).toBeUndefined();
  expect(ids).toEqual([...ids].sort().reverse());
  await expect(client.send(new ListJobsCommand({ NextToken: 'another' }))).rejects.toMatchObject({ name: 'BadRequestException' });
});

it('cancels a job that runs and one that waits, and nothing that has ended', async () => {
  await makeClip(join(standIn.directory, 'long.mp4'), { ffmpeg: standIn.ffmpeg, seconds: 10, width: 640, height: 360 });
  await standIn.uploadFile('originals/long.mp4', 'long.mp4');
  const long = hlsLadderJob({ input: 'originals/long.mp4', destination: 'encoded/long' });
  const running = await standIn.service.createJob(long);
  const waiting = await standIn.service.createJob(long);
  await expect.poll(() => standIn.service.getJob(running.Id ?? '').CurrentPhase, { timeout: 10_000 }).toBe('TRANSCODING');
  for (const { Id } of [waiting, running]) await client.send(new CancelJobCommand({ Id }));
  for (const { Id } of [waiting, running]) {
    const job = await standIn.service.waitForJob(Id ?? '');
    expect(job.Status).toBe('CANCELED');
    expect(standIn.statusesOf(job).at(-1)).toBe('CANCELED');
    await expect(client.send(new CancelJobCommand({ Id }))).rejects.toMatchObject({ name: 'ConflictException' });
  }
  expect(await standIn.leftovers()).toEqual([]);
});

it('stops waiting at the signal and lets the job run on', async () => {
  const { Id = '' } = await standIn.service.createJob(request);
  await expect(standIn.service.waitForJob(Id, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  expect(await standIn.service.waitForJob(Id)).toMatchObject({ Status: 'COMPLETE' });
});

describe('after a restart', () => {
  const restart = async (stateFile: string, events: string[] = []) => {
    const service = new MediaConvert({
      ...{
        s3: standIn.s3.client,
        ffmpeg: standIn.ffmpeg,
        workDir: join(standIn.directory, 'work-2'),
        region: 'r',
        accountId: '123456789012',
        stateFile,
      },
      emit: ({ detail }) => events.push(`${detail.jobId} ${detail.status}`),
    });
    onTestFinished(() => service.close());
    return service;
  };

  it('remembers its jobs, and runs again what was cut off, under the same id and token', async () => {
    const stateFile = join(standIn.directory, 'jobs.json');
    const tokened = { ...request, ClientRequestToken: 'cut-off' };
    const before = await restart(stateFile);
    const done = await before.waitForJob((await before.createJob(request)).Id ?? '');
    const cut = await before.createJob(tokened);
    await expect.poll(() => before.getJob(cut.Id ?? '').Status).toBe('PROGRESSING');
    await before.close();
    const events: string[] = [];
    const after = await restart(stateFile, events);
    expect(after.getJob(done.Id ?? '')).toEqual(done);
    // Whoever waited for it died with the process and submits again, however long the restart took.
    expect((await after.createJob(tokened)).Id).toBe(cut.Id);
    expect(await after.waitForJob(cut.Id ?? '')).toMatchObject({ Status: 'COMPLETE', RetryCount: 1 });
    expect([events[0], events.at(-1)]).toEqual([`${cut.Id} INPUT_INFORMATION`, `${cut.Id} COMPLETE`]);
    expect((await after.createJob(tokened)).Id).toBe(cut.Id);
  });

  it('runs a job whose cancel came with the end of the process', async () => {
    const stateFile = join(standIn.directory, 'stopped-jobs.json');
    const first = await restart(stateFile);
    const { Id = '' } = await first.createJob(request);
    first.cancelJob(Id);
    await first.close();
    const next = await restart(stateFile);
    expect(await next.waitForJob(Id)).toMatchObject({ Status: 'COMPLETE', RetryCount: 0 });
  });

  it('gives up a job that was cut off three times', async () => {
    const stateFile = join(standIn.directory, 'cut-jobs.json');
    const first = await restart(stateFile);
    const { Id = '' } = await first.createJob(request);
    await first.close();
    const [job] = JSON.parse(await readFile(stateFile, 'utf8')) as Job[];
    await writeFile(stateFile, JSON.stringify([{ ...job, Status: 'PROGRESSING', RetryCount: 2 }]));
    const last = await restart(stateFile);
    expect(await last.waitForJob(Id)).toMatchObject({ Status: 'ERROR', ErrorCode: 1999, ErrorMessage: expect.stringContaining('3 times') });
  });
});
