import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimUpload } from '../../lambdas/transcoding/claim.ts';
import { OutputBeingRemovedError } from '../../lambdas/transcoding/errors.ts';
import { publish } from '../../lambdas/transcoding/publication.ts';
import { recordProgress } from '../../lambdas/transcoding/record-progress.ts';
import { TranscodingSettings } from '../../lambdas/transcoding/settings.ts';
import { type SweepVideosDependencies, sweepVideos } from '../../lambdas/transcoding/sweep-videos.ts';
import { identity, outputPrefix } from '../../lambdas/transcoding/upload.ts';
import { migrationsFolder } from '../support/migration-database.ts';
import { createTranscodingDatabase, type TranscodingDatabase } from './transcoding-database.ts';
import { executionArn, upload } from './uploads.ts';

let database: TranscodingDatabase;
beforeAll(async () => {
  database = await createTranscodingDatabase();
});
afterAll(() => database?.close());
beforeEach(() => database.reset());

const STATES = ['uploaded', 'inspecting', 'encoding', 'checking', 'ready', 'failed', 'cancelled'];
const FORWARD = [
  'uploaded>inspecting',
  'uploaded>encoding',
  'uploaded>checking',
  'inspecting>encoding',
  'inspecting>checking',
  'encoding>checking',
];
const OUTCOMES = ['ready', 'failed', 'cancelled'];
const isForward = (from: string, to: string) => FORWARD.includes(`${from}>${to}`) || (!OUTCOMES.includes(from) && OUTCOMES.includes(to));

describe('the database', () => {
  it('lets an upload move forward only, but for another execution that takes it over', async () => {
    for (const retryable of [false, true]) {
      for (const arn of [executionArn('a'), executionArn('b')]) {
        for (const from of STATES) {
          for (const to of STATES) {
            await database.query('truncate video_platform.video_upload');
            await database.claim(from, executionArn('a'));
            await database.query('update video_platform.video_upload set retryable = $1', [retryable]);
            const moved = database.query('update video_platform.video_upload set status = $1, execution_arn = $2', [to, arn]);
            const isTakeover = to === 'inspecting' && arn.endsWith('b') && (!OUTCOMES.includes(from) || (from !== 'ready' && retryable));
            const allowed = isForward(from, to) || isTakeover || (from === to && arn.endsWith('a'));
            const outcome = await moved.then(
              () => 'moved',
              (error: Error) => error.message,
            );
            expect(outcome, `${from} > ${to}, ${arn}, ${retryable}`).toMatch(allowed ? /^moved$/ : /cannot go from .* forward only/);
          }
        }
      }
    }
  });

  it('lets a video follow its newest upload, and no other, until it plays', async () => {
    const status = async () => (await database.video())?.processing_status;
    await database.claim('encoding', executionArn('a'), { version: '1' });
    expect(await status()).toBe('encoding');
    await database.claim('inspecting', executionArn('b'), { version: '2' });
    expect(await status()).toBe('inspecting');
    await database.query(`update video_platform.video_upload set status = 'failed' where version = '1'`);
    expect(await status()).toBe('inspecting');
    await database.query(`update video_platform.video_upload set status = 'encoding' where version = '2'`);
    expect(await status()).toBe('encoding');
    await database.playing();
    await database.query(`update video_platform.video_upload set status = 'failed' where version = '2'`);
    expect(await status()).toBe('ready');
  });

  it('lets a video that was told of a file take that back, until the file is on record', async () => {
    const takeBack = async () => {
      await database.query(`update video_platform.videos set processing_status = 'uploaded'`);
      return database.query('update video_platform.videos set processing_status = null');
    };
    await takeBack();
    expect(await database.video()).toMatchObject({ processing_status: null });
    await database.claim('uploaded', executionArn('a'));
    await expect(takeBack()).rejects.toThrow(/move forward/);
  });

  it('lets no one move a video back by hand, or stop one that plays', async () => {
    await database.claim('encoding', executionArn('a'));
    const set = (value: string | null) => database.query('update video_platform.videos set processing_status = $1', [value]);
    await expect(set('inspecting')).rejects.toThrow(/the video v1 cannot go from encoding to inspecting/);
    await expect(set('uploaded')).rejects.toThrow(/move forward/);
    await expect(set(null)).rejects.toThrow(/move forward/);
    await database.playing();
    await expect(set('failed')).rejects.toThrow(/cannot go from ready to failed/);
  });
});

describe('progress', () => {
  const uploadId = identity(upload());
  const event = (
    percent: number | undefined,
    fields: { execution?: string; status?: string; kind?: 'hls' | 'preview'; uploadId?: string } = {},
  ) => ({
    detail: {
      jobId: 'job-1',
      status: fields.status ?? 'STATUS_UPDATE',
      userMetadata: {
        uploadId: fields.uploadId ?? uploadId,
        kind: fields.kind ?? ('hls' as const),
        execution: fields.execution ?? executionArn('e'),
      },
      jobProgress: percent === undefined ? undefined : { jobPercentComplete: percent },
    },
  });
  const record = (...of: Parameters<typeof event>) => recordProgress(event(...of), { db: database.db, isRunning: async () => false });
  const percent = async () => (await database.uploads())[0]?.progress_percent;

  it('goes forward only, whatever order events come in and how often', async () => {
    await database.claim('encoding', executionArn('e'));
    await record(undefined, { status: 'PROGRESSING' });
    expect(await database.query('select jobs from video_platform.video_upload')).toEqual([{ jobs: { hls: 'job-1' } }]);
    for (const [given, expected] of [
      [10, 10],
      [40, 40],
      [20, 40],
      [40, 40],
      [99.9, 99],
      [100, 99],
    ] as const) {
      await record(given);
      expect(await percent()).toBe(expected);
    }
  });

  it('is of this execution’s video job alone, and of an upload that is encoded', async () => {
    await database.claim('encoding', executionArn('e'));
    await record(50, { execution: executionArn('dead') });
    await record(50, { kind: 'preview' });
    await record(50, { uploadId: 'other' });
    expect(await percent()).toBe(0);
    await database.query(`update video_platform.video_upload set status = 'ready'`);
    const before = await database.uploads();
    await record(50);
    await record(undefined, { status: 'CANCELED' });
    expect(await database.uploads()).toEqual(before);
  });

  it('ends as cancelled with the job of a stopped execution; one that runs says so itself', async () => {
    await database.claim('encoding', executionArn('e'));
    await recordProgress(event(undefined, { status: 'CANCELED' }), { db: database.db, isRunning: async () => true });
    expect(await database.uploads()).toMatchObject([{ status: 'encoding' }]);
    await record(undefined, { status: 'CANCELED' });
    expect(await database.uploads()).toMatchObject([{ status: 'cancelled', reason_code: 'CANCELLED' }]);
    expect(await database.video()).toMatchObject({ processing_status: 'cancelled' });
  });
});

describe('the sweep', () => {
  const deleted: string[] = [];
  beforeEach(() => void deleted.splice(0));

  const sweep = (fields: Partial<SweepVideosDependencies> = {}) =>
    sweepVideos({
      db: database.db,
      executionState: async () => 'ended',
      restart: async () => true,
      processingEnabled: true,
      deletePrefix: async (_bucket, prefix) => {
        deleted.push(prefix);
        return { deleted: 10, isEmpty: true };
      },
      settings: TranscodingSettings.parse({}),
      timeLeftMs: () => 600_000,
      ...fields,
    });
  const age = (hours: number) =>
    database.query(`update video_platform.video_upload set updated_at = now() - make_interval(hours => $1)`, [hours]);
  const written = (fields: string, of: Partial<ReturnType<typeof upload>> = {}) =>
    database.query(`update video_platform.video_upload set output_prefix = $1 ${fields} where upload_id = $2`, [
      outputPrefix('encoded', upload(of)),
      identity(upload(of)),
    ]);

  const waiting = async (...names: string[]) => {
    for (const name of names) {
      await database.claim('uploaded', executionArn(name), { version: name });
      await database.query(`update video_platform.video_upload set reason_code = 'PROCESSING_OFF' where version = $1`, [name]);
    }
    await age(48);
  };

  it('starts what waited for processing, and leaves it waiting, without a fault, while that is off', async () => {
    await waiting('a', 'b');
    const started: string[] = [];
    const restart = async (arn: string) => started.push(arn) > 0;
    expect(await sweep({ restart, processingEnabled: false })).toMatchObject({ resumed: 0, stuck: 0 });
    expect(started).toEqual([]);
    expect(await sweep({ restart })).toMatchObject({ resumed: 2, stuck: 0 });
    expect(started).toEqual([executionArn('a'), executionArn('b')]);
    expect((await database.uploads()).map(({ status }) => status)).toEqual(['uploaded', 'uploaded']);
  });

  it('gives what waited longer than its execution is known a reason', async () => {
    await waiting('a');
    expect(await sweep({ restart: async () => false })).toMatchObject({ resumed: 0 });
    expect(await database.uploads()).toMatchObject([{ status: 'failed', reason_code: 'INTERNAL', retryable: true }]);
  });

  it.each([
    ['ended', 'failed', 'INTERNAL'],
    ['stopped', 'cancelled', 'CANCELLED'],
  ] as const)('gives an upload whose execution has %s without an outcome a reason', async (end, status, code) => {
    for (const [index, state] of ['uploaded', 'inspecting', 'encoding', 'checking'].entries()) {
      await database.claim(state, executionArn(state), { version: String(index) });
    }
    await age(1);
    expect(await sweep({ executionState: async () => end })).toMatchObject({ stuck: 4 });
    expect(await database.uploads()).toEqual(Array(4).fill(expect.objectContaining({ status, reason_code: code })));
    expect(await database.video()).toMatchObject({ processing_status: status });
  });

  it('leaves alone what runs, what has just moved, and what has an outcome', async () => {
    await database.claim('encoding', executionArn('runs'), { version: '1' });
    await age(5);
    await database.claim('encoding', executionArn('new'), { version: '2' });
    await database.claim('failed', executionArn('failed'), { version: '3' });
    const before = await database.uploads();
    expect(await sweep({ executionState: async (arn) => (arn === executionArn('runs') ? 'running' : 'ended') })).toMatchObject({
      stuck: 0,
    });
    expect(await database.uploads()).toEqual(before);
  });

  it('removes what was superseded or failed long enough ago, once', async () => {
    await database.claim('ready', executionArn('old'), { version: 'old' });
    await written(`, superseded_at = now() - interval '73 hours'`, { version: 'old' });
    await database.claim('ready', executionArn('young'), { version: 'young' });
    await written(`, superseded_at = now() - interval '71 hours'`, { version: 'young' });
    await database.claim('failed', executionArn('bad'), { version: 'bad' });
    await written(`, updated_at = now() - interval '73 hours'`, { version: 'bad' });
    expect(await sweep()).toMatchObject({ resumed: 0, stuck: 0, removed: 2, deletedObjects: 60 });
    const prefixes = (version: string) =>
      (['encoded', 'previews', 'thumbnails'] as const).map((kind) => `${outputPrefix(kind, upload({ version }))}/`);
    expect(deleted.toSorted()).toEqual([...prefixes('old'), ...prefixes('bad')].toSorted());
    expect(await sweep()).toEqual({ resumed: 0, stuck: 0, lost: 0, shown: 0, removed: 0, deletedObjects: 0 });
  });

  const announced = (minutes: number) =>
    database.query(`update video_platform.videos set processing_status = 'uploaded', announced_at = now() - make_interval(mins => $1)`, [
      minutes,
    ]);

  it('takes an announced file back that no execution has on record after half an hour', async () => {
    await announced(29);
    expect(await sweep()).toMatchObject({ lost: 0 });
    expect(await database.video()).toMatchObject({ processing_status: 'uploaded' });
    await announced(31);
    expect(await sweep()).toMatchObject({ lost: 1 });
    expect(await database.video()).toMatchObject({ processing_status: null });
    await database.claim('uploaded', executionArn('late'));
    expect(await database.video(), 'an event that comes after all').toMatchObject({ processing_status: 'uploaded' });
    await announced(31);
    expect(await sweep()).toMatchObject({ lost: 0 });
  });

  it('gives a file that was under way when announcements got their own time its whole half hour; the schema step is safe to repeat', async () => {
    await database.query(
      `update video_platform.videos set processing_status = 'uploaded', announced_at = null, updated_at = now() - interval '1 day'`,
    );
    const file = await readFile(new URL('000011-announced-files.sql', migrationsFolder), 'utf8');
    await database.query(file);
    expect(await sweep()).toMatchObject({ lost: 0 });
    await announced(31);
    await database.query(file);
    expect(await sweep()).toMatchObject({ lost: 1 });
  });

  it('takes back what the release before announced, without a time', async () => {
    await database.query(`update video_platform.videos set processing_status = 'uploaded'`);
    expect(await sweep()).toMatchObject({ lost: 1 });
    expect(await database.video()).toMatchObject({ processing_status: null });
  });

  /** Publishes the upload as its last step does. */
  const published = async () => {
    await database.claim('checking', executionArn('e'));
    await written('');
    const folder = outputPrefix('encoded', upload());
    await publish(database.db, upload(), executionArn('e'), {
      videoUrl: `/${folder}/index.m3u8`,
      thumbnailUrl: `/${outputPrefix('thumbnails', upload())}/poster.0000001.jpg`,
      previewUrl: `/${outputPrefix('previews', upload())}/preview.mp4`,
      storyboardUrl: `/${folder}/storyboard.vtt`,
      durationSeconds: 12.5,
      resolution: '1920x1080',
      fileSizeBytes: 4_000,
      renditions: [],
      measured: {},
    });
    await age(24 * 365);
  };
  const rowGone = () => database.query(`delete from video_platform.videos where id = 'v1'`);
  const rowBack = () =>
    database.query(
      `insert into video_platform.videos (id, channel_id, title, status, thumbnail_url)
       select 'v1', id, '영상', 'PUBLISHED', 'https://old.example/t.png' from video_platform.channels`,
    );
  const missingFor = (hours: number) =>
    database.query(`update video_platform.video_upload set video_missing_at = now() - make_interval(hours => $1)`, [hours]);

  it('removes the output of a video that is gone after the delay from when it was first found gone, however old the upload is', async () => {
    await published();
    await rowGone();
    expect(await sweep()).toMatchObject({ removed: 0 });
    await missingFor(71);
    expect(await sweep()).toMatchObject({ removed: 0 });
    expect(deleted).toEqual([]);
    await missingFor(73);
    expect(await sweep()).toMatchObject({ removed: 1 });
    expect(deleted).toHaveLength(3);
  });

  it('shows a video again whose row was gone for a while, as it was, and counts anew when it goes again', async () => {
    await published();
    const before = await database.video();
    await rowGone();
    await sweep();
    await missingFor(71);
    await rowBack();
    expect(await sweep()).toMatchObject({ shown: 1, removed: 0 });
    expect(await database.video()).toEqual(before);
    expect(await sweep()).toMatchObject({ shown: 0 });
    await rowGone();
    await sweep();
    const [row] = await database.query<{ recent: boolean }>(
      `select video_missing_at > now() - interval '1 minute' as recent from video_platform.video_upload`,
    );
    expect(row).toEqual({ recent: true });
  });

  it('does not show again what has been deleted, even in part, or superseded', async () => {
    await published();
    await rowGone();
    await sweep();
    await missingFor(73);
    expect(await sweep({ deletePrefix: async () => ({ deleted: 1, isEmpty: false }) })).toMatchObject({ removed: 0, deletedObjects: 1 });
    await rowBack();
    expect(await sweep()).toMatchObject({ shown: 0 });
    expect(await database.video()).toMatchObject({ video_url: null, processing_status: null });
  });

  it('is not removed under an attempt: one that comes first keeps its files, one that comes meanwhile waits', async () => {
    await database.claim('failed', executionArn('bad'));
    await written(`, retryable = true, updated_at = now() - interval '73 hours'`);
    const claim = () =>
      claimUpload(database.db, upload(), { uploadedAt: '2026-11-23T00:00:00Z', sequencer: '' }, executionArn('again'), async () => false);
    const claims: unknown[] = [];
    const deletePrefix: SweepVideosDependencies['deletePrefix'] = async () => {
      claims.push(await claim().catch((error: unknown) => error));
      return { deleted: 1, isEmpty: true };
    };
    expect(await sweep({ deletePrefix })).toMatchObject({ removed: 1 });
    expect(claims).toEqual(Array(3).fill(expect.any(OutputBeingRemovedError)));
    expect(await database.uploads()).toMatchObject([{ status: 'failed', removed: true }]);
    expect(await claim()).toBe('claimed');
    await age(73);
    expect(await sweep({ deletePrefix, executionState: async () => 'running' })).toMatchObject({ removed: 0 });
    expect(await database.uploads()).toMatchObject([{ status: 'inspecting', removed: false }]);
  });

  it('takes its mark back when a deletion fails, and never marks what was claimed again meanwhile as removed', async () => {
    await database.claim('failed', executionArn('bad'));
    await written(`, retryable = true, updated_at = now() - interval '73 hours'`);
    const refused = sweep({
      deletePrefix: async () => {
        throw new Error('no');
      },
    });
    await expect(refused).rejects.toThrow('no');
    const marks = () => database.query('select removing_at, removed_at from video_platform.video_upload');
    expect(await marks()).toEqual([{ removing_at: null, removed_at: null }]);
    // A sweep that is stuck for longer than one may take: its mark counts no more, and the upload is another execution's by now.
    const deletePrefix: SweepVideosDependencies['deletePrefix'] = async () => {
      await database.query(
        `update video_platform.video_upload set removing_at = null, status = 'inspecting', execution_arn = $1 where execution_arn <> $1`,
        [executionArn('again')],
      );
      return { deleted: 1, isEmpty: true };
    };
    await sweep({ deletePrefix });
    expect(await marks()).toEqual([{ removing_at: null, removed_at: null }]);
  });

  it('never removes what its video plays, nor the picture it shows', async () => {
    await database.claim('ready', executionArn('e'));
    await written(`, superseded_at = now() - interval '100 hours'`);
    await database.playing({ videoUrl: `/${outputPrefix('encoded', upload())}/index.m3u8` });
    expect(await sweep()).toMatchObject({ removed: 0 });
    await database.playing({ thumbnailUrl: `/${outputPrefix('thumbnails', upload())}/poster.0000001.jpg` });
    expect(await sweep()).toMatchObject({ removed: 1 });
    expect(deleted).toEqual([`${outputPrefix('encoded', upload())}/`, `${outputPrefix('previews', upload())}/`]);
  });

  it('stops at what one run may delete, and goes on with the rest the next time', async () => {
    for (const version of ['1', '2']) {
      await database.claim('ready', executionArn(version), { version });
      await written(`, superseded_at = now() - interval '100 hours'`, { version });
    }
    const left = new Map<string, number>();
    const deletePrefix: SweepVideosDependencies['deletePrefix'] = async (_bucket, prefix, max) => {
      const there = left.get(prefix) ?? 40;
      const taken = Math.min(there, max);
      left.set(prefix, there - taken);
      return { deleted: taken, isEmpty: taken === there };
    };
    const settings = TranscodingSettings.parse({ maxDeletionsPerSweep: 100 });
    const runs = [];
    for (let run = 0; run < 4; run++) runs.push(await sweep({ deletePrefix, settings }));
    expect(runs.map(({ deletedObjects }) => deletedObjects)).toEqual([100, 100, 40, 0]);
    expect(runs.reduce((sum, { removed }) => sum + removed, 0)).toBe(2);
  });
});
