import { describe, expect, it } from 'vitest';
import { catchUp } from '../../lambdas/migration/catch-up.ts';
import { controlRuns } from '../../lambdas/operations/control-runs.ts';
import { QuarantineQuery, readQuarantine } from '../../lambdas/operations/read-quarantine.ts';
import { readStatus } from '../../lambdas/operations/read-status.ts';
import { retryRows } from '../../lambdas/operations/retry-rows.ts';
import { insertCreator, insertLegacy, legacyCampaign, legacyUser } from '../support/legacy-rows.ts';
import { migrate, testSettings, timeLeftMs } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';

const database = useMigrationDatabase();

const read = (query: object = {}) => readQuarantine(database.db, QuarantineQuery.parse(query));
const applyAll = () => catchUp({}, { db: database.db, settings: testSettings(), timeLeftMs });

/** Three users of a type nobody knows, one of them with an address in its place, and a campaign of nobody. */
async function quarantined() {
  const robots = [legacyUser({ type: 'ROBOT' }), legacyUser({ type: 'ROBOT' }), legacyUser({ type: 'kim@example.com' })];
  const orphan = legacyCampaign('nobody');
  await insertLegacy(database, 'users', robots);
  await insertCreator(database);
  await insertLegacy(database, 'campaigns', [orphan]);
  await migrate(database.db);
  await database.query('truncate video_platform.change_log, video_platform.change_queue');
  return { robots: robots.map(({ id }) => String(id)), orphan: String(orphan.id) };
}

/** A change that capture does not see, as a restore or a script with the triggers off would make it. */
async function mendUnseen(sql: string, values: readonly unknown[]): Promise<void> {
  const client = await database.pool.connect();
  try {
    await client.query('begin');
    await client.query('set local session_replication_role = replica');
    await client.query(sql, [...values]);
    await client.query('commit');
  } finally {
    client.release();
  }
}

describe('the rows of the quarantine', () => {
  it('carry reason, column and attempts, and a value only when it is an enum or an id', async () => {
    const { robots, orphan } = await quarantined();
    const { rows, next } = await read();
    expect(next).toBeNull();
    expect(rows.filter(({ entity }) => entity === 'user')).toMatchObject([
      { legacyId: robots[0], reason: 'UNKNOWN_VALUE', column: 'type', value: 'ROBOT', withheld: false, attempts: 1, queued: false },
      { legacyId: robots[1], value: 'ROBOT' },
      { legacyId: robots[2], value: null, withheld: true },
    ]);
    expect(rows.find(({ legacyId, entity }) => legacyId === orphan && entity === 'video')).toMatchObject({
      reason: 'MISSING_REFERENCE',
      column: 'business_id',
      value: 'nobody',
    });
    expect(JSON.stringify(rows)).not.toContain('kim@');
    expect(Math.abs(Date.parse(rows[0]?.since ?? '') - Date.now())).toBeLessThan(60_000);
  });

  it('say when they were set aside and when they were tried last, as far as the ledger knows', async () => {
    await database.query(
      `insert into video_platform.migration_status (entity_type, legacy_id, status, run_id, metadata, migrated_at)
       select 'user', id, 'failed', gen_random_uuid(), metadata::jsonb, '2026-11-23T03:00:00Z' from (values
         ('c1', '{"class": "CONSTRAINT", "attempts": 1}'),
         ('c2', '{"class": "CONSTRAINT", "attempts": 3}'),
         ('c3', '{"class": "CONSTRAINT", "attempts": 3, "firstAt": "2026-11-20T09:00:00.5+09:00"}')) set_aside (id, metadata)`,
    );
    const since = '2026-11-23T03:00:00.000Z';
    expect((await read()).rows).toMatchObject([
      { attempts: 1, firstSince: since, since },
      { attempts: 3, firstSince: null, since },
      { attempts: 3, firstSince: '2026-11-20T00:00:00.500Z', since },
    ]);
  });

  it('keep the first time when the database refuses a change again', async () => {
    const user = await insertCreator(database, { id: 'u' });
    await migrate(database.db);
    const set = (email: string) => database.query('update public.users set email = $1 where id = $2', [email, user]);
    await database.query(
      `insert into video_platform.users (id, email, name, user_type, origin) values ('t', 't@x', '선점', 'ADMIN', 'videopick')`,
    );
    await set('t@x');
    await applyAll();
    const [first] = (await read()).rows;
    expect(first).toMatchObject({ legacyId: 'u', attempts: 1, firstSince: first?.since });
    await database.query(`update public.users set name = '다시' where id = $1`, [user]);
    await applyAll();
    const [again] = (await read()).rows;
    expect(again).toMatchObject({ legacyId: 'u', attempts: 2, firstSince: first?.firstSince });
    expect(Date.parse(again?.since ?? '')).toBeGreaterThan(Date.parse(first?.since ?? ''));
  });

  it('are narrowed by entity and reason, and paged without a gap', async () => {
    const { robots, orphan } = await quarantined();
    expect((await read({ entity: 'user' })).rows.map(({ legacyId }) => legacyId)).toEqual(robots);
    expect((await read({ entity: 'video', reason: 'MISSING_REFERENCE' })).rows.map(({ legacyId }) => legacyId)).toEqual([orphan]);
    expect(await read({ reason: 'TOO_LONG' })).toEqual({ rows: [], next: null });
    const all = (await read()).rows;
    const paged = [];
    for (let after: string | undefined; ; ) {
      const page = await read({ limit: 2, after });
      paged.push(...page.rows);
      if (page.next === null) break;
      after = page.next;
    }
    expect(paged).toEqual(all);
  });

  it('never quote what the database quoted of a row', async () => {
    const message = 'ERROR: invalid input syntax for type integer: "홍길동" of hong@example.com\n  Detail: Key (email)=(x)';
    await database.query(
      `insert into video_platform.migration_status (entity_type, legacy_id, status, run_id, metadata)
       values ('user', 'c1', 'failed', gen_random_uuid(), $1), ('user', 'c2', 'failed', gen_random_uuid(), $2)`,
      [
        JSON.stringify({ class: 'UNSUPPORTED_VALUE', sqlState: '22P02', message }),
        JSON.stringify({
          class: 'CONSTRAINT',
          sqlState: '23505',
          message: 'ERROR: duplicate key value violates unique constraint "users_email_key"',
        }),
      ],
    );
    const { rows } = await read();
    expect(rows).toMatchObject([
      { sqlState: '22P02', message: 'ERROR: invalid input syntax for type integer: "…" of …' },
      { sqlState: '23505', message: 'ERROR: duplicate key value violates unique constraint "users_email_key"' },
    ]);
  });
});

describe('a retry', () => {
  it('releases a row whose source was mended where capture did not see it', async () => {
    const { robots } = await quarantined();
    const [mended = '', still = ''] = robots;
    await mendUnseen(`update public.users set type = 'INFLUENCER' where id = $1`, [mended]);
    await applyAll();
    expect((await read({ entity: 'user' })).rows).toHaveLength(3);

    expect(await retryRows(database.db, { entity: 'user', legacyIds: [mended, still, 'c-not-there'] })).toEqual({
      queued: 2,
      alreadyQueued: 0,
      left: 0,
    });
    expect((await read({ entity: 'user' })).rows.map(({ queued }) => queued)).toEqual([true, true, false]);
    expect(await retryRows(database.db, { entity: 'user', legacyIds: [mended, still] })).toEqual({ queued: 0, alreadyQueued: 2, left: 0 });
    expect((await readStatus(database.db)).capture).toMatchObject({ backlog: 2, oldestSeconds: 0 });

    await applyAll();
    expect((await read({ entity: 'user' })).rows).toMatchObject([
      { legacyId: still, attempts: 2, queued: false },
      { legacyId: robots[2], attempts: 1 },
    ]);
    expect(await database.query('select id from video_platform.users where id = $1', [mended])).toHaveLength(1);
    expect(
      await database.query(`select status from video_platform.migration_status where entity_type = 'user' and legacy_id = $1`, [mended]),
    ).toEqual([{ status: 'completed' }]);
  });

  it('takes all rows of a reason, a thousand at a time, until none is left', async () => {
    await database.query(
      `insert into video_platform.migration_status (entity_type, legacy_id, status, run_id, metadata)
       select 'user', 'c' || n, 'failed', gen_random_uuid(), jsonb_build_object('class', case when n <= 2400 then 'TOO_LONG' else 'CONSTRAINT' end)
       from generate_series(1, 2500) n`,
    );
    const retry = () => retryRows(database.db, { entity: 'user', reason: 'TOO_LONG' });
    expect(await retry()).toEqual({ queued: 1000, alreadyQueued: 0, left: 1400 });
    expect(await retry()).toEqual({ queued: 1000, alreadyQueued: 1000, left: 400 });
    expect(await retry()).toEqual({ queued: 400, alreadyQueued: 2000, left: 0 });
    expect(await retry()).toEqual({ queued: 0, alreadyQueued: 2400, left: 0 });
    expect(await database.query('select count(*)::int as changes from video_platform.pending_change')).toEqual([{ changes: 2400 }]);
  });

  it('leaves rows alone that are not in quarantine', async () => {
    const id = await insertCreator(database);
    await migrate(database.db);
    await database.query('truncate video_platform.change_log, video_platform.change_queue');
    expect(await retryRows(database.db, { entity: 'user', legacyIds: [String(id)] })).toEqual({ queued: 0, alreadyQueued: 0, left: 0 });
  });
});

describe('control', () => {
  it('pauses and resumes, and the status says why nothing moves', async () => {
    await insertCreator(database);
    await controlRuns(database.db, { action: 'pause', reason: '점검' });
    await migrate(database.db);
    const paused = await readStatus(database.db);
    expect(paused.control).toMatchObject({ request: 'pause', reason: '점검' });
    expect(paused.movement).toMatchObject({ code: 'PAUSE_REQUESTED', reason: '점검', value: 'pause', threshold: 'run' });
    expect(paused.runs[0]?.pause).toMatchObject({ reason: 'REQUESTED: 점검', value: 'pause' });
    await controlRuns(database.db, { action: 'resume' });
    expect((await readStatus(database.db)).control).toMatchObject({ request: 'run', reason: null });
  });

  it('cancels the run at work, and none that is not there yet', async () => {
    await expect(controlRuns(database.db, { action: 'cancel' })).rejects.toMatchObject({
      statusCode: 409,
      message: expect.stringContaining('no run at work'),
    });
    expect((await readStatus(database.db)).control?.request).toBe('run');
    await migrate(database.db);
    expect(await controlRuns(database.db, { action: 'cancel', reason: '잘못 시작함' })).toMatchObject({ request: 'cancel' });
    expect((await readStatus(database.db)).movement).toMatchObject({ code: 'CANCEL_REQUESTED', state: 'waiting' });
  });

  it('shows the quota of the day and when the last row will have moved', async () => {
    for (let users = 0; users < 3; users += 1) await insertCreator(database);
    await migrate(database.db, { dailyLimit: 2, runDate: '2099-01-01' }); // not over before the test is
    await database.query(`update video_platform.migration_run set status = 'completed', finished_at = now()`);
    const { quota, movement, eta, entities } = await readStatus(database.db);
    expect(quota).toEqual({ runDate: '2099-01-01', dailyLimit: 2, byHand: false, completed: 2 });
    expect(movement).toMatchObject({ code: 'QUOTA_USED', value: 2, threshold: 2, unit: 'rows' });
    expect(Math.round((Date.parse(eta?.latest ?? '') - Date.now()) / 86_400_000)).toBe(2); // 4 rows, 2 a day
    expect(entities[0]?.eta?.latest).not.toBeNull();
  });
});
