import { beforeEach, describe, expect, it } from 'vitest';
import { overBudget } from '../../lambdas/migration/budget.ts';
import { type CatchUpInput, catchUp } from '../../lambdas/migration/catch-up.ts';
import { QuarantineBudgetError } from '../../lambdas/migration/errors.ts';
import type { Settings } from '../../lambdas/migration/settings.ts';
import { retryRows } from '../../lambdas/operations/retry-rows.ts';
import catchUpMachine from '../../statemachines/catch-up.asl.json' with { type: 'json' };
import dailyMigration from '../../statemachines/daily-migration.asl.json' with { type: 'json' };
import { insertCreator } from '../support/legacy-rows.ts';
import { copyAll, migrate, NOW, open, testSettings, timeLeftMs } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { through } from '../support/through.ts';
import { expectConsistent } from './consistency.ts';

const database = useMigrationDatabase();

type Budgets = Settings['budgets'];

const legacy = (sql: string) => database.query(sql);
const one = async (sql: string) => (await database.query<{ n: number }>(`select (${sql})::int as n`))[0]?.n;
const inQuarantine = (entity: string) => one(`select count(*) from video_platform.quarantine where entity_type = '${entity}'`);
const queued = (entity: string) => one(`select count(*) from video_platform.change_queue where entity_type = '${entity}'`);
const videos = () => one('select count(*) from video_platform.videos');

describe('a budget', () => {
  /** 40 users, of whom 30 are in quarantine. */
  beforeEach(async () => {
    await legacy(
      `insert into public.users (id, email, name, type)
       select 'u' || n, n || '@x', 'n', case when n <= 30 then 'AGENCY' else 'ADMIN' end from generate_series(1, 40) n`,
    );
    await migrate(database.db);
  });

  it.each<[string, Budgets, number | undefined]>([
    ['of rows that is kept', { UNKNOWN_VALUE: { rows: 30 } }, undefined],
    ['of rows that is passed', { UNKNOWN_VALUE: { rows: 29 } }, 29],
    ['of percent that is kept', { UNKNOWN_VALUE: { percent: 75 } }, undefined],
    ['of percent that is passed', { UNKNOWN_VALUE: { percent: 74 } }, 29.6],
    ['of no percent', { UNKNOWN_VALUE: { percent: 0 } }, 0],
    ['of hardly any percent', { UNKNOWN_VALUE: { percent: 1e-300 } }, expect.closeTo(0)],
    ['of both, of which one is kept', { UNKNOWN_VALUE: { rows: 10, percent: 80 } }, undefined],
    ['of both, of which the other is kept', { UNKNOWN_VALUE: { rows: 35, percent: 10 } }, undefined],
    ['of both that are passed', { UNKNOWN_VALUE: { rows: 10, percent: 50 } }, 20],
    ['of classes not named', { '*': { rows: 5 } }, 5],
    ['of another class', { TOO_LONG: { rows: 5 } }, undefined],
    ['without a limit', { UNKNOWN_VALUE: {}, '*': { rows: 5 } }, undefined],
  ])('%s', async (_which, budgets, threshold) => {
    const pause = await overBudget(database.db, 'user', budgets, NOW);
    if (threshold === undefined) expect(pause).toBeUndefined();
    else expect(pause).toEqual({ reason: 'QUARANTINE_BUDGET: user UNKNOWN_VALUE', value: 30, threshold, since: NOW().toISOString() });
  });

  it('asks for the legacy total when a percentage decides alone, of its own table, and no further than the answer needs', async () => {
    const sent: { readonly sql: string; readonly parameters: unknown }[] = [];
    const db = through(database.db, (sql, parameters, pass) => {
      sent.push({ sql, parameters });
      return pass();
    });
    const tables = () => sent.flatMap(({ sql }) => [...sql.matchAll(/\bpublic\.(\w+)|(migration_dashboard)/g)].map(([name]) => name));
    await overBudget(db, 'user', { '*': { rows: 500, percent: 10 } }, NOW);
    await overBudget(db, 'user', { '*': { rows: 10 } }, NOW);
    expect(tables()).toEqual([]);
    await overBudget(db, 'user', { '*': { rows: 10, percent: 80 } }, NOW);
    expect(tables()).toEqual(['public.users']);
    expect(sent.at(-1)?.parameters).toEqual({ atMost: 39 });
  });
});

describe('catch-up', () => {
  const budgets: Budgets = { UNKNOWN_VALUE: { rows: 500 } };
  const pause = { reason: 'QUARANTINE_BUDGET: video UNKNOWN_VALUE', threshold: 500 };
  const applyChanges = (input: CatchUpInput = {}, limits: Budgets = budgets) =>
    catchUp(input, { db: database.db, settings: testSettings({ settings: { budgets: limits } }), timeLeftMs });
  const failure = async (): Promise<QuarantineBudgetError> => {
    const error = await applyChanges().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(QuarantineBudgetError);
    return error as QuarantineBudgetError;
  };

  beforeEach(async () => {
    await insertCreator(database, { id: 'biz', type: 'BUSINESS', name: '사장' });
    await legacy(
      `insert into public.campaigns (id, business_id, title, status)
       select 'c' || lpad(n::text, 5, '0'), 'biz', 't', 'ACTIVE' from generate_series(1, 2000) n`,
    );
    await migrate(database.db, { batchRows: 10_000 });
    expect(await videos()).toBe(2_000);
  });

  it('holds the changes of an entity that is over its budget, applies the others, and ends as a failure that says why and what to do', async () => {
    await legacy(`update public.campaigns set status = 'SOLD'`);
    await legacy(`update public.users set name = '새 이름'`);
    const error = await failure();
    expect(error.message).toContain('QUARANTINE_BUDGET: video UNKNOWN_VALUE: 1000 rows, budget 500');
    expect(error.message).toMatch(/mend the legacy rows or the mapping, or raise "budgets"/);
    expect(error.held).toMatchObject([{ ...pause, value: 1_000 }]);
    expect([await videos(), await inQuarantine('video'), await queued('video')]).toEqual([1_000, 1_000, 1_000]);
    expect(await one(`select count(*) from video_platform.users where name = '새 이름'`)).toBe(1);
    expect(await one(`select video_count from video_platform.channels`)).toBe(1_000);
    // Nothing more goes through from the start of the next one on.
    await failure();
    expect(await videos()).toBe(1_000);
  });

  it('tells how far it is behind also when it fails', async () => {
    await legacy(`update public.campaigns set status = 'SOLD'`);
    const told: unknown[] = [];
    const settings = testSettings({ settings: { budgets } });
    const failed = catchUp({}, { db: database.db, settings, timeLeftMs, onLag: (lag) => told.push(lag) });
    await expect(failed).rejects.toThrow(QuarantineBudgetError);
    expect(told).toEqual([{ lagSeconds: expect.any(Number), backlog: 1_000 }]);
    // What is held grows older, also for a catch-up that applies nothing, or is switched off.
    await database.query(`update video_platform.change_queue set changed_at = now() - interval '6 hours'`);
    for (const off of [{}, { enabled: false }]) {
      const again = catchUp({}, { db: database.db, settings: { ...settings, ...off }, timeLeftMs, onLag: (lag) => told.push(lag) });
      await again.catch((error) => expect(error).toBeInstanceOf(QuarantineBudgetError));
      expect(told.at(-1)).toMatchObject({ lagSeconds: expect.closeTo(6 * 3600, -2), backlog: 1_000 });
    }
  });

  it('says that the run is paused for it also when the time of its last one ends', async () => {
    await legacy(`update public.campaigns set status = 'SOLD'`);
    await database.query(`update video_platform.migration_run set status = 'completed'`);
    const { runId } = await open(database.db);
    await database.query(
      `insert into video_platform.change_queue (entity_type, legacy_id) select 'video_analytics', id from public.campaigns`,
    );
    let asked = 0;
    const untilAnalytics = () => (asked++ < 4 ? timeLeftMs() : 0);
    const settings = testSettings({ settings: { budgets } });
    const output = await catchUp({ runId, closing: true }, { db: database.db, settings, timeLeftMs: untilAnalytics });
    expect(output).toMatchObject({ more: true, held: [{ reason: pause.reason }] });
    expect(await database.query(`select pause ->> 'reason' as reason from video_platform.migration_run where status = 'running'`)).toEqual([
      { reason: pause.reason },
    ]);
  });

  it('is content with an entity that is over its budget and has no changes', async () => {
    await legacy(`update public.campaigns set status = 'SOLD' where id <= 'c00400'`);
    expect(await applyChanges()).toMatchObject({ held: [] });
    expect(await applyChanges({}, { UNKNOWN_VALUE: { rows: 10 } })).toMatchObject({ held: [], applied: 0 });
  });

  it('lets rows come back while the entity is over its budget, and the held changes follow once it is not', async () => {
    await legacy(`update public.campaigns set status = 'SOLD'`);
    await failure();
    await legacy(`update public.campaigns set status = 'PAUSED' where id <= 'c00200'`);
    await failure();
    expect([await videos(), await inQuarantine('video')]).toEqual([1_200, 800]);
    await legacy(`update public.campaigns set status = 'PAUSED'`);
    expect(await applyChanges()).toMatchObject({ held: [], backlog: 0 });
    await expectConsistent(database);
    expect(await one(`select count(*) from video_platform.videos where status = 'UNLISTED'`)).toBe(2_000);
  });

  it('lets the rows come back that the page retries, and those whose reference does', async () => {
    await legacy(`update public.campaigns set status = 'SOLD'`);
    await failure();
    // As if capture had missed it: what a new mapping does, too.
    await legacy(`alter table public.campaigns disable trigger user`);
    await legacy(`update public.campaigns set status = 'ACTIVE'`);
    await legacy(`alter table public.campaigns enable trigger user`);
    expect(await retryRows(database.db, { entity: 'video', reason: 'UNKNOWN_VALUE' })).toMatchObject({ queued: 1_000 });
    await applyChanges();
    expect([await inQuarantine('video'), await videos()]).toEqual([0, 2_000]);
    await legacy(`update public.users set type = 'ADMIN' where id = 'biz'`);
    await applyChanges();
    expect(await videos()).toBe(0);
    await legacy(`update public.users set type = 'BUSINESS' where id = 'biz'`);
    await migrate(database.db, { settings: { budgets: { MISSING_REFERENCE: { rows: 10 } } } });
    expect(await videos()).toBe(2_000);
  }, 60_000);

  it('applies what was held when the budget is raised', async () => {
    await legacy(`update public.campaigns set status = 'SOLD'`);
    await failure();
    expect(await applyChanges({}, { UNKNOWN_VALUE: { rows: 2_000 } })).toMatchObject({ held: [], backlog: 0 });
    expect(await videos()).toBe(0);
  });

  it('counts rows that the database refuses: they are set aside one by one until the budget is passed', async () => {
    await legacy(`alter table video_platform.videos add constraint no_new_titles check (title = 't') not valid`);
    await legacy(`update public.campaigns set title = 'new' where id <= 'c00020'`);
    const settings = testSettings({ settings: { budgets: { CONSTRAINT: { rows: 5 } } } });
    await expect(catchUp({}, { db: database.db, settings, timeLeftMs })).rejects.toThrow('video CONSTRAINT: 6 rows, budget 5');
    await legacy(`alter table video_platform.videos drop constraint no_new_titles`);
    expect(await inQuarantine('video')).toBe(6);
  });

  describe('within a run', () => {
    const paused = async (runId: string) =>
      (await database.query<{ pause: unknown }>('select pause from video_platform.migration_run where id = $1', [runId]))[0]?.pause;

    it('does not fail; the run is on record as paused at its end, also when there are no rows of the entity to copy', async () => {
      const { runId, ...opened } = await open(database.db);
      expect(opened.entities).not.toContain('video');
      await legacy(`update public.campaigns set status = 'SOLD'`);
      expect(await applyChanges({ runId })).toMatchObject({ held: [{ ...pause, value: 1_000 }], more: false });
      expect(await paused(runId)).toBeNull();
      await applyChanges({ runId, closing: true });
      expect(await paused(runId)).toMatchObject({ ...pause, value: 1_000 });
    });

    it('is not paused for what its own retry of the quarantine has mended', async () => {
      await legacy(`update public.campaigns set status = 'SOLD' where id <= 'c01000'`);
      await failure();
      await legacy(`alter table public.campaigns disable trigger user`);
      await legacy(`update public.campaigns set status = 'ACTIVE'`);
      await legacy(`alter table public.campaigns enable trigger user`);
      await legacy(`update public.campaigns set title = 'new' where id > 'c01500'`);
      const opened = await open(database.db);
      const { runId } = opened;
      expect(await applyChanges({ runId })).toMatchObject({ held: [pause] });
      await copyAll(database.db, opened, { settings: { budgets } });
      expect(await applyChanges({ runId, closing: true })).toMatchObject({ held: [] });
      expect(await paused(runId)).toBeNull();
      expect(await one(`select count(*) from video_platform.videos where title = 'new'`)).toBe(500);
    });
  });
});

it('fails an execution of catch-up at once, and is asked at the end of a run', () => {
  const [never] = catchUpMachine.States['Catch up'].Retry;
  expect(never).toMatchObject({ ErrorEquals: expect.arrayContaining(['QuarantineBudgetError']), MaxAttempts: 0 });
  expect(dailyMigration.States['Catch up before copying'].Parameters.Payload).not.toHaveProperty('closing');
  expect(dailyMigration.States['Catch up before verifying'].Parameters.Payload).toMatchObject({ closing: true });
});
