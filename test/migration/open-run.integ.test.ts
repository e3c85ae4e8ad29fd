import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { catchUp } from '../../lambdas/migration/catch-up.ts';
import { closeRun } from '../../lambdas/migration/close-run.ts';
import { compileSchema } from '../../lambdas/migration/compile/index.ts';
import { controlMigration } from '../../lambdas/migration/control-migration.ts';
import { copyEntity } from '../../lambdas/migration/copy-entity.ts';
import { entities } from '../../lambdas/migration/entities/index.ts';
import { RunClosedError, RunInProgressError, SchemaNotReadyError } from '../../lambdas/migration/errors.ts';
import { OpenRunInput, type OpenRunOutput, openRun } from '../../lambdas/migration/open-run.ts';
import { seoulDate } from '../../lambdas/migration/run-date.ts';
import { recordSettings } from '../../lambdas/migration/settings-in-force.ts';
import { InvalidInputError, parseInput } from '../../lambdas/step.ts';
import { contentOf, emptyLegacy, emptyVideoPlatform } from '../support/database-content.ts';
import { insertCreator, insertLegacy, legacyCampaign, legacyUser } from '../support/legacy-rows.ts';
import {
  copying,
  createMigrationDatabase,
  type MigrationDatabase,
  migrate,
  type RunOptions,
  testSettings,
  timeLeftMs,
} from '../support/migration.ts';

let database: MigrationDatabase;

beforeAll(async () => {
  database = await createMigrationDatabase();
});
afterAll(() => database?.close());
beforeEach(async () => {
  await emptyLegacy(database);
  await emptyVideoPlatform(database);
});

const arn = (name: string = randomUUID()) => `arn:aws:states:ap-northeast-2:123456789012:execution:daily-migration:${name}`;

interface Opening {
  readonly executionArn?: string;
  readonly request?: Record<string, unknown>;
  /** Executions that still run. */
  readonly running?: readonly string[];
  readonly dailyLimit?: number;
  readonly settings?: RunOptions['settings'];
  readonly now?: string;
  readonly db?: MigrationDatabase['db'];
}

function open({
  executionArn = arn(),
  request = {},
  running = [],
  dailyLimit = 100,
  settings = {},
  now = '2026-11-23T03:00:00Z',
  db = database.db,
}: Opening = {}) {
  return openRun(parseInput(OpenRunInput, { executionArn, request }), {
    db,
    isRunning: async (other) => running.includes(other),
    settings: testSettings({ dailyLimit, settings }),
    now: () => new Date(now),
  });
}

const runs = () =>
  database.query(
    `select execution_arn, to_char(run_date, 'YYYY-MM-DD') as run_date, status, reason, finished_at is not null as finished
     from video_platform.migration_run order by started_at`,
  );

const close = (executionArn: string) =>
  database.query(`update video_platform.migration_run set status = 'completed', finished_at = now() where execution_arn = $1`, [
    executionArn,
  ]);

function copy(run: OpenRunOutput, entity: string) {
  return copyEntity({ ...run, entities: [entity] }, copying(database.db));
}

describe('the lease', () => {
  it('is found again by the execution that holds it: a repeated call answers the same and changes nothing', async () => {
    await insertCreator(database);
    const executionArn = arn();
    const first = await open({ executionArn });
    const before = await contentOf(database);
    expect(await open({ executionArn, running: [executionArn] })).toEqual(first);
    expect(await contentOf(database)).toEqual(before);
  });

  it('is refused to another execution while its holder runs, and nothing changes', async () => {
    await insertCreator(database);
    const holder = arn('holder');
    const held = await open({ executionArn: holder });
    const before = await contentOf(database);
    const refused = open({ running: [holder], request: { runDate: '2026-12-31', dailyLimit: 7 } });
    await expect(refused).rejects.toBeInstanceOf(RunInProgressError);
    await expect(refused).rejects.toThrow(held.runId);
    await expect(refused).rejects.toThrow(holder);
    expect(await contentOf(database)).toEqual(before);
  });

  it('is taken over from an execution that has ended without closing its run, which says so', async () => {
    await open({ executionArn: arn('dead') });
    await open({ executionArn: arn('heir') });
    expect(await runs()).toEqual([
      { execution_arn: arn('dead'), run_date: '2026-11-23', status: 'abandoned', reason: expect.stringContaining('ended'), finished: true },
      { execution_arn: arn('heir'), run_date: '2026-11-23', status: 'running', reason: null, finished: false },
    ]);
  });

  it('taken over leaves a cancel behind, which was for the run that died, but not a pause', async () => {
    await insertLegacy(database, 'users', [legacyUser()]);
    await open();
    await controlMigration({ action: 'cancel', reason: '멈춤' }, database);
    expect(await open()).toMatchObject({ continue: true, pause: null });
    expect(await database.query('select request, reason from video_platform.migration_control')).toEqual([
      { request: 'run', reason: null },
    ]);
    await controlMigration({ action: 'pause' }, database);
    expect(await open()).toMatchObject({ continue: false, pause: { value: 'pause' } });
  });

  it('goes to exactly one of those who open at the same instant, time after time', async () => {
    for (let round = 0; round < 8; round++) {
      await emptyVideoPlatform(database);
      const executions = [arn(), arn(), arn()];
      if (round % 2 === 1) await open({ executionArn: arn('dead') });
      const outcomes = await Promise.allSettled(executions.map((executionArn) => open({ executionArn, running: executions })));
      const won = outcomes.filter(({ status }) => status === 'fulfilled');
      const lost = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
      expect(won).toHaveLength(1);
      expect(lost).toEqual([expect.any(RunInProgressError), expect.any(RunInProgressError)]);
      expect((await runs()).filter(({ status }) => status === 'running')).toHaveLength(1);
    }
  });

  it('is not given a second time to an execution whose run was closed or taken over', async () => {
    await open({ executionArn: arn('old') });
    await open({ executionArn: arn('heir') });
    await expect(open({ executionArn: arn('old'), running: [arn('heir')] })).rejects.toBeInstanceOf(RunInProgressError);
    await close(arn('heir'));
    await expect(open({ executionArn: arn('old') })).rejects.toBeInstanceOf(RunClosedError);
    expect((await runs()).map(({ status }) => status)).toEqual(['abandoned', 'completed']);
  });
});

it('is refused while LinkPick is not loaded, before anything is changed', async () => {
  const { objects } = compileSchema();
  for (const { drop } of objects.toReversed()) await database.query(drop);
  try {
    await expect(open()).rejects.toBeInstanceOf(SchemaNotReadyError);
    expect(await runs()).toEqual([]);
  } finally {
    for (const { create } of objects) await database.query(create);
  }
});

describe('the input', () => {
  it.each([
    [{ runDate: '2026-2-3' }, 'runDate'],
    [{ runDate: '2026-02-30' }, 'runDate'],
    [{ runDate: '23.11.2026' }, 'runDate'],
    [{ runDate: '2026-11-23T00:00:00Z' }, 'runDate'],
    [{ runDate: 20261123 }, 'runDate'],
    [{ runDate: null }, 'runDate'],
    [{ dailyLimit: 0 }, 'dailyLimit'],
    [{ dailyLimit: -1 }, 'dailyLimit'],
    [{ dailyLimit: 1.5 }, 'dailyLimit'],
    [{ dailyLimit: '100' }, 'dailyLimit'],
    [{ dailyLimit: Number.NaN }, 'dailyLimit'],
    [{ rundate: '2026-11-23' }, 'rundate'],
    ['', 'request'],
  ])('is refused, naming the field at fault: %j', (request, field) => {
    const parse = () => parseInput(OpenRunInput, { executionArn: arn(), request });
    expect(parse).toThrow(InvalidInputError);
    expect(parse).toThrow(field);
  });

  it('without a date means today in Seoul, which is tomorrow in UTC from 15:00 on', async () => {
    expect((await open({ now: '2026-11-23T23:30:00Z' })).runDate).toBe('2026-11-24');
    expect(seoulDate(new Date('2026-11-23T14:59:59.999Z'))).toBe('2026-11-23');
    expect(seoulDate(new Date('2026-11-23T15:00:00Z'))).toBe('2026-11-24');
    expect(seoulDate(new Date('2026-12-31T15:00:00Z'))).toBe('2027-01-01');
    expect(seoulDate(new Date('2028-02-28T20:00:00Z'))).toBe('2028-02-29');
  });

  it('with a date uses the quota of that day', async () => {
    expect(await open({ request: { runDate: '2026-01-02' }, now: '2026-11-23T23:30:00Z' })).toMatchObject({ runDate: '2026-01-02' });
    expect(await runs()).toMatchObject([{ run_date: '2026-01-02' }]);
  });
});

describe('the quota', () => {
  const quotas = () =>
    database.query(
      `select to_char(run_date, 'MM-DD') as day, daily_limit::int as limit, completed::int from video_platform.migration_quota order by run_date`,
    );

  it('is what earlier runs of the day have left, and whole on another day', async () => {
    await insertLegacy(
      database,
      'users',
      Array.from({ length: 10 }, () => legacyUser({ type: 'ADMIN' })),
    );
    const first = await open({ dailyLimit: 6 });
    expect(first).toMatchObject({ remaining: 6, continue: true });
    await copy(first, 'user');
    expect(await open({ dailyLimit: 6 })).toMatchObject({ remaining: 0, continue: false, entities: entities.map(({ name }) => name) });
    expect(await open({ dailyLimit: 6, request: { runDate: '2026-11-24' } })).toMatchObject({ remaining: 6, continue: true });
    expect(await quotas()).toEqual([
      { day: '11-23', limit: 6, completed: 6 },
      { day: '11-24', limit: 6, completed: 0 },
    ]);
  });

  it('follows the limit that the request gives, and is never negative when that is lowered', async () => {
    await insertLegacy(database, 'users', [legacyUser(), legacyUser(), legacyUser()]);
    const raised = await open({ dailyLimit: 1, request: { dailyLimit: 2 } });
    expect(raised.remaining).toBe(2);
    await copy(raised, 'user');
    expect(await open({ request: { dailyLimit: 1 } })).toMatchObject({ remaining: 0, continue: false });
  });
});

describe('a limit given by hand', () => {
  const limitOf = async (day: string) =>
    (
      await database.query<{ daily_limit: number; by_hand: boolean }>(
        'select daily_limit::int, by_hand from video_platform.migration_quota where run_date = $1',
        [day],
      )
    )[0];

  it('holds for later runs of the date, whatever the settings say, until another is given', async () => {
    await insertLegacy(database, 'users', [legacyUser(), legacyUser(), legacyUser()]);
    expect(await open({ request: { dailyLimit: 2 }, dailyLimit: 100 })).toMatchObject({ remaining: 2 });
    expect(await open({ dailyLimit: 100 })).toMatchObject({ remaining: 2 });
    expect(await open({ dailyLimit: 1 })).toMatchObject({ remaining: 2 });
    expect(await open({ request: { dailyLimit: 5 } })).toMatchObject({ remaining: 5 });
    expect(await open()).toMatchObject({ remaining: 5 });
    expect(await limitOf('2026-11-23')).toEqual({ daily_limit: 5, by_hand: true });
  });

  it('takes the place of the settings’ limit when given later in the day, and only for its date', async () => {
    await open({ dailyLimit: 100 });
    expect(await limitOf('2026-11-23')).toEqual({ daily_limit: 100, by_hand: false });
    await open({ dailyLimit: 200 });
    expect(await limitOf('2026-11-23')).toEqual({ daily_limit: 200, by_hand: false });
    await open({ request: { dailyLimit: 3 } });
    await open({ request: { runDate: '2026-11-24' }, dailyLimit: 200 });
    expect(await limitOf('2026-11-23')).toEqual({ daily_limit: 3, by_hand: true });
    expect(await limitOf('2026-11-24')).toEqual({ daily_limit: 200, by_hand: false });
  });
});

describe('a lost row of requests', () => {
  const loseControl = () => database.query('delete from video_platform.migration_control');
  const control = () => database.query('select request, reason from video_platform.migration_control');

  it('is made anew when a run opens, so that its batches move', async () => {
    await insertLegacy(database, 'users', [legacyUser({ type: 'ADMIN' })]);
    await loseControl();
    const run = await open();
    expect(run).toMatchObject({ continue: true, pause: null });
    expect(await control()).toEqual([{ request: 'run', reason: null }]);
    expect(await copy(run, 'user')).toMatchObject({ pause: null, entities: [] });
  });

  it('is made anew by whoever asks for a pause, which then holds', async () => {
    await loseControl();
    expect(await controlMigration({ action: 'pause', reason: '점검' }, database)).toMatchObject({ request: 'pause', reason: '점검' });
    expect(await open()).toMatchObject({ pause: { value: 'pause' } });
    await controlMigration({ action: 'resume' }, database);
    expect(await control()).toEqual([{ request: 'run', reason: null }]);
  });
});

describe('why nothing is copied', () => {
  it('is said with since when the settings are switched off', async () => {
    await insertLegacy(database, 'users', [legacyUser()]);
    await recordSettings(database.db, testSettings({ settings: { enabled: false } }));
    await database.query(`update video_platform.migration_settings set disabled_since = '2026-11-20T01:02:03Z'`);
    expect(await open({ settings: { enabled: false } })).toMatchObject({
      continue: false,
      pause: { reason: expect.stringMatching(/^DISABLED: /), value: 'false', threshold: 'true', since: '2026-11-20T01:02:03Z' },
    });
  });
});

describe('the rows that come in', () => {
  it('are counted a day, over the week before and all entities', async () => {
    const created = (days: number) => ({ type: 'ADMIN', created_at: new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 19) });
    await insertLegacy(database, 'users', [
      ...Array.from({ length: 21 }, () => legacyUser(created(3))),
      ...Array.from({ length: 50 }, () => legacyUser(created(8))),
    ]);
    const { runId } = await open();
    expect(await database.query('select inflow_per_day::int as inflow from video_platform.migration_run where id = $1', [runId])).toEqual([
      { inflow: 3 },
    ]);
  });

  it('are left open when they cannot be counted in time, and the run goes on', async () => {
    await insertLegacy(database, 'users', [legacyUser()]);
    const db = Object.create(database.db) as MigrationDatabase['db'];
    db.query = ((sql: string, parameters: Record<string, never> = {}) => {
      if (sql.includes('-- inflow')) throw Object.assign(new Error('timed out'), { name: 'StatementTimeoutException' });
      return database.db.query(sql, parameters);
    }) as MigrationDatabase['db']['query'];
    db.transaction = (work) => database.db.transaction(work);
    expect(await open({ db })).toMatchObject({ continue: true });
    expect(await database.query('select inflow_per_day from video_platform.migration_run')).toEqual([{ inflow_per_day: null }]);
  });
});

describe('what is to be copied', () => {
  it('is nothing when LinkPick is empty or all of it is done', async () => {
    expect(await open()).toMatchObject({ entities: [], continue: false });
    await insertCreator(database);
    await migrate(database.db);
    expect(await open()).toMatchObject({ entities: [], continue: false });
  });

  it('is named in the order of the references: where rows are pending, and what refers to them', async () => {
    const owner = await insertCreator(database);
    await insertLegacy(database, 'campaigns', [legacyCampaign(owner)]);
    expect((await open()).entities).toEqual(entities.map(({ name }) => name));
    await migrate(database.db);
    await insertLegacy(database, 'campaigns', [legacyCampaign(owner)]);
    expect((await open()).entities).toEqual(['video', 'video_submission', 'watch_later', 'video_analytics']);
    expect((await open({ settings: { entities: { video: { enabled: false } } } })).entities).toEqual([]);
  });

  it('starts over from the first key when rows have appeared behind a cursor at its end, and keeps the others', async () => {
    await insertLegacy(database, 'users', [legacyUser({ id: 'm' }), legacyUser({ id: 'n' })]);
    const owner = await insertCreator(database, { id: 'o' });
    await insertLegacy(database, 'campaigns', [legacyCampaign(owner, { id: 'v' })]);
    await migrate(database.db);
    await insertLegacy(database, 'users', [legacyUser({ id: 'a', type: 'ADMIN' })]);
    await open();
    const cursors = await database.query(
      `select entity_type, last_key, exhausted from video_platform.migration_cursor
       where last_key <> '' or entity_type = 'user' order by entity_type`,
    );
    expect(cursors).toEqual([
      { entity_type: 'channel', last_key: 'o', exhausted: true },
      { entity_type: 'user', last_key: '', exhausted: false },
      { entity_type: 'video', last_key: 'v', exhausted: true },
      { entity_type: 'video_analytics', last_key: 'v', exhausted: true },
    ]);
  });

  it('leaves a cursor in the middle where it is', async () => {
    await insertLegacy(database, 'users', [legacyUser({ id: 'a' }), legacyUser({ id: 'b' }), legacyUser({ id: 'c' })]);
    await copy(await open({ dailyLimit: 2 }), 'user');
    await open({ dailyLimit: 2 });
    expect(await database.query(`select last_key, exhausted from video_platform.migration_cursor where entity_type = 'user'`)).toEqual([
      { last_key: 'b', exhausted: false },
    ]);
  });

  it('finds names that changed since the last run before handles are given', async () => {
    await insertCreator(database, { id: 'u', name: '옛 이름' });
    const executionArn = arn();
    await open({ executionArn });
    await database.query(`update public.users set name = '새 이름' where id = 'u'`);
    await closeRun(
      { executionArn },
      { db: database.db, s3: { send: async () => ({}) } as never, reportBucket: 'reports', announce: async () => {} },
    );
    const run = await open();
    await catchUp({ runId: run.runId }, { db: database.db, settings: testSettings(), timeLeftMs });
    await copy(run, 'user');
    await copy(run, 'channel');
    expect(await database.query('select handle from video_platform.channels')).toEqual([{ handle: '새이름' }]);
  });
});
