import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CreateJobRequest, Job } from '@aws-sdk/client-mediaconvert';
import { type LocatedFfmpeg, locateFfmpeg } from '../../local/ffmpeg/locate.ts';
import type { JobEvent } from '../../local/mediaconvert/events.ts';
import { MediaConvert, type MediaConvertOptions } from '../../local/mediaconvert/mediaconvert.ts';
import { type FakeS3, startFakeS3 } from './fake-s3.ts';
import type { RungFixture } from './job-fixture.ts';

/** A ladder that encodes in no time. */
export const TINY_LADDER: readonly RungFixture[] = [
  { name: '180p', widthPx: 320, heightPx: 180, maxBitrateBps: 400_000, quality: 7, audioBps: 96_000 },
  { name: '90p', widthPx: 160, heightPx: 90, maxBitrateBps: 150_000, quality: 7, audioBps: 96_000 },
];

export interface TestStandIn {
  readonly ffmpeg: LocatedFfmpeg;
  readonly s3: FakeS3;
  readonly service: MediaConvert;
  readonly events: JobEvent[];
  /** A directory for the test's own files. */
  readonly directory: string;
  readonly workDir: string;
  upload(key: string, content: string | Buffer): Promise<void>;
  uploadFile(key: string, name: string): Promise<void>;
  run(request: CreateJobRequest): Promise<Job>;
  /** The events of a job, in order, without repeated updates. */
  statusesOf(job: Job): string[];
  text(key: string): string;
  bytes(key: string): Buffer;
  /** Private directories still there. */
  leftovers(): Promise<string[]>;
  stop(): Promise<void>;
}

export async function startStandIn(options: Partial<MediaConvertOptions> = {}): Promise<TestStandIn> {
  const ffmpeg = await locateFfmpeg();
  const s3 = await startFakeS3();
  const directory = await mkdtemp(join(tmpdir(), 'mediaconvert-'));
  const workDir = join(directory, 'work');
  const events: JobEvent[] = [];
  const service = new MediaConvert({
    ...{ s3: s3.client, ffmpeg, workDir, region: 'ap-northeast-2', accountId: '123456789012', emit: (event) => events.push(event) },
    ...options,
  });
  const bytes = (key: string): Buffer => {
    const object = s3.objects.get(`videos/${key}`);
    if (object === undefined) throw new Error(`${key} is not there; there are: ${[...s3.objects.keys()].join(', ')}`);
    return object.body;
  };
  const upload = async (key: string, content: string | Buffer): Promise<void> => {
    s3.objects.set(`videos/${key}`, { body: Buffer.from(content), contentType: 'video/mp4' });
  };
  return {
    ...{ ffmpeg, s3, service, events, directory, workDir, bytes, upload },
    uploadFile: async (key, name) => await upload(key, await readFile(join(directory, name))),
    run: async (request) => await service.waitForJob((await service.createJob(request)).Id ?? ''),
    statusesOf: ({ Id }) => {
      const statuses = events.filter(({ detail }) => detail.jobId === Id).map(({ detail }) => detail.status);
      return statuses.filter((status, index) => status !== statuses[index - 1]);
    },
    text: (key) => bytes(key).toString('utf8'),
    leftovers: async () => await readdir(workDir).catch(() => []),
    stop: async () => {
      await service.close();
      await s3.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
