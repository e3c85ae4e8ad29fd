import { hash, randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { catchUp } from '../../lambdas/migration/catch-up.ts';
import { closeRun } from '../../lambdas/migration/close-run.ts';
import { compileSchema } from '../../lambdas/migration/compile/index.ts';
import { controlMigration } from '../../lambdas/migration/control-migration.ts';
import { copyEntity } from '../../lambdas/migration/copy-entity.ts';
import { entities, entityNamed } from '../../lambdas/migration/entities/index.ts';
import { RunClosedError, RunInProgressError, SchemaNotReadyError } from '../../lambdas/migration/errors.ts';
import { OpenRunInput, type OpenRunOutput, openRun } from '../../lambdas/migration/open-run.ts';
import { refreshLookups } from '../../lambdas/migration/refresh-lookups.ts';
import { seoulDate } from '../../lambdas/migration/run-date.ts';
import { recordSettings } from '../../lambdas/migration/settings-in-force.ts';
import { InvalidInputError, parseInput } from '../../lambdas/step.ts';
import { contentOf, emptyVideoPlatform } from '../support/database-content.ts';
import { insertCreator, insertLegacy, legacyCampaign, legacyProfile, legacyUser } from '../support/legacy-rows.ts';
import { copying, migrate, type RunOptions, testSettings, timeLeftMs } from '../support/migration.ts';
import { type MigrationDatabase, useMigrationDatabase } from '../support/migration-database.ts';
import { through, timedOut } from '../support/through.ts';
import { expectConsistent } from './consistency.ts';

const database = useMigrationDatabase();

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
    const db = through(database.db, async (sql, _parameters, pass) => {
      if (sql.includes('-- inflow')) throw timedOut();
      return pass();
    });
    expect(await open({ db })).toMatchObject({ continue: true });
    expect(await database.query('select inflow_per_day from video_platform.migration_run')).toEqual([{ inflow_per_day: null }]);
  });
});

describe('the refresh of what projections look up', () => {
  const refresh = (chunkRows: number, db = database.db) => refreshLookups(db, { first: chunkRows, max: chunkRows, targetMs: 60_000 });
  const requests = () =>
    database.query<{ legacy_id: string; handle: string }>(
      'select legacy_id, handle from video_platform.channel_handle_request order by legacy_id',
    );
  const passedOn = () => database.query('select entity_type, legacy_id from video_platform.change_queue order by legacy_id');

  interface Namesake {
    readonly id: string;
    readonly name: string;
    readonly created_at: string;
  }

  /** Names that are asked for by several. Those whose keys come first were created last, and every third shares the date of the one before. */
  const namesakes = (of: number, prefix: string): readonly Namesake[] =>
    Array.from({ length: of }, (_, index) => ({
      id: `${prefix}${String(index).padStart(3, '0')}`,
      name: ['루나', '하루', '별 이', '혼자'][index === 0 ? 3 : index % 3] ?? '',
      created_at: new Date(Date.UTC(2024, 0, 200 - index + (index % 3 === 2 ? 1 : 0))).toISOString().slice(0, 19),
    }));

  async function insertCreators(creators: readonly Namesake[]): Promise<void> {
    await insertLegacy(
      database,
      'users',
      creators.map((creator) => legacyUser({ ...creator })),
    );
    await insertLegacy(
      database,
      'profiles',
      creators.map(({ id }) => legacyProfile(id)),
    );
  }

  /** Of each name the earliest (created_at, id) plain, the others with a suffix. */
  function handlesOf(creators: readonly Namesake[]): readonly { user_id: string; handle: string }[] {
    const order = ({ id, created_at }: Namesake) => `${created_at} ${id}`;
    return creators.map((creator) => {
      const handle = creator.name.replaceAll(' ', '');
      const isFirst = creators.every((other) => other.name !== creator.name || order(other) >= order(creator));
      return { user_id: creator.id, handle: isFirst ? handle : `${handle}-${hash('md5', creator.id).slice(0, 12)}` };
    });
  }

  const expectHandlesOf = async (creators: readonly Namesake[]) => {
    expect(await database.query('select user_id, handle from video_platform.channels order by user_id')).toEqual(handlesOf(creators));
    await expectConsistent(database);
  };

  describe.each([1, 7, 1_000])('in chunks of %i', (chunkRows) => {
    it('gives every handle to who is first to ask for it, wherever the key lies', async () => {
      const creators = namesakes(30, 'c');
      await insertCreators(creators);
      await insertLegacy(database, 'users', [legacyUser({ id: 'c0015', type: 'ADMIN' }), legacyUser({ id: 'c0016', name: '루나' })]);
      await refresh(chunkRows);
      expect(await requests()).toEqual(creators.map(({ id, name }) => ({ legacy_id: id, handle: name.replaceAll(' ', '') })));
      await migrate(database.db);
      await expectHandlesOf(creators);
    });

    it('passes a handle on from who has it, once and for good, when those who were first come later', async () => {
      const holders = namesakes(9, 'm').map((creator) => ({ ...creator, created_at: `2025${creator.created_at.slice(4)}` }));
      await insertCreators(holders);
      await migrate(database.db);
      await expectHandlesOf(holders);
      const earlier = [
        ...namesakes(15, 'a'),
        ...namesakes(15, 'z').map((creator) => ({ ...creator, created_at: `2023${creator.created_at.slice(4)}` })),
      ];
      await insertCreators(earlier);
      await database.query('truncate video_platform.change_log, video_platform.change_queue'); // it is up to the refresh alone
      await refresh(chunkRows);
      await migrate(database.db);
      await expectHandlesOf([...earlier, ...holders].sort((a, b) => (a.id < b.id ? -1 : 1)));
    });

    it('comes to the same when every answer is lost and every statement is sent twice', async () => {
      await insertCreators(namesakes(9, 'm'));
      await refresh(chunkRows);
      await database.query('truncate video_platform.change_queue');
      const earlier = namesakes(9, 'z').map((creator) => ({ ...creator, created_at: `2023${creator.created_at.slice(4)}` }));
      await insertCreators(earlier);
      const twice = through(database.db, async (_sql, _parameters, pass) => {
        await pass();
        return pass();
      });
      await refresh(chunkRows, twice);
      const [asked, queued] = [await requests(), await passedOn()];
      expect(asked).toHaveLength(18);
      await database.query('truncate video_platform.change_queue');
      await database.query(`delete from video_platform.channel_handle_request where legacy_id like 'z%'`);
      await refresh(chunkRows);
      expect(await requests()).toEqual(asked);
      expect(await passedOn()).toEqual(queued);
    });

    it('puts nobody on the change queue who keeps the handle', async () => {
      const inOrder = namesakes(30, 'c').map((creator, index) => ({ ...creator, created_at: `2024-01-02 00:00:${10 + index}` }));
      await insertCreators(inOrder);
      await refresh(chunkRows);
      expect(await passedOn()).toEqual([]);
    });
  });

  it('in more than one chunk queues who held a handle in between: a batch may have seen it', async () => {
    await insertCreators([
      { id: 'a', name: '루나', created_at: '2024-01-03' },
      { id: 'b', name: '루나', created_at: '2024-01-02' },
      { id: 'c', name: '루나', created_at: '2024-01-04' },
    ]);
    await refresh(1);
    expect(await passedOn()).toEqual([{ entity_type: 'channel', legacy_id: 'a' }]);
  });

  /** A client that keeps the size of each chunk, and on which those above `most` rows time out. */
  function counting(most = Number.POSITIVE_INFINITY) {
    const sizes: number[] = [];
    const db = through(database.db, async (sql, { limit }, pass) => {
      if (sql !== entityNamed('channel').lookup?.refresh) return pass();
      sizes.push(Number(limit));
      if (Number(limit) > most) throw timedOut();
      return pass();
    });
    return { db, sizes };
  }

  it('takes more rows at a time as long as the target time allows, up to the last', async () => {
    await insertCreators(namesakes(30, 'c'));
    const { db, sizes } = counting();
    await refreshLookups(db, { first: 1, max: 1_000, targetMs: 60_000 });
    expect(sizes).toEqual([1, 25, 625]);
    expect(await requests()).toHaveLength(30);
  });

  it('goes on with fewer rows at a time when the service times out, and asks for all of them', async () => {
    await insertCreators(namesakes(60, 'c'));
    const { db, sizes } = counting(40);
    await open({ db });
    expect(sizes.slice(0, 5)).toEqual([10_000, 2_500, 625, 156, 39]);
    expect(await requests()).toHaveLength(60);
  });

  it('gives up on a single row that takes too long, and no run copies', async () => {
    await insertCreators(namesakes(2, 'c'));
    const { db, sizes } = counting(0);
    await expect(open({ db })).rejects.toMatchObject({ name: 'StatementTimeoutException' });
    expect(sizes.at(-1)).toBe(1);
    expect(await requests()).toEqual([]);
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
