import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { compileChecks } from '../../lambdas/migration/compile/checks.ts';
import { entities } from '../../lambdas/migration/entities/index.ts';
import { verifyEntity } from '../../lambdas/migration/verify-entity.ts';
import {
  insertCreator,
  insertLegacy,
  legacyApplication,
  legacyBusinessProfile,
  legacyCampaign,
  legacySave,
  legacyUser,
} from '../support/legacy-rows.ts';
import { migrate, timeLeftMs } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { catchUpNow } from './consistency.ts';

const database = useMigrationDatabase();

/** A row of every entity: `owner` has a channel with the video `video` and the handle `same`, `fan` another channel. */
beforeEach(async () => {
  await insertCreator(database, { id: 'owner', name: 'Same' });
  await insertCreator(database, { id: 'fan', name: '팬' });
  await insertLegacy(database, 'business_profiles', [legacyBusinessProfile('owner', { id: 'setting' })]);
  await insertLegacy(database, 'campaigns', [legacyCampaign('owner', { id: 'video', view_count: 7 })]);
  await insertLegacy(database, 'campaign_applications', [legacyApplication('video', 'fan', { id: 'submission' })]);
  await insertLegacy(database, 'saved_campaigns', [legacySave('fan', 'video', { id: 'save' })]);
  await migrate(database.db);
});

const run = async (sql: string): Promise<void> => void (await database.query(sql));

/** With the constraints' own triggers off: what a restore, or a hand that meant well, can leave behind. */
const unchecked = (sql: string) => run(`begin; set local session_replication_role = replica; ${sql}; commit`);

/** As if the triggers had been off. */
const captureMissed = () => run('truncate video_platform.change_log, video_platform.change_queue');

/** A user and a channel that were born on VideoPick. */
const born = (id: string, handle: string) =>
  run(`begin;
    insert into video_platform.users (id, email, name, user_type, origin) values ('${id}', '${id}@new.example', '새 사용자', 'CREATOR', 'videopick');
    insert into video_platform.channels (id, user_id, name, handle, origin) values (gen_random_uuid(), '${id}', '새 채널', '${handle}', 'videopick');
    commit`);

/** The copied ranges of videos: [last key, inclusive end or null for none]. */
async function ranges(...cursors: readonly (readonly [last: string, upto: string | null])[]): Promise<void> {
  await run(`delete from video_platform.migration_cursor where entity_type = 'video'`);
  for (const [rangeNo, [last, upto]] of cursors.entries())
    await database.query(
      `insert into video_platform.migration_cursor (entity_type, range_no, last_key, upto_key) values ('video', $1, $2, $3)`,
      [rangeNo, last, upto],
    );
}

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const back of undo.splice(0)) await back();
});

/** Sums are brought up to date before they are checked, so what the check can find is a mistake in that. */
async function sumsForgetViews(): Promise<void> {
  const [sum] = await database.query<{ was: string }>(`select pg_get_functiondef('video_platform.sum_up_video'::regproc) as was`);
  const was = sum?.was ?? '';
  const forgetful = was.replace('coalesce(sum(v.view_count), 0)', '0');
  expect(forgetful).not.toBe(was);
  undo.push(() => run(was));
  await run(forgetful);
}

interface State {
  readonly check: string;
  readonly state: string;
  readonly make: () => Promise<unknown>;
}

/** Every column that refers to another row. */
const REFERENCES = [
  ['channels', 'user_id'],
  ['channel_settings', 'channel_id'],
  ['videos', 'channel_id'],
  ['video_submissions', 'video_id'],
  ['video_submissions', 'user_id'],
  ['watch_later', 'video_id'],
  ['watch_later', 'user_id'],
  ['video_analytics', 'video_id'],
] as const;

/** Each fails the check it is for, and no other. */
const FAILING: readonly State[] = [
  {
    check: 'User Count Match',
    state: 'a user of legacy origin that was never copied',
    make: () =>
      run(`insert into video_platform.users (id, email, name, user_type) values ('stray', 'stray@example.com', '떠돌이', 'ADMIN')`),
  },
  {
    check: 'User Count Match',
    state: 'a copied user whose row is gone',
    make: () =>
      unchecked(`delete from video_platform.users where id = 'fan'; delete from video_platform.channels where user_id = 'fan';
        delete from video_platform.video_submissions; delete from video_platform.watch_later`),
  },
  ...REFERENCES.map(([table, column]) => ({
    check: 'No Orphaned Records',
    state: `a row of ${table} whose ${column} is nobody's`,
    make: () => unchecked(`update video_platform.${table} set ${column} = '${column === 'channel_id' ? randomUUID() : 'nobody'}'`),
  })),
  {
    check: 'Every Row Accounted For',
    state: 'a legacy row that went unseen',
    make: () => run('delete from public.saved_campaigns').then(captureMissed),
  },
  {
    check: 'Mapping One To One',
    state: 'a row that kept its id, mapped to another',
    make: () => run(`update video_platform.migration_status set new_id = 'other' where entity_type = 'video'`),
  },
  {
    check: 'Mapping One To One',
    state: 'a channel mapped to none',
    make: () => run(`update video_platform.migration_status set new_id = null where entity_type = 'channel' and legacy_id = 'fan'`),
  },
  {
    check: 'Mapping One To One',
    state: 'two channels mapped to one',
    make: () => run(`update video_platform.migration_status set new_id = '${randomUUID()}' where entity_type = 'channel'`),
  },
  {
    check: 'Mapping One To One',
    state: "a channel mapped to one that is nobody else's either",
    make: () =>
      run(`update video_platform.migration_status set new_id = gen_random_uuid() where entity_type = 'channel' and legacy_id = 'fan'`),
  },
  {
    check: 'Mapping One To One',
    state: 'a channel that has an id of its own, and is mapped to it', // the row diff has the column as well
    make: () =>
      unchecked(`update video_platform.channels set id = '00000000-0000-8000-8000-000000000001' where user_id = 'fan';
        update video_platform.migration_status set new_id = '00000000-0000-8000-8000-000000000001' where entity_type = 'channel' and legacy_id = 'fan'`),
  },
  {
    check: 'Unique Handles',
    state: 'a channel that was given the handle of another, in capitals', // the constraint tells these apart
    make: () => born('new', 'SAME'),
  },
  { check: 'Cursors In Order', state: 'a cursor past the end of its range', make: () => ranges(['n', 'm'], ['m', null]) },
  { check: 'Cursors In Order', state: 'a cursor before the start of its range', make: () => ranges(['a', 'm'], ['l', null]) },
  { check: 'Cursors In Order', state: 'a range after one that has no end', make: () => ranges(['a', null], ['n', null]) },
  {
    check: 'Cursors In Order',
    state: 'a cursor that went past a user it did not copy',
    make: async () => {
      await insertLegacy(database, 'users', [legacyUser({ id: 'zoe' })]);
      await catchUpNow(database); // leaves the row to its copy
      await run(`update video_platform.migration_cursor set last_key = 'zz' where entity_type = 'user'`);
    },
  },
  {
    check: 'Cursors In Order',
    state: 'a cursor that went back during the run',
    make: async () => {
      await run(`update video_platform.migration_cursor set last_key = 'a' where entity_type = 'user'`);
      await run(`update video_platform.migration_cursor_move set moved_at = now() + interval '1 minute' where upto_key = 'a'`);
    },
  },
  {
    check: 'Channel Counts Right',
    state: 'views that are not summed up',
    make: () => run('update video_platform.channels set view_count = 0').then(sumsForgetViews),
  },
];

const PASSING: readonly State[] = [
  {
    check: 'User Count Match',
    state: 'a user in quarantine that is served as it was',
    make: async () => {
      await born('new', 'new');
      await run(`update public.users set email = 'new@new.example' where id = 'fan'`);
      await catchUpNow(database);
      expect(await database.query('select legacy_id from video_platform.quarantine')).toEqual([{ legacy_id: 'fan' }]);
    },
  },
  {
    check: 'No Orphaned Records',
    state: 'a video of VideoPick in a channel of LinkPick',
    make: () =>
      run(`insert into video_platform.videos (id, channel_id, title, status, origin)
        select 'new', id, '새 동영상', 'PUBLISHED', 'videopick' from video_platform.channels where user_id = 'owner'`),
  },
  {
    check: 'Every Row Accounted For',
    state: 'a legacy row that went, of which the log tells',
    make: () => run('delete from public.saved_campaigns'),
  },
  {
    check: 'Mapping One To One',
    state: 'a row in quarantine, which is mapped to none',
    make: async () => {
      await run(`update public.campaigns set status = 'SOLD'`);
      await catchUpNow(database);
      expect(
        await database.query(`select new_id from video_platform.migration_status where legacy_id = 'video' and status = 'failed'`),
      ).toEqual([{ new_id: null }, { new_id: null }]);
    },
  },
  { check: 'Unique Handles', state: 'a handle that begins as another does', make: () => born('new', 'same2') },
  {
    check: 'Cursors In Order',
    state: 'a cursor that was set back between two runs',
    make: () => run(`update video_platform.migration_cursor set last_key = 'a' where entity_type = 'user'`),
  },
  { check: 'Cursors In Order', state: 'a range that is done, and one that has not begun', make: () => ranges(['m', 'm'], ['m', null]) },
  {
    check: 'Cursors In Order',
    state: 'rows that came behind the cursor: they wait for the next run',
    make: async () => {
      await insertLegacy(database, 'users', [legacyUser({ id: 'abe' })]);
      await insertLegacy(database, 'campaigns', [legacyCampaign('owner', { id: 'abc' })]);
      await catchUpNow(database);
      expect(await database.query('select from video_platform.pending_change')).toEqual([]);
    },
  },
  {
    check: 'Channel Counts Right',
    state: 'counts that are late: they are brought up to date first',
    make: () => run('update video_platform.channels set view_count = 0, video_count = 9'),
  },
];

/** The named checks that a verification fails. */
async function failedChecks(): Promise<readonly string[]> {
  const [opened] = await database.query<{ id: string }>(
    `insert into video_platform.migration_run (execution_arn, run_date, status) values ($1, '2026-11-23', 'completed') returning id`,
    [randomUUID()],
  );
  const runId = opened?.id ?? '';
  await verifyEntity({ runId, runDate: '2026-11-23' }, { db: database.db, timeLeftMs });
  const results = await database.query<{ name: string; passed: boolean }>(
    'select name, passed from video_platform.verification_check where run_id = $1 order by name',
    [runId],
  );
  expect(results).toHaveLength(compileChecks(entities).length);
  return results.filter(({ passed }) => !passed).map(({ name }) => name);
}

it.each(FAILING)('$check fails for $state', async ({ check, make }) => {
  await make();
  expect(await failedChecks()).toEqual([check]);
});

it.each(PASSING)('$check passes with $state', async ({ make }) => {
  await make();
  expect(await failedChecks()).toEqual([]);
});

it('every check is seen to fail and to pass', () => {
  const names = compileChecks(entities).map(({ name }) => name);
  for (const states of [FAILING, PASSING]) expect([...new Set(states.map(({ check }) => check))]).toEqual(names);
});
