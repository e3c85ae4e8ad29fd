import { HeadObjectCommand, NotFound, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { resumeUploads } from '../../local/runner/resume-uploads.ts';
import { createTranscodingDatabase, type TranscodingDatabase } from '../transcoding/transcoding-database.ts';
import { executionArn } from '../transcoding/uploads.ts';

const s3 = mockClient(S3Client);
let database: TranscodingDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createTranscodingDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.close();
});
beforeEach(async () => {
  s3.reset();
  s3.on(HeadObjectCommand).resolves({ ContentLength: 1_000 });
  await database.reset();
});

/** What is asked of Step Functions. */
async function resumed({ except = [] }: { except?: readonly string[] } = {}) {
  const started: { name?: string; input?: unknown }[] = [];
  const startExecution = ({ name, input }: { stateMachineArn: string; name?: string; input?: unknown }) =>
    started.push({ ...(name !== undefined && { name }), input });
  const cloud = {
    s3: new S3Client({ region: 'ap-northeast-2' }),
    stepFunctions: { startExecution },
    stateMachines: { transcode: 'transcode' },
  };
  expect(await resumeUploads({ cloud, database: client, except })).toBe(started.length);
  return started;
}

const input = {
  time: '2026-11-23T00:00:00.000Z',
  detail: { bucket: { name: 'videos' }, object: { key: 'originals/v1/clip.mp4', size: 1_000, etag: 'version-1' } },
};

it.each(['uploaded', 'inspecting', 'encoding'])(
  'starts an execution that was left %s under its own name, so that its claim and its jobs are found',
  async (status) => {
    await database.claim(status, executionArn('killed'));
    expect(await resumed()).toEqual([{ name: 'killed', input }]);
  },
);

it('starts another for an upload that was being checked: states do not move back', async () => {
  await database.claim('checking', executionArn('killed'));
  expect(await resumed()).toEqual([{ input }]);
});

it('lets the claim of the killed one be taken over at once, for what is sent again too', async () => {
  await database.claim('checking', executionArn('killed'));
  await resumed({ except: ['originals/v1/clip.mp4'] });
  const { rows } = await client.query(`select updated_at < now() - interval '2 minutes' as old from video_platform.video_upload`);
  expect(rows).toEqual([{ old: true }]);
});

it.each(['ready', 'failed', 'cancelled'])('leaves an upload that is %s', async (status) => {
  await database.claim(status);
  expect(await resumed()).toEqual([]);
});

it('leaves what is sent again anyway, and what has lost its object', async () => {
  await database.claim('encoding');
  expect(await resumed({ except: ['originals/v1/clip.mp4'] })).toEqual([]);
  s3.on(HeadObjectCommand).rejects(new NotFound({ message: 'gone', $metadata: {} }));
  expect(await resumed()).toEqual([]);
});

it('does not pass over an S3 that cannot be reached', async () => {
  await database.claim('encoding');
  s3.on(HeadObjectCommand).rejects(new Error('refused'));
  await expect(resumed()).rejects.toThrow('refused');
});
