import { beforeEach, describe, expect, it } from 'vitest';
import { closeRun } from '../../lambdas/migration/close-run.ts';
import { copyEntity } from '../../lambdas/migration/copy-entity.ts';
import { entities } from '../../lambdas/migration/entities/index.ts';
import { recordSettings } from '../../lambdas/migration/settings-in-force.ts';
import { readStatus } from '../../lambdas/operations/read-status.ts';
import { insertCreator, insertLegacy, legacyCampaign, legacySave, legacyUser } from '../support/legacy-rows.ts';
import { copyAll, copying, migrate, open, type RunOptions, testSettings } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { expectConsistent } from './consistency.ts';

const database = useMigrationDatabase();

const rows = (sql: string) => database.query(sql);
const off = (...names: string[]) => ({ entities: Object.fromEntries(names.map((name) => [name, { enabled: false }])) });

/** One step of the run, by its own settings. */
function copyStep(run: { runId: string; runDate: string; remaining: number; entities: readonly string[] }, options: RunOptions = {}) {
  return copyEntity({ ...run, entities: [...run.entities] }, copying(database.db, options));
}

/** Users of an unknown type in quarantine, who were mended while nobody looked, and one who is pending. */
async function mendedUsers(count: number): Promise<void> {
  await insertLegacy(
    database,
    'users',
    Array.from({ length: count }, () => legacyUser({ type: 'AGENCY' })),
  );
  await migrate(database.db);
  await rows(`update public.users set type = 'ADMIN'`);
  await rows('truncate video_platform.change_log, video_platform.change_queue');
  await insertLegacy(database, 'users', [legacyUser({ type: 'ADMIN' })]);
}

describe('a migration that is switched off', () => {
  it('neither retries nor copies from the next step on, and says why', async () => {
    await mendedUsers(1);
    const run = await open(database.db, { runDate: '2026-11-24' });
    expect(run).toMatchObject({ continue: true });
    expect(await copyStep(run, { settings: { enabled: false } })).toMatchObject({
      continue: false,
      entities: run.entities,
      remaining: run.remaining,
      pause: { reason: expect.stringMatching(/^DISABLED: /), value: 'false' },
    });
    expect(await rows('select id from video_platform.users')).toEqual([]);
    expect(await rows('select count(*)::int as n from video_platform.quarantine')).toEqual([{ n: 1 }]);
    expect(await rows(`select pause ->> 'value' as value from video_platform.migration_run where status = 'running'`)).toEqual([
      { value: 'false' },
    ]);
    expect(await copyStep(run)).toMatchObject({ pause: null });
    expect(await rows('select id from video_platform.users')).toHaveLength(2);
  });
});

describe('a budget that is passed', () => {
  it('holds nobody up once the rows were mended: they are tried again before it is asked', async () => {
    await mendedUsers(5);
    const budgets = { UNKNOWN_VALUE: { rows: 2 } };
    const run = await open(database.db, { runDate: '2026-11-24' });
    expect(await copyStep(run, { settings: { budgets } })).toMatchObject({ pause: null });
    expect(await rows('select id from video_platform.users')).toHaveLength(6);
  });
});

describe('an entity that is switched off', () => {
  beforeEach(async () => {
    const owner = await insertCreator(database);
    await insertLegacy(database, 'campaigns', [legacyCampaign(owner, { id: 'c' }), legacyCampaign('nobody')]);
    await insertLegacy(database, 'saved_campaigns', [legacySave(owner, 'c')]);
  });

  const accounts = () =>
    rows(`select entity_type, completed::int as done, failed::int, pending::int from video_platform.migration_dashboard where total > 0`);

  it('waits, and so does what refers to it; switched on again, all of it is copied', async () => {
    await migrate(database.db, { settings: off('channel') });
    expect(await accounts()).toEqual([
      { entity_type: 'user', done: 1, failed: 0, pending: 0 },
      { entity_type: 'channel', done: 0, failed: 0, pending: 1 },
      { entity_type: 'video', done: 0, failed: 0, pending: 2 },
      { entity_type: 'watch_later', done: 0, failed: 0, pending: 1 },
      { entity_type: 'video_analytics', done: 0, failed: 0, pending: 2 },
    ]);
    await migrate(database.db);
    await expectConsistent(database);
    expect(await rows('select id from video_platform.watch_later')).toHaveLength(1);
  });

  /** Closes the run that is open, as its last step; gives the report and its page. */
  async function closeOpenRun() {
    const [run] = await rows(`select execution_arn from video_platform.migration_run where status = 'running'`);
    const pages: unknown[] = [];
    const s3 = { send: async ({ input }: { input: { Body: unknown } }) => void pages.push(input.Body) } as never;
    const dependencies = { db: database.db, s3, reportBucket: 'reports', announce: async () => {} };
    const { report } = await closeRun({ executionArn: String(run?.execution_arn) }, dependencies);
    return { report, page: String(pages[1]) };
  }

  it('is why its rows wait, and those that refer to them: said on the page and in the run’s report, until it is on again', async () => {
    const settings = off('channel');
    await recordSettings(database.db, testSettings({ settings }));
    await rows(`update video_platform.migration_settings set off_since = '{"channel": "2026-11-20T01:02:03.004Z"}'`);
    await migrate(database.db, { settings });
    const { report, page } = await closeOpenRun();
    const since = '2026-11-20T01:02:03.004Z';
    expect(report?.switchedOff).toEqual([
      { entity: 'channel', waiting: entities.map(({ name }) => name).filter((name) => name !== 'user'), pending: 6, since },
    ]);
    expect(page).toMatch(/설정에서 꺼짐.*채널.*6.*동영상/);
    expect((await readStatus(database.db)).movement).toEqual({
      state: 'still',
      code: 'ENTITY_OFF',
      reason: 'ENTITY_OFF: channel',
      value: 6,
      threshold: 'entities.channel.enabled: true',
      unit: 'rows',
      since,
    });
    await recordSettings(database.db, testSettings());
    expect((await readStatus(database.db)).movement).toMatchObject({ state: 'waiting', code: 'NEXT_RUN', value: 6 });
    await migrate(database.db);
    expect((await closeOpenRun()).report).toMatchObject({ switchedOff: [] });
    expect((await readStatus(database.db)).movement).toMatchObject({ code: 'DONE' });
  });

  it('during a run is out of it from the next step on, with what refers to it', async () => {
    const run = await open(database.db);
    const users = await copyStep(run);
    expect(users.entities).toEqual(['channel', 'channel_setting', 'video', 'video_submission', 'watch_later', 'video_analytics']);
    const channels = await copyStep({ ...run, ...users }, { settings: off('video') });
    expect(channels).toMatchObject({ entities: ['channel_setting'], continue: true, pause: null });
    // Switched on again it waits for the next run.
    await copyAll(database.db, { ...run, ...channels });
    expect(await accounts()).toMatchObject([
      { entity_type: 'user', done: 1 },
      { entity_type: 'channel', done: 1 },
      { entity_type: 'video', done: 0, pending: 2 },
      { entity_type: 'watch_later', done: 0, pending: 1 },
      { entity_type: 'video_analytics', done: 0, pending: 2 },
    ]);
    await migrate(database.db);
    expect((await accounts()).map(({ pending }) => pending)).toEqual([0, 0, 0, 0, 0]);
  });

  it('during a run whose turn it is has no batch more, and the run ends when nothing else is left', async () => {
    const run = await open(database.db);
    expect(await copyStep(run, { settings: off('user') })).toMatchObject({ entities: [], continue: false, pause: null });
    expect(await rows('select id from video_platform.users')).toEqual([]);
  });
});
