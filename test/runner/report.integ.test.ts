import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exitCodeOf, type Report, readReport, type VideoReport } from '../../local/runner/report.ts';
import { summarize } from '../../local/runner/summary.ts';
import { Timings } from '../../local/runner/timings.ts';
import { insertCreator, insertLegacy, legacyCampaign, legacyUser } from '../support/legacy-rows.ts';
import { migrate } from '../support/migration.ts';
import { createMigrationDatabase, type MigrationDatabase } from '../support/migration-database.ts';

const CDN = 'http://127.0.0.1:4566';
let database: MigrationDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createMigrationDatabase();
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.close();
});

/** What the machine's last step writes, without its report object. */
const close = (runId: string) =>
  database.query(`update video_platform.migration_run set status = 'completed', finished_at = now() where id = $1`, [runId]);
const counts = ({ migration }: Report) =>
  Object.fromEntries(migration.entities.map(({ entity, ...rest }) => [entity, Object.values(rest)] as const));

describe('the report of a database', () => {
  it('counts pending rows before the first run, and is not clean', async () => {
    const business = await insertCreator(database, { type: 'BUSINESS' });
    await insertLegacy(database, 'users', [legacyUser({ type: 'ADMIN' })]);
    await insertLegacy(database, 'campaigns', [
      legacyCampaign(business, { id: 'good' }),
      legacyCampaign(business, { id: 'bad', status: 'ARCHIVED' }),
      legacyCampaign(business, { id: 'later' }),
    ]);
    const report = await readReport(client, { cdnUrl: CDN, timings: new Timings() });
    expect(counts(report)).toMatchObject({ user: [2, 0, 0, 2], channel: [1, 0, 0, 1], video: [3, 0, 0, 3] });
    expect(report.migration.runs).toEqual([]);
    expect(report.verification).toEqual({ entities: [], failedChecks: [], clean: false });
    expect(report.videos).toEqual([]);
    expect(exitCodeOf(report)).toBe(1);
  });

  it('tells completed from quarantined, day by day, and what verification found', async () => {
    await close(await migrate(database.db, { runDate: '2026-11-23', dailyLimit: 2 }));
    const first = await readReport(client, { cdnUrl: CDN, timings: new Timings() });
    expect(first.migration.entities.reduce((total, { pending }) => total + pending, 0)).toBe(7);
    expect(exitCodeOf(first)).toBe(1);

    await close(await migrate(database.db, { runDate: '2026-11-24' }));
    const report = await readReport(client, { cdnUrl: CDN, timings: new Timings() });
    expect(counts(report)).toMatchObject({ user: [2, 2, 0, 0], channel: [1, 1, 0, 0], video: [3, 2, 1, 0] });
    for (const { legacyRows, completed, quarantined, pending } of report.migration.entities)
      expect(completed + quarantined + pending).toBe(legacyRows);
    expect(report.migration.runs).toEqual([
      { runDate: '2026-11-23', completed: 2, quarantined: 0, status: 'completed' },
      { runDate: '2026-11-24', completed: 5, quarantined: 2, status: 'completed' },
    ]);
    expect(report.verification.clean).toBe(true);
    for (const found of report.verification.entities)
      expect(found).toEqual({ entity: found.entity, compared: expect.any(Number), missing: 0, extra: 0, different: 0 });
    expect(exitCodeOf(report)).toBe(0);
  });

  it('gives every upload with where it plays or why it does not', async () => {
    await database.query(`update video_platform.videos set duration_seconds = 12 where id = 'good'`);
    await database.query(
      `insert into video_platform.video_upload
         (bucket, object_key, version, video_id, execution_arn, status, reason_code, reason, output_prefix, renditions, created_at) values
       ('v', 'originals/good/film.mp4', '1', 'good', 'arn', 'ready', null, null, 'encoded/good/abc', '[{"name":"720p","width":1280,"height":720}]', now() - interval '3 s'),
       ('v', 'originals/later/note.txt', '1', 'later', 'arn', 'failed', 'NOT_A_VIDEO', 'it has no picture', 'encoded/later/def', null, now() - interval '2 s'),
       ('v', 'originals/nobody/x.mp4', '1', 'nobody', 'arn', 'encoding', null, null, 'encoded/nobody/x', null, now() - interval '1 s')`,
    );
    const report = await readReport(client, { cdnUrl: CDN, timings: new Timings() });
    expect(report.videos).toEqual([
      {
        key: 'originals/good/film.mp4',
        videoId: 'good',
        status: 'ready',
        multivariantUrl: `${CDN}/encoded/good/abc/index.m3u8`,
        durationSeconds: 12,
        renditions: [{ name: '720p', width: 1_280, height: 720 }],
        reason: null,
      },
      {
        key: 'originals/later/note.txt',
        videoId: 'later',
        status: 'failed',
        multivariantUrl: null,
        durationSeconds: null,
        renditions: [],
        reason: 'NOT_A_VIDEO: it has no picture',
      },
      {
        key: 'originals/nobody/x.mp4',
        videoId: 'nobody',
        status: 'encoding',
        multivariantUrl: null,
        durationSeconds: null,
        renditions: [],
        reason: null,
      },
    ]);
    expect(exitCodeOf(report)).toBe(3);
    const lines = summarize(report, { cdnUrl: CDN, endpoint: CDN, databaseUrl: 'postgres://x' }).join('\n');
    expect(lines).toContain('2 run date(s) · verification clean');
    expect(lines).toContain(`720p  ${CDN}/encoded/good/abc/index.m3u8`);
    expect(lines).toContain('originals/later/note.txt  failed  NOT_A_VIDEO: it has no picture');
  });

  it('says why an upload was cancelled, and gives files in the order they were given in, with those that were never sent', async () => {
    await database.query(
      `update video_platform.video_upload set status = 'cancelled', reason_code = 'CANCELLED', reason = 'it was stopped' where video_id = 'nobody'`,
    );
    const large: VideoReport = {
      key: 'originals/large/x.mp4',
      videoId: 'large',
      status: 'failed',
      multivariantUrl: null,
      durationSeconds: null,
      renditions: [],
      reason: 'TOO_LARGE: it is',
    };
    const order = ['originals/nobody/x.mp4', 'originals/large/x.mp4', 'originals/good/film.mp4'];
    const { videos } = await readReport(client, { cdnUrl: CDN, timings: new Timings(), notSent: [large], order });
    expect(videos.map(({ key, reason }) => [key, reason])).toEqual([
      ['originals/nobody/x.mp4', 'CANCELLED: it was stopped'],
      ['originals/large/x.mp4', 'TOO_LARGE: it is'],
      ['originals/good/film.mp4', null],
      ['originals/later/note.txt', 'NOT_A_VIDEO: it has no picture'],
    ]);
  });

  it('is not clean when a target row is gone, was changed, or was not compared', async () => {
    await database.query(`update video_platform.videos set title = 'changed' where id = 'good'`);
    await database.query(`delete from video_platform.video_analytics where video_id = 'later'`);
    await database.query(`delete from video_platform.videos where id = 'later'`);
    await close(await migrate(database.db, { runDate: '2026-11-25' }));
    const report = await readReport(client, { cdnUrl: CDN, timings: new Timings() });
    expect(report.verification.entities.find(({ entity }) => entity === 'video')).toMatchObject({ missing: 1, different: 1 });
    expect(report.verification.clean).toBe(false);
    expect(exitCodeOf(report)).toBe(1);

    await database.query(`update video_platform.verification_run set missing = 0, extra = 0, different = 0`);
    await database.query(`update video_platform.verification_check set passed = name <> 'No Orphaned Records'`);
    const unchecked = await readReport(client, { cdnUrl: CDN, timings: new Timings() });
    expect(unchecked.verification).toMatchObject({ failedChecks: ['No Orphaned Records'], clean: false });
    expect(exitCodeOf(unchecked)).toBe(1);
    await database.query('update video_platform.verification_check set passed = true');
    expect((await readReport(client, { cdnUrl: CDN, timings: new Timings() })).verification.clean).toBe(true);
    await database.query(`update video_platform.verification_run set finished_at = null where entity_type = 'user'`);
    expect((await readReport(client, { cdnUrl: CDN, timings: new Timings() })).verification.clean).toBe(false);
  });
});

describe('exitCodeOf', () => {
  const entity = { entity: 'user', legacyRows: 1, completed: 1, quarantined: 0, pending: 0 };
  const video: VideoReport = {
    key: 'k',
    videoId: 'v',
    status: 'ready',
    multivariantUrl: 'u',
    durationSeconds: 1,
    renditions: [],
    reason: null,
  };
  const report = ({ pending = 0, clean = true, status = 'ready' }): Report => ({
    migration: { entities: [entity, { ...entity, pending }], runs: [] },
    verification: { entities: [], failedChecks: [], clean },
    videos: [video, { ...video, status }],
    timings: {},
  });

  it.each([
    [0, {}],
    [3, { status: 'failed' }],
    [3, { status: 'encoding' }],
    [3, { status: 'cancelled' }],
    [1, { pending: 1 }],
    [1, { clean: false }],
    [1, { pending: 1, status: 'failed' }],
    [1, { clean: false, status: 'failed' }],
  ])('is %i for %j', (code, result) => {
    expect(exitCodeOf(report(result))).toBe(code);
  });
});

describe('timings', () => {
  it('add up what has one name, also when the work fails, and give the whole', async () => {
    const timings = new Timings();
    const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
    await timings.measure('load', () => wait(15));
    await expect(timings.measure('load', () => wait(15).then(() => Promise.reject(new Error('broken'))))).rejects.toThrow('broken');
    expect(timings.ms('load')).toBeGreaterThanOrEqual(28);
    expect(timings.ms('never')).toBe(0);
    expect(timings.toReport()).toEqual({ loadMs: timings.ms('load'), totalMs: expect.any(Number) });
    expect(timings.toReport().totalMs).toBeGreaterThanOrEqual(timings.ms('load'));
  });
});
