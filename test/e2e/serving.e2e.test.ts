import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCAL_FILE, type LocalFile, localFileIn } from '../../local/runner/local-file.ts';
import type { Report } from '../../local/runner/report.ts';
import { type AwsCli, awsCli, hasAwsCli } from '../support/aws-cli.ts';
import { launchBrowser } from '../support/browser.ts';
import { playToEnd } from '../support/play-to-end.ts';
import { type Runner, readLocalFile, startRunner } from '../support/runner.ts';

let folder: string;
let runner: Runner;
let local: LocalFile;
let report: Report;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'videopick-serving-'));
  writeFileSync(join(folder, 'notes.mp4'), 'This is text in the clothes of a video.\n'.repeat(50));
  const clip = join(folder, 'data', 'clip.mp4');
  runner = startRunner('--data-dir', join(folder, 'data'), '--report', join(folder, 'report.json'), '--video', join(folder, 'notes.mp4'));
  await runner.until(/Serving/);
  expect(existsSync(clip)).toBe(false);
  local = readLocalFile(join(folder, 'data'));
  report = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report;
}, 240_000);

afterAll(async () => {
  runner.child.kill('SIGKILL');
  await runner.ended;
  rmSync(folder, { recursive: true, force: true });
});

const aws: AwsCli = (...args) => awsCli(local)(...args);

describe('while it serves', () => {
  it('has rejected a file that is no video with its reason, in both languages, and finished everything else', () => {
    expect(report.verification.clean).toBe(true);
    expect(report.videos).toMatchObject([
      {
        status: 'failed',
        multivariantUrl: null,
        reason: expect.stringMatching(/^TEXT_FILE: .*동영상이 아니라.*\(The file is a playlist, a script or other text/),
      },
    ]);
  });

  it('refuses a second start on the same data directory', async () => {
    const { code, output } = await startRunner('--once', '--data-dir', join(folder, 'data')).ended;
    expect(code).toBe(1);
    expect(output.trim()).toMatch(/^--data-dir .* is in use by process \d+; stop that npm start first, or name another folder$/);
  });

  it('refuses a port that is taken', async () => {
    const taken = new URL(local.endpoint).port;
    const { code, output } = await startRunner('--once', '--port', taken).ended;
    expect(code).toBe(1);
    expect(output).toMatch(`port ${taken} on 127.0.0.1 is taken by another process`);
  });

  it('plays an uploaded video to its end in a browser', { timeout: 180_000 }, async () => {
    const database = new pg.Client({ connectionString: local.databaseUrl });
    await database.connect();
    const { rows } = await database.query<{ id: string }>(
      `select v.id from video_platform.videos v where v.status = 'PUBLISHED' and not exists (select from video_platform.video_upload u where u.video_id = v.id) order by id limit 1`,
    );
    const videoId = rows[0]?.id ?? '';
    const { locateFfmpeg } = await import('../../local/ffmpeg/locate.ts');
    const { makeClip } = await import('../../local/ffmpeg/make-clip.ts');
    const clip = join(folder, 'clip.mp4');
    await makeClip(clip, { ffmpeg: await locateFfmpeg(), seconds: 8, width: 640, height: 360 });
    const { S3Client, PutObjectCommand } = await import('@aws-sdk/client-s3');
    const s3 = new S3Client({
      endpoint: local.endpoint,
      region: local.region,
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
      forcePathStyle: true,
    });
    await s3.send(new PutObjectCommand({ Bucket: local.buckets.videos, Key: `originals/${videoId}/clip.mp4`, Body: readFileSync(clip) }));
    await expect
      .poll(async () => (await database.query('select status from video_platform.video_upload where video_id = $1', [videoId])).rows, {
        timeout: 120_000,
      })
      .toEqual([{ status: 'ready' }]);
    await database.end();

    const { browser, close } = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(`${local.cdnUrl}/`);
      const played = await playToEnd(page, videoId, { playbackRate: 2 });
      expect(played.currentTime).toBeCloseTo(8, 0);
      expect(played.height).toBe(360);
    } finally {
      await close();
    }
  });

  describe.skipIf(!hasAwsCli)('the AWS CLI', () => {
    it('runs statements with typed parameters and shows a failing one as the service does', async () => {
      const target = ['--resource-arn', local.clusterArn, '--secret-arn', local.secretArn, '--database', local.databaseName];
      const answer = await aws(
        'rds-data',
        'execute-statement',
        ...target,
        '--sql',
        'select :n + 1 as n, :u::uuid as u',
        '--parameters',
        JSON.stringify([
          { name: 'n', value: { longValue: 41 } },
          { name: 'u', value: { stringValue: '3d6b6b0e-1111-4222-8333-444455556666' }, typeHint: 'UUID' },
        ]),
      );
      expect(JSON.parse(answer).records).toEqual([[{ longValue: 42 }, { stringValue: '3d6b6b0e-1111-4222-8333-444455556666' }]]);
      await expect(aws('rds-data', 'execute-statement', ...target, '--sql', 'select nope from nowhere')).rejects.toThrow(
        /DatabaseErrorException.*relation "nowhere" does not exist.*SQLState: 42P01/s,
      );
    });

    it('copies 50 MB up and down unchanged', { timeout: 60_000 }, async () => {
      const up = join(folder, 'up.bin');
      const down = join(folder, 'down.bin');
      writeFileSync(up, randomBytes(50 * 1024 * 1024));
      const object = `s3://${local.buckets.videos}/temp/50mb.bin`;
      await aws('s3', 'cp', up, object, '--no-progress');
      await aws('s3', 'cp', object, down, '--no-progress');
      const digest = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
      expect(digest(down)).toBe(digest(up));
    });

    it('lists machines, runs one, and reads its history and the encode job', { timeout: 60_000 }, async () => {
      const { stateMachines } = JSON.parse(await aws('stepfunctions', 'list-state-machines')) as { stateMachines: { name: string }[] };
      expect(stateMachines.map(({ name }) => name).sort()).toEqual([
        'videopick-dev-catch-up',
        'videopick-dev-daily-migration',
        'videopick-dev-rollout',
        'videopick-dev-transcode',
      ]);
      const started = JSON.parse(
        await aws('stepfunctions', 'start-execution', '--state-machine-arn', local.stateMachines['daily-migration'] ?? ''),
      );
      const describeExecution = async () =>
        JSON.parse(await aws('stepfunctions', 'describe-execution', '--execution-arn', started.executionArn)).status;
      await expect.poll(describeExecution, { timeout: 30_000 }).toBe('SUCCEEDED');
      const { events } = JSON.parse(await aws('stepfunctions', 'get-execution-history', '--execution-arn', started.executionArn)) as {
        events: { type: string }[];
      };
      expect(events.at(0)?.type).toBe('ExecutionStarted');
      expect(events.at(-1)?.type).toBe('ExecutionSucceeded');
      const { Jobs } = JSON.parse(await aws('mediaconvert', 'list-jobs')) as { Jobs: { Id: string }[] };
      const { Job } = JSON.parse(await aws('mediaconvert', 'get-job', '--id', Jobs[0]?.Id ?? ''));
      expect(Job.Status).toBe('COMPLETE');
    });
  });

  it('stops cleanly on Ctrl-C: exit code of the job, no PostgreSQL left, its file taken away', { timeout: 60_000 }, async () => {
    const postmaster = Number(readFileSync(join(folder, 'data', 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0]);
    runner.child.kill('SIGINT');
    expect((await runner.ended).code).toBe(3); // a video was rejected
    expect(() => process.kill(postmaster, 0)).toThrow(/ESRCH/);
    expect(existsSync(localFileIn(join(folder, 'data')))).toBe(false);
    // Another stack may have begun to serve meanwhile.
    const inTheRepository = existsSync(LOCAL_FILE) ? (JSON.parse(readFileSync(LOCAL_FILE, 'utf8')) as LocalFile).pid : undefined;
    expect(inTheRepository).not.toBe(local.pid);
  });
});
