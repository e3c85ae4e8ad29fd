import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { locateFfmpeg } from '../../local/ffmpeg/locate.ts';
import { makeClip } from '../../local/ffmpeg/make-clip.ts';
import { startPostgres } from '../../local/postgres/start-postgres.ts';
import type { Report } from '../../local/runner/report.ts';
import { npmStart, startRunner } from '../support/runner.ts';

/** A whole run takes 15 s alone; other tests share the machine. */
const RUN_TIMEOUT_MS = 240_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'videopick-e2e-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Each entity's legacy rows and target table, as somebody would count them who never saw the code. */
const COUNTED = [
  ['user', 'public.users', 'users'],
  [
    'channel',
    `(select u.id from public.users u join public.profiles p on p.user_id = u.id where u.type in ('INFLUENCER', 'BUSINESS')) channels`,
    'channels',
  ],
  ['channel_setting', 'public.business_profiles', 'channel_settings'],
  ['video', 'public.campaigns', 'videos'],
  ['video_submission', 'public.campaign_applications', 'video_submissions'],
  ['watch_later', 'public.saved_campaigns', 'watch_later'],
  ['video_analytics', 'public.campaigns', 'video_analytics'],
] as const;

function counting([entity, legacy, target]: (typeof COUNTED)[number]): string {
  return `select '${entity}' as entity, (select count(*) from ${legacy})::int as legacy,
    (select count(*) from video_platform.${target})::int as completed,
    (select count(*) from video_platform.quarantine where entity_type = '${entity}')::int as quarantined`;
}

const readReport = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Report;

/** Counts in a kept data directory with a server of our own, as anyone could with psql. */
async function countIn(dataDir: string, sql: string): Promise<Record<string, unknown>[]> {
  const server = await startPostgres({ dataDir: join(dataDir, 'postgres'), port: 0 });
  const client = new pg.Client({ connectionString: server.urlOf('linkpick') });
  try {
    await client.connect();
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
    await server.stop();
  }
}

describe('npm start -- --once', () => {
  it('migrates the sample, plays back what it uploaded, and reports what the database holds', { timeout: RUN_TIMEOUT_MS }, async () => {
    const dataDir = join(folder, 'once');
    const { code, output } = await npmStart(
      '--once',
      '--port',
      '0',
      '--database-port',
      '0',
      '--data-dir',
      dataDir,
      '--report',
      join(folder, 'once.json'),
    ).ended;
    expect(output).toContain('verification clean');
    expect(code).toBe(0);

    const { migration, verification, videos } = readReport('once.json');
    expect(verification.clean).toBe(true);
    expect(videos).toMatchObject([
      { status: 'ready', durationSeconds: expect.closeTo(12, 0), renditions: [{ name: '720p' }, { name: '480p' }, { name: '360p' }] },
    ]);
    const counted = await countIn(dataDir, COUNTED.map(counting).join(' union all '));
    expect(
      migration.entities.map(({ entity, legacyRows: legacy, completed, quarantined }) => ({ entity, legacy, completed, quarantined })),
    ).toEqual(counted);
    expect(migration.entities.every(({ pending }) => pending === 0)).toBe(true);
  });

  it('uploads every file that was given and reports each in its order, whatever it is called and whatever is wrong with it', {
    timeout: RUN_TIMEOUT_MS,
  }, async () => {
    const fileOf = (name: string) => join(folder, name);
    const names = ['여름 휴가 + 100%2F (최종).mp4', 'empty.mp4', 'large.mp4', 'playlist.mp4', 'second.mp4'];
    for (const name of names) writeFileSync(fileOf(name), name === 'playlist.mp4' ? '#EXTM3U\n#EXTINF:2,\n/etc/hostname\n' : '');
    truncateSync(fileOf('large.mp4'), 10_241 * 1024 ** 2); // sparse: takes no space
    const ffmpeg = await locateFfmpeg();
    for (const [name, seconds] of [
      [names[0], 4],
      [names[4], 1],
    ] as const)
      await makeClip(fileOf(name ?? ''), { ffmpeg, seconds, width: 320, height: 180 });
    const videos = names.flatMap((name) => ['--video', fileOf(name)]);
    const { code, output } = await startRunner('--once', ...videos, '--report', join(folder, 'files.json')).ended;

    const { videos: reported, verification } = readReport('files.json');
    expect(verification.clean).toBe(true);
    expect(
      reported.map(({ status, reason, renditions }) => [status, reason?.split(': ')[0] ?? renditions.map(({ name }) => name)]),
    ).toEqual([
      ['ready', ['180p']],
      ['failed', 'EMPTY_FILE'],
      ['failed', 'TOO_LARGE'],
      ['failed', 'TEXT_FILE'],
      ['ready', ['180p']],
    ]);
    expect(new Set(reported.map(({ videoId }) => videoId)).size).toBe(names.length);
    expect(output).toMatch(/\n {2}\S+ (video|preview): \w+ \d+ %\n/);
    expect(output).toContain(`\n  ${names[0]}: ready (${reported[0]?.videoId})\n`);
    expect(output).toContain('\n  playlist.mp4: failed (');
    if (ffmpeg.warning !== undefined) expect(output).toContain(ffmpeg.warning);
    expect(output).not.toContain('undefined');
    expect(code).toBe(3);
  });

  it('ends complete and with nothing twice after kill -9 in the middle, within the daily limit on every date', {
    timeout: 2 * RUN_TIMEOUT_MS,
  }, async () => {
    const dataDir = join(folder, 'killed');
    const args = ['--once', '--daily-limit', '1000', '--data-dir', dataDir, '--report', join(folder, 'killed.json')];
    const first = startRunner(...args);
    await first.until(/\d{4}-\d\d-\d\d: 1,000 copied[\s\S]*\d{4}-\d\d-\d\d: 1,000 copied/);
    first.child.kill('SIGKILL');
    await first.ended;

    const { code } = await startRunner(...args).ended;
    expect(code).toBe(0);
    const { migration, verification } = readReport('killed.json');
    expect(verification.clean).toBe(true);
    const completed = migration.entities.reduce((total, entity) => total + entity.completed, 0);
    const dates = Map.groupBy(migration.runs, ({ runDate }) => runDate);
    const perDate = [...dates.values()].map((runs) => runs.reduce((total, run) => total + run.completed, 0));
    expect(Math.max(...perDate)).toBe(1_000);
    expect(perDate).toHaveLength(Math.ceil(completed / 1_000));
    expect(perDate.reduce((total, rows) => total + rows, 0)).toBe(completed);
    const [twice] = await countIn(
      dataDir,
      `select (select count(*) from video_platform.migration_status)::int as ledger,
         (select count(*) from (select distinct entity_type, legacy_id from video_platform.migration_status) keys)::int as keys,
         (select count(*) from video_platform.video_upload)::int as uploads`,
    );
    expect(twice?.ledger).toBe(twice?.keys);
    expect(twice?.uploads).toBe(1);
  });
});

describe('npm start', () => {
  it.each([
    [['--bogus'], 2, /Unknown option '--bogus'/],
    [['--daily-limit', '0'], 2, /--daily-limit is "0"; expected a whole number of at least 1/],
    [['--legacy', '/nowhere/dump.sql'], 2, /\/nowhere\/dump\.sql does not exist/],
    [['--report', '/nowhere/r.json'], 2, /not a folder to write to/],
    [['--data-dir', '/dev/null'], 2, /--data-dir \/dev\/null is not a folder/],
  ])('refuses %j with one clear line', async (args, expected, line) => {
    const { code, output } = await startRunner('--once', ...args).ended;
    expect(code).toBe(expected);
    expect(output.trim().split('\n')).toEqual([expect.stringMatching(line)]);
  });
});
