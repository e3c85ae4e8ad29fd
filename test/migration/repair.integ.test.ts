import { expect, it } from 'vitest';
import { VerifyEntityInput, verifyEntity } from '../../lambdas/migration/verify-entity.ts';
import { parseInput } from '../../lambdas/step.ts';
import definition from '../../statemachines/daily-migration.asl.json' with { type: 'json' };
import { execute, INVOKE, machine, service } from '../step-functions/helpers.ts';
import { type DailySteps, dailySteps } from '../support/daily-steps.ts';
import { contentOf } from '../support/database-content.ts';
import { insertCreator, insertLegacy, legacyCampaign, legacySave } from '../support/legacy-rows.ts';
import { migrate, testSettings, timeLeftMs } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { catchUpNow, expectConsistent } from './consistency.ts';

const database = useMigrationDatabase();

interface Differences {
  readonly entity: string;
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
}

/** Runs daily-migration itself and answers which steps verified, in order, and what each pass found. */
async function runDailyMigration(input: { readonly repair?: boolean } = {}) {
  const filled = JSON.parse(JSON.stringify(definition).replaceAll(/\$\{(\w+)FunctionArn\}/g, '$1'));
  const steps = dailySteps({ db: database.db, settings: testSettings() });
  const stepFunctions = service(
    { ...machine({}), definition: filled },
    {
      [INVOKE]: async (parameters) => {
        const { FunctionName, Payload } = parameters as { FunctionName: keyof DailySteps; Payload: unknown };
        return { StatusCode: 200, Payload: await steps[FunctionName](Payload) };
      },
    },
  );
  const { status, cause, executionArn, events } = await execute(stepFunctions, input);
  expect(status, cause).toBe('SUCCEEDED');
  const entered = events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
  const found = await database.query<Differences & { pass: number }>(
    `select pass, entity_type as entity, missing::int, extra::int, different::int from video_platform.verification_run v
     join video_platform.migration_run r on r.id = v.run_id where r.execution_arn = $1 order by entity_type`,
    [executionArn],
  );
  const passes = [...new Set(found.map(({ pass }) => pass))].sort();
  return {
    verifying: entered.slice(entered.indexOf('Catch up before verifying')).filter((step) => step !== 'Rows to verify?'),
    passes: passes.map((pass) =>
      found
        .filter((row) => row.pass === pass && row.missing + row.extra + row.different > 0)
        .map(({ pass: _pass, ...differences }) => differences),
    ),
    failedChecks: await database.query(
      `select name from video_platform.verification_check c join video_platform.migration_run r on r.id = c.run_id
       where r.execution_arn = $1 and not passed`,
      [executionArn],
    ),
  };
}

/** What VideoPick serves, row by row. */
async function served() {
  const { users, channels, videos, watch_later, video_analytics } = await contentOf(database);
  return { users, channels, videos, watch_later, video_analytics };
}

const found = (entity: string, differences: Partial<Differences>): Differences => ({
  entity,
  missing: 0,
  extra: 0,
  different: 0,
  ...differences,
});

/** A video with a save, then one row of each kind of damage. */
async function migrateAndDamage() {
  await insertCreator(database, { id: 'owner', name: '민수' });
  await insertCreator(database, { id: 'fan' });
  await insertLegacy(database, 'campaigns', [legacyCampaign('owner', { id: 'video' })]);
  await insertLegacy(database, 'saved_campaigns', [legacySave('fan', 'video', { id: 'save' })]);
  await runDailyMigration();
  const whole = await served();
  await database.query(`update video_platform.users set name = '위조' where id = 'owner'`);
  await database.query(`delete from video_platform.watch_later where id = 'save'`);
  await database.query(`insert into video_platform.users (id, email, name, user_type, origin)
    values ('stray', 'stray@example.com', '떠돌이', 'ADMIN', 'legacy')`);
  return whole;
}

const DAMAGE = [found('user', { different: 1, extra: 1 }), found('watch_later', { missing: 1 })];

it('a run that repairs restores what was changed, removed or added, and sees it clean in a second pass, its last', async () => {
  const whole = await migrateAndDamage();
  const run = await runDailyMigration({ repair: true });
  expect(run).toEqual({
    verifying: ['Catch up before verifying', 'Verify entities', 'Catch up before verifying', 'Verify entities', 'Close run'],
    passes: [DAMAGE, []],
    failedChecks: [], // they ran after the repair
  });
  expect(await served()).toEqual(whole);
  await expectConsistent(database);
});

it('a run that repairs verifies once when nothing differs', async () => {
  await insertCreator(database);
  await runDailyMigration();
  expect(await runDailyMigration({ repair: true })).toMatchObject({
    verifying: ['Catch up before verifying', 'Verify entities', 'Close run'],
    passes: [[]],
    failedChecks: [],
  });
});

it('a run that is not asked to repair says what differs, and changes nothing', async () => {
  await migrateAndDamage();
  const damaged = await served();
  expect(await runDailyMigration()).toMatchObject({
    verifying: ['Catch up before verifying', 'Verify entities', 'Close run'],
    passes: [DAMAGE],
    failedChecks: [{ name: 'User Count Match' }],
  });
  expect(await served()).toEqual(damaged);
});

/** Migrates so many users, then changes every one. */
async function migrateAndTamperWith(users: number): Promise<void> {
  await database.query(
    `insert into public.users (id, email, name, type) select 'u' || n, n || '@x', '이름', 'ADMIN' from generate_series(1, $1::int) n`,
    [users],
  );
  await migrate(database.db, { batchRows: 1_000 });
  await database.query(`update video_platform.users set name = '위조'`);
}

it('a repair takes on 1,000 keys of a chunk: the second pass tells of the others, and there is no third', async () => {
  await migrateAndTamperWith(1_100);
  expect(await runDailyMigration({ repair: true })).toMatchObject({
    verifying: ['Catch up before verifying', 'Verify entities', 'Catch up before verifying', 'Verify entities', 'Close run'],
    passes: [[found('user', { different: 1_100 })], [found('user', { different: 100 })]],
  });
  expect(await database.query(`select count(*)::int from video_platform.users where name = '위조'`)).toEqual([{ count: 100 }]);
});

it('the bound of a repair is that of a chunk: two chunks take on more than one', async () => {
  await migrateAndTamperWith(1_100);
  const [run] = await database.query<{ id: string }>('select id from video_platform.migration_run');
  const input = parseInput(VerifyEntityInput, { runId: run?.id, runDate: '2026-11-23', repair: true, pass: 1 });
  await database.query('delete from video_platform.verification_run'); // of the run that copied
  expect(await verifyEntity(input, { db: database.db, timeLeftMs, chunkRows: 600 })).toMatchObject({ repaired: true, pass: 2 });
  expect(await database.query('select count(distinct legacy_id)::int as keys from video_platform.change_queue')).toEqual([{ keys: 1_100 }]);
  await catchUpNow(database);
  await expectConsistent(database);
});

it('a repair that is cut off goes on where it stopped, and queues no chunk twice', async () => {
  await migrateAndDamage();
  const [run] = await database.query<{ id: string }>(
    `insert into video_platform.migration_run (execution_arn, run_date, status) values ('cut off', '2026-11-23', 'completed') returning id`,
  );
  let state: VerifyEntityInput = { runId: run?.id ?? '', runDate: '2026-11-23', repair: true };
  let turns = 0;
  for (let more = true; more; turns++) {
    let asked = 0;
    const oneChunk = () => (++asked > 1 ? 0 : timeLeftMs());
    const { toVerify, ...output } = await verifyEntity(state, { db: database.db, timeLeftMs: oneChunk, chunkRows: 1 });
    state = { ...output, toVerify: toVerify && [...toVerify] };
    more = output.continue;
  }
  expect(turns).toBeGreaterThan(3);
  expect(state).toMatchObject({ pass: 2, repaired: true, toVerify: undefined });
  expect(await database.query('select entity_type, legacy_id from video_platform.change_queue order by 1, 2')).toEqual([
    { entity_type: 'user', legacy_id: 'owner' },
    { entity_type: 'user', legacy_id: 'stray' },
    { entity_type: 'watch_later', legacy_id: 'save' },
  ]);
});
