import { mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { videoIdOf } from '../../lambdas/transcoding/upload.ts';
import { hasPublishedVideo, planUploads, type UploadOptions, upload } from '../../local/runner/upload.ts';
import { insertCreator, insertLegacy, legacyCampaign } from '../support/legacy-rows.ts';
import { migrate } from '../support/migration.ts';
import { createMigrationDatabase, type MigrationDatabase } from '../support/migration-database.ts';

let database: MigrationDatabase;
let client: pg.Client;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'videopick-upload-'));
  database = await createMigrationDatabase();
  const owner = await insertCreator(database, { type: 'BUSINESS' });
  const campaign = (id: string, created_at: string, status = 'ACTIVE') => legacyCampaign(owner, { id, created_at, status });
  await insertLegacy(database, 'campaigns', [
    campaign('third', '2024-03-01 00:00:00'),
    campaign('first', '2024-01-01 00:00:00'),
    campaign('draft', '2023-01-01 00:00:00', 'DRAFT'),
    campaign('second', '2024-02-01 00:00:00'),
  ]);
  await migrate(database.db);
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => database.query('truncate video_platform.video_upload'));

/** A key of the first video as the safe name, without the path's hash before its ending. */
const withoutHash = (key = '') => key.replace(/-[0-9a-f]{8}(?=(\.[^.]*)?$)/, '');

const planOf = async (file: string) => (await planUploads([file], client))[0];

describe('planUploads', () => {
  it('gives each file its own published video, the oldest first, the same every time', async () => {
    const plan = await planUploads(['/x/a.mp4', '/x/b.mp4', '/x/a.mp4'], client);
    expect(plan.map(({ videoId }) => videoId)).toEqual(['first', 'second', 'third']);
    expect(await planUploads(['/x/a.mp4', '/x/b.mp4', '/x/a.mp4'], client)).toEqual(plan);
  });

  it('is for a database with a published video of LinkPick', async () => {
    expect(await hasPublishedVideo(client)).toBe(true);
    await client.query('begin');
    await client.query(`update video_platform.videos set status = 'PRIVATE' where origin = 'legacy'`);
    expect(await hasPublishedVideo(client)).toBe(false);
    await client.query('rollback');
  });

  it('passes by a video whose id cannot stand in a path', async () => {
    await client.query('begin');
    await client.query(`update video_platform.videos set id = '캠페인/1 "%2F' where id = 'first'`);
    expect((await planUploads(['/x/a.mp4'], client)).map(({ videoId }) => videoId)).toEqual(['second']);
    await client.query(`update video_platform.videos set id = id || '.' where origin = 'legacy'`);
    expect(await hasPublishedVideo(client)).toBe(false);
    await client.query('rollback');
  });

  it('says so when there are fewer published videos than files', async () => {
    await expect(planUploads(Array(4).fill('/x/a.mp4'), client)).rejects.toThrow(
      'there are 4 videos to upload but only 3 published videos came out of the migration',
    );
  });

  it.each([
    ['film.mp4', 'film.mp4'],
    ['/a/b/My Film (final)!!.MOV', 'My-Film-final.mov'],
    ['여름 캠페인.mp4', 'video.mp4'],
    ['여름 campaign 2024.mp4', 'campaign-2024.mp4'],
    ['résumé.mp4', 're-sume.mp4'],
    ['..mp4', 'video.mp4'],
    ['.hidden', 'hidden'],
    ['no-extension', 'no-extension'],
    ['a.b.c.mp4', 'a-b-c.mp4'],
    ['-----.mp4', 'video.mp4'],
    ['film.mp4?x=1&y', 'film.mp4x1y'],
    ['a\\b\n%2e%2e%2f.mp4', 'a-b-2e-2e-2f.mp4'],
    ['🎬.mkv', 'video.mkv'],
    ['film.한글', 'film.'],
  ])('makes of the file name %j a safe one', async (file, name) => {
    expect(withoutHash((await planOf(`/folder/${file}`))?.key)).toBe(`originals/first/${name}`);
  });

  it('makes keys that the transcode reads back, whatever the file is called', async () => {
    for (const file of ['/x/😀\u202e.mp4', '/x/ .. .mp4', "/x/'; drop table users --.mp4", `/x/${'a'.repeat(250)}.mp4`, '/x/\u0000.mp4']) {
      const key = (await planOf(file))?.key ?? '';
      expect(key).toMatch(/^originals\/first\/[A-Za-z0-9_.-]+$/);
      expect(videoIdOf(key)).toBe('first');
      expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1_024);
    }
  });
});

describe('upload', () => {
  interface Sent {
    readonly Key: string;
    readonly ContentLength: number;
  }
  /** An S3 that takes what it is sent, and a Step Functions that ends one execution for each, some others before it. */
  function fakeCloud() {
    const sent: Sent[] = [];
    const listeners = new Set<(execution: object) => void>();
    const tell = (execution: object) => {
      for (const listener of listeners) listener(execution);
    };
    const cloud = {
      stateMachines: { transcode: 'arn:transcode' },
      stepFunctions: {
        onExecution: (listener: (execution: object) => void) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
      s3: {
        send: async ({ input }: { input: Sent & { Body: NodeJS.ReadableStream } }) => {
          for await (const _ of input.Body);
          sent.push({ Key: input.Key, ContentLength: input.ContentLength });
        },
      },
    };
    const execution = (key: string, status: string, stateMachineArn = 'arn:transcode') =>
      tell({ stateMachineArn, status, input: JSON.stringify({ detail: { object: { key } } }) });
    return { cloud: cloud as unknown as UploadOptions['cloud'], sent, execution, listeners };
  }
  const optionsOf = (cloud: UploadOptions['cloud'], signal = new AbortController().signal): UploadOptions => ({
    cloud,
    database: client,
    bucket: 'videos',
    signal,
  });
  function fileOf(name: string, content = 'film'): string {
    const file = join(folder, name);
    writeFileSync(file, content);
    return file;
  }
  const recordUpload = (key: string, status: string) =>
    database.query(
      `insert into video_platform.video_upload (bucket, object_key, version, video_id, execution_arn, status) values ('videos', $1, 'v', 'first', 'arn', $2)`,
      [key, status],
    );

  it('sends each file whole and waits until its own transcode has ended, as whatever', async () => {
    const { cloud, sent, execution, listeners } = fakeCloud();
    const plans = await planUploads([fileOf('a.mp4', 'aaa'), fileOf('b.mp4', 'bbbbb')], client);
    const [first = '', second = ''] = plans.map(({ key }) => key);
    let done = false;
    const uploading = upload(plans, optionsOf(cloud)).then(() => {
      done = true;
    });
    await expect
      .poll(() => sent)
      .toEqual([
        { Key: first, ContentLength: 3 },
        { Key: second, ContentLength: 5 },
      ]);
    execution(first, 'RUNNING');
    execution(first, 'SUCCEEDED');
    execution(second, 'SUCCEEDED', 'arn:another');
    execution('originals/second/c.mp4', 'SUCCEEDED');
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(done).toBe(false);
    execution(second, 'FAILED');
    await uploading;
    expect(listeners.size).toBe(0);
  });

  it.each(['ready', 'failed', 'cancelled'])('does not send again what a run before has finished as %s', async (status) => {
    const { cloud, sent } = fakeCloud();
    const file = fileOf('a.mp4');
    utimesSync(file, new Date('2024-01-01'), new Date('2024-01-01'));
    const key = (await planOf(file))?.key ?? '';
    await recordUpload(key, status);
    await upload(await planUploads([file], client), optionsOf(cloud));
    expect(sent).toEqual([]);
  });

  it('tells each outcome as it comes, and does not send what is larger than an upload may be', async () => {
    const { cloud, sent, execution } = fakeCloud();
    const large = fileOf('large.mp4');
    truncateSync(large, 10_240 * 1024 ** 2 + 1); // sparse: takes no space
    const plans = await planUploads([large, fileOf('a.mp4')], client);
    const [, small] = plans;
    const outcomes: string[] = [];
    const uploading = upload(plans, { ...optionsOf(cloud), onOutcome: ({ file }, status) => outcomes.push(`${file} ${status}`) });
    await expect.poll(() => sent).toHaveLength(1);
    await recordUpload(small?.key ?? '', 'ready');
    execution(small?.key ?? '', 'SUCCEEDED');
    expect(await uploading).toMatchObject([
      { key: plans[0]?.key, status: 'failed', reason: expect.stringMatching(/^TOO_LARGE: .*10,240/) },
    ]);
    expect(sent.map(({ Key }) => Key)).toEqual([small?.key]);
    expect(outcomes).toEqual([`${small?.file} ready`]);
  });

  it('sends again what failed by no fault of the file', async () => {
    const { cloud, sent, execution } = fakeCloud();
    const file = fileOf('a.mp4');
    utimesSync(file, new Date('2024-01-01'), new Date('2024-01-01'));
    const key = (await planOf(file))?.key ?? '';
    await recordUpload(key, 'failed');
    await database.query('update video_platform.video_upload set retryable = true');
    const uploading = upload(await planUploads([file], client), optionsOf(cloud));
    await expect.poll(() => sent).toHaveLength(1);
    execution(key, 'SUCCEEDED');
    await uploading;
  });

  it.each([
    ['was cut short', 'encoding', '2024-01-01'],
    ['is older than the file', 'ready', '2100-01-01'],
  ])('sends again what a run before has left that %s', async (_, status, modified) => {
    const { cloud, sent, execution } = fakeCloud();
    const file = fileOf('a.mp4');
    utimesSync(file, new Date(modified), new Date(modified));
    const key = (await planOf(file))?.key ?? '';
    await recordUpload(key, status);
    const uploading = upload(await planUploads([file], client), optionsOf(cloud));
    await expect.poll(() => sent).toHaveLength(1);
    execution(key, 'SUCCEEDED');
    await uploading;
  });

  it('stops waiting when the run is interrupted', async () => {
    const { cloud, sent, listeners } = fakeCloud();
    const interrupted = new AbortController();
    const uploading = upload(await planUploads([fileOf('a.mp4')], client), optionsOf(cloud, interrupted.signal));
    await expect.poll(() => sent).toHaveLength(1);
    interrupted.abort(new Error('interrupted'));
    await expect(uploading).rejects.toThrow('interrupted');
    expect(listeners.size).toBe(0);
  });

  it('sends a file that was not sent yet, whatever became of another one for the same video', async () => {
    const { cloud, sent, execution } = fakeCloud();
    const before = (await planOf('/x/봄.mp4'))?.key ?? '';
    await recordUpload(before, 'ready');
    const other = fileOf('가을.mp4');
    utimesSync(other, new Date('2024-01-01'), new Date('2024-01-01'));
    const uploading = upload(await planUploads([other], client), optionsOf(cloud));
    await expect.poll(() => sent).toHaveLength(1);
    const key = sent[0]?.Key ?? '';
    expect(videoIdOf(key)).toBe(videoIdOf(before));
    expect(key).not.toBe(before);
    execution(key, 'SUCCEEDED');
    await uploading;
  });
});
