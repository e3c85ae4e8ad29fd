import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { DataApi } from '../../lambdas/data-api/data-api.ts';
import { entities, UnknownEntityError } from '../../lambdas/migration/entities/index.ts';
import { VerifyEntityInput, verifyEntity } from '../../lambdas/migration/verify-entity.ts';
import { parseInput } from '../../lambdas/step.ts';
import { insertCreator, insertLegacy, legacyCampaign, legacyUser } from '../support/legacy-rows.ts';
import { migrate } from '../support/migration.ts';
import { useMigrationDatabase } from '../support/migration-database.ts';
import { through, timedOut } from '../support/through.ts';

const database = useMigrationDatabase();

interface Verifying {
  readonly chunkRows?: number;
  readonly toVerify?: readonly string[];
  readonly runId?: string;
  readonly timeLeftMs?: () => number;
  readonly recompute?: boolean;
}

/** A row of migration_run to verify under. */
async function newRun(): Promise<string> {
  const [run] = await database.query<{ id: string }>(
    `insert into video_platform.migration_run (execution_arn, run_date, status) values ($1, '2026-11-23', 'completed') returning id`,
    [randomUUID()],
  );
  return run?.id ?? '';
}

async function verify({ chunkRows = 3, toVerify, runId, timeLeftMs = () => 900_000, recompute }: Verifying = {}) {
  const run = runId ?? (await newRun());
  const input = parseInput(VerifyEntityInput, { runId: run, runDate: '2026-11-23', toVerify, recompute });
  const output = await verifyEntity(input, { db: database.db, timeLeftMs, chunkRows });
  return { output, runId: run, ...(await found(run)) };
}

interface Found {
  readonly compared: number;
  readonly missing: number;
  readonly extra: number;
  readonly different: number;
  readonly findings: readonly { readonly key: string; readonly outcome: string; readonly columns: readonly string[] }[];
  readonly finished: boolean;
}

type EntityName = 'user' | 'channel' | 'channel_setting' | 'video' | 'video_submission' | 'watch_later' | 'video_analytics';

async function found(runId: string): Promise<Partial<Record<EntityName, Found>>> {
  const rows = await database.query<Found & { entity_type: string }>(
    `select entity_type, compared::int, missing::int, extra::int, different::int, findings, finished_at is not null as finished
     from video_platform.verification_run where run_id = $1`,
    [runId],
  );
  return Object.fromEntries(rows.map(({ entity_type, ...row }) => [entity_type, row]));
}

const clean = (compared: number) => ({ compared, missing: 0, extra: 0, different: 0, findings: [], finished: true });

/** Users u00…, each with a channel; ids ascend. */
async function migratedCreators(count: number): Promise<void> {
  for (let index = 0; index < count; index++) await insertCreator(database, { id: `u${String(index).padStart(2, '0')}` });
  await migrate(database.db);
}

/** As if the triggers had been off. */
const captureMissed = () => database.query('truncate video_platform.change_log, video_platform.change_queue');

async function strayUser(id: string, origin: string): Promise<void> {
  await database.query(`insert into video_platform.users (id, email, name, user_type, origin) values ($1, $2, '떠돌이', 'ADMIN', $3)`, [
    id,
    `${id}@stray.example`,
    origin,
  ]);
}

describe('verification', () => {
  it('is clean at rest, and compares every completed row of every entity', async () => {
    await migratedCreators(4);
    await insertLegacy(database, 'campaigns', [legacyCampaign('u00'), legacyCampaign('u01'), legacyCampaign('nobody')]);
    await insertLegacy(database, 'users', [legacyUser({ id: 'odd', type: '?' })]);
    await migrate(database.db);
    await insertLegacy(database, 'users', [legacyUser({ id: 'pending' })]);
    const { output, user, channel, video } = await verify();
    expect(output).toMatchObject({ toVerify: [], continue: false });
    expect({ user, channel, video }).toEqual({ user: clean(4), channel: clean(4), video: clean(2) });
  });

  it('is clean when there is nothing at all', async () => {
    const { user, channel, video } = await verify();
    expect({ user, channel, video }).toEqual({ user: clean(0), channel: clean(0), video: clean(0) });
  });

  it('demands nothing of a row that the database refused: it is set aside, not missing', async () => {
    await strayUser('taken', 'videopick');
    await insertLegacy(database, 'users', [legacyUser({ id: 'refused', email: 'taken@stray.example' }), legacyUser()]);
    await migrate(database.db);
    expect(await database.query('select legacy_id from video_platform.quarantine')).toEqual([{ legacy_id: 'refused' }]);
    expect((await verify()).user).toEqual(clean(1));
  });

  // The first and the last row, and both sides of a chunk's edge.
  it.each(['u00', 'u02', 'u03', 'u09'])('finds the target row of %s missing', async (key) => {
    await migratedCreators(10);
    await database.query('delete from video_platform.channels where user_id = $1', [key]);
    const { channel, user } = await verify();
    expect(channel).toEqual({
      compared: 10,
      missing: 1,
      extra: 0,
      different: 0,
      findings: [{ key, outcome: 'missing', columns: [] }],
      finished: true,
    });
    expect(user).toEqual(clean(10));
  });

  // Before the first legacy row, between rows, on a chunk's edge and after the last.
  it.each(['a', 'u025', 'u02x', 'z'])('finds a stray target row %s that claims to come from LinkPick', async (key) => {
    await migratedCreators(6);
    await strayUser(key, 'legacy');
    expect((await verify()).user).toMatchObject({ missing: 0, extra: 1, different: 0, findings: [{ key, outcome: 'extra', columns: [] }] });
  });

  it('leaves alone what was born on VideoPick', async () => {
    await migratedCreators(3);
    await strayUser('born-here', 'videopick');
    expect((await verify()).user).toEqual(clean(3));
  });

  it.each([
    [{ user: `status = 'BLOCKED'` }, ['status']],
    [{ user: `name = name || ' '` }, ['name']],
    [{ user: `last_login_at = now()` }, ['last_login_at']],
    [{ user: `created_at = created_at + interval '1 millisecond', email = 'x@example.com'` }, ['email', 'created_at']],
    [{ channel: `handle = 'other', description = ''` }, ['handle', 'description']],
    [{ video: `tags = tags || '{x}'::text[]` }, ['tags']],
    [{ video: `campaign = campaign - 'budget'` }, ['campaign']],
    [{ video: `view_count = view_count + 1, published_at = null` }, ['view_count', 'published_at']],
  ])('names the columns that differ: %j', async (change, columns) => {
    await insertCreator(database, { id: 'u' });
    await insertLegacy(database, 'campaigns', [legacyCampaign('u', { id: 'v', hashtags: 'a,b', budget: 10 })]);
    await migrate(database.db);
    const [entity = '', assignments] = Object.entries(change)[0] ?? [];
    await database.query(`update video_platform.${entity}s set ${assignments}`);
    const result = await verify();
    for (const name of ['user', 'channel', 'video'] as const) {
      expect(result[name]).toEqual(
        name === entity
          ? { ...clean(1), different: 1, findings: [{ key: name === 'video' ? 'v' : 'u', outcome: 'different', columns }] }
          : clean(1),
      );
    }
  });

  it('compares nothing but what the migration writes', async () => {
    await insertCreator(database, { id: 'u' });
    await insertLegacy(database, 'campaigns', [legacyCampaign('u')]);
    await migrate(database.db);
    await database.query(`update video_platform.channels set subscriber_count = 9, banner_url = '/b.png'`);
    await database.query(`update video_platform.videos set duration_seconds = 3, resolution = '640x360', processing_status = 'failed'`);
    const { channel, video } = await verify();
    expect({ channel, video }).toEqual({ channel: clean(1), video: clean(1) });
  });

  it('leaves the thumbnail to the new platform once the video plays, and not before', async () => {
    await insertCreator(database, { id: 'u' });
    await insertLegacy(database, 'campaigns', [legacyCampaign('u', { id: 'v', thumbnail_image_url: 'https://old.example/t.png' })]);
    await migrate(database.db);
    await database.query(`update video_platform.videos set thumbnail_url = '/thumbnails/v/poster.jpg'`);
    expect((await verify()).video?.findings).toEqual([{ key: 'v', outcome: 'different', columns: ['thumbnail_url'] }]);
    await database.query(`update video_platform.videos set video_url = '/encoded/v/index.m3u8'`);
    expect((await verify()).video).toEqual(clean(1));
  });

  it('shows a legacy update that capture missed as different, with its columns', async () => {
    await migratedCreators(4);
    await database.query(`update public.users set status = 'DORMANT', updated_at = '2026-01-01' where id = 'u02'`);
    await captureMissed();
    const { user, channel } = await verify();
    expect(user).toMatchObject({ different: 1, findings: [{ key: 'u02', outcome: 'different', columns: ['status', 'updated_at'] }] });
    expect(channel).toMatchObject({ different: 1, findings: [{ key: 'u02', outcome: 'different', columns: ['updated_at'] }] });
  });

  it('shows a legacy delete that capture missed as extra', async () => {
    await migratedCreators(4);
    await database.query(`delete from public.users where id = 'u03'`);
    await captureMissed();
    const { user, channel } = await verify();
    expect(user).toMatchObject({ extra: 1, missing: 0, findings: [{ key: 'u03', outcome: 'extra' }] });
    expect(channel).toMatchObject({ extra: 1, missing: 0, findings: [{ key: 'u03', outcome: 'extra' }] });
  });

  it('judges no row whose change still waits in the log, and all others', async () => {
    await migratedCreators(4);
    await database.query(`update public.users set status = 'DORMANT' where id = 'u01'`);
    await database.query(`delete from public.users where id = 'u03'`);
    await database.query(`update video_platform.users set status = 'TAMPERED' where id = 'u00'`);
    const { user, channel } = await verify();
    expect(user).toMatchObject({ compared: 2, missing: 0, extra: 0, different: 1, findings: [{ key: 'u00' }] });
    expect(channel).toEqual(clean(2));
  });

  it('counts every difference and lists the first twenty by key, whatever the chunk', async () => {
    await migratedCreators(25);
    await database.query('delete from video_platform.channels');
    for (const chunkRows of [1, 4, 25, 100]) {
      const { channel } = await verify({ chunkRows });
      expect(channel).toMatchObject({ compared: 25, missing: 25, finished: true });
      const keys = (channel?.findings ?? []).map(({ key }) => key);
      expect(keys).toEqual(Array.from({ length: 20 }, (_, index) => `u${String(index).padStart(2, '0')}`));
    }
  });

  it('finds the same in chunks of every size, with differences of every kind', async () => {
    await migratedCreators(9);
    await database.query(`delete from video_platform.channels where user_id in ('u01', 'u05')`);
    await database.query(`update video_platform.channels set description = 'x' where user_id in ('u02', 'u08')`);
    await database.query(`delete from public.users where id in ('u03', 'u04')`);
    await captureMissed();
    const whole = (await verify({ chunkRows: 1000 })).channel;
    expect(whole).toMatchObject({ missing: 2, different: 2, extra: 2, compared: 9 });
    for (let chunkRows = 1; chunkRows <= 8; chunkRows++) expect((await verify({ chunkRows })).channel).toEqual(whole);
  });
});

describe('a verification that is cut off', () => {
  it('goes on where it stopped when the time runs out, as often as it does, and ends the same', async () => {
    await migratedCreators(7);
    await database.query(`delete from video_platform.channels where user_id = 'u04'`);
    const whole = await verify({ chunkRows: 2 });
    const runId = await newRun();
    let toVerify: readonly string[] | undefined;
    let turns = 0;
    for (let more = true; more; turns++) {
      let calls = 0;
      const timeLeftMs = () => (++calls > 1 ? 60_000 : 900_000); // time for one chunk a turn
      const { output } = await verify({ chunkRows: 2, runId, timeLeftMs, ...(toVerify === undefined ? {} : { toVerify }) });
      ({ toVerify, continue: more } = output);
      expect(turns).toBeLessThan(20);
    }
    expect(turns).toBeGreaterThan(4);
    expect(await found(runId)).toEqual(await found(whole.runId));
  });

  it('does nothing without time, and says that there is more', async () => {
    await migratedCreators(2);
    const { output, runId } = await verify({ timeLeftMs: () => 60_000 });
    expect(output).toMatchObject({ toVerify: entities.map(({ name }) => name), continue: true });
    expect(Object.values(await found(runId)).filter((row) => row.compared > 0)).toEqual([]);
  });

  it('counts no chunk twice when steps of the same run overlap or are repeated', async () => {
    await migratedCreators(7);
    const runId = await newRun();
    await Promise.all([verify({ runId, chunkRows: 2 }), verify({ runId, chunkRows: 2 }), verify({ runId, chunkRows: 2 })]);
    const again = await verify({ runId, chunkRows: 2 });
    expect(again.output).toMatchObject({ continue: false });
    expect(await found(runId)).toMatchObject({ user: clean(7), channel: clean(7), video: clean(0), video_analytics: clean(0) });
  });

  it('goes on to the end when the answer of every chunk is lost and the call sent again', async () => {
    await migratedCreators(7);
    const runId = await newRun();
    const sentTwice =
      (query: DataApi['query']) =>
      async (...call: Parameters<DataApi['query']>) => {
        await query(...call);
        return query(...call);
      };
    const twice = {
      query: sentTwice((...call) => database.db.query(...call)),
      transaction: (work: Parameters<DataApi['transaction']>[0]) =>
        database.db.transaction((query) => work(sentTwice(query) as DataApi['query'])),
    };
    const input = { runId, runDate: '2026-11-23' };
    await verifyEntity(input, { db: twice as unknown as DataApi, timeLeftMs: () => 900_000, chunkRows: 2 });
    expect(await found(runId)).toMatchObject({ user: clean(7), channel: clean(7), video: clean(0) });
  });

  it.each(['-- chunks of user', '-- verify user'])('takes smaller chunks when a statement times out: %s', async (slow) => {
    await migratedCreators(12);
    const runId = await newRun();
    const limits: unknown[] = [];
    let timesOut = 2;
    const db = through(database.db, async (sql, parameters, pass) => {
      if (sql.startsWith('-- chunks of user')) limits.push(parameters?.limit);
      if (sql.startsWith(slow) && timesOut-- > 0) throw timedOut();
      return pass();
    });
    await verifyEntity({ runId, runDate: '2026-11-23', toVerify: ['user'] }, { db, timeLeftMs: () => 900_000, chunkRows: 16 });
    expect(limits.slice(0, 2)).toEqual([16, 4]);
    expect((await found(runId)).user).toEqual(clean(12));
  });

  it('refuses an entity it does not know', async () => {
    await expect(verify({ toVerify: ['playlist'] })).rejects.toBeInstanceOf(UnknownEntityError);
  });
});

describe('rows whose versions are the ones that were compared', () => {
  /** Changes a target row and its ledger row in one transaction: for the versions, as if the copy had written both so. No writer of ours does it. */
  const forge = (id: string) =>
    database.query(`with forged as (update video_platform.users set name = '위조' where id = '${id}')
      update video_platform.migration_status set status = status where entity_type = 'user' and legacy_id = '${id}'`);
  const sourceVersions = () =>
    database.query(
      `select distinct entity_type, source_version is not null as kept from video_platform.migration_status order by entity_type, kept`,
    );

  it('are not compared again, unless it is asked for', async () => {
    await migratedCreators(4);
    await forge('u01');
    expect((await verify()).user).toEqual(clean(4));
    expect((await verify({ recompute: true })).user).toMatchObject({
      compared: 4,
      different: 1,
      findings: [{ key: 'u01', outcome: 'different', columns: ['name'] }],
    });
  });

  it('are compared again once the projection is another one', async () => {
    await migratedCreators(4);
    await forge('u01');
    await database.query(`update video_platform.schema_migration set applied_at = clock_timestamp() where name = 'compiled views'`);
    expect((await verify()).user).toMatchObject({ compared: 4, different: 1 });
  });

  it('are those that a copy wrote; what catch-up or a retry derived is compared by its values', async () => {
    await migratedCreators(2);
    await insertLegacy(database, 'campaigns', [legacyCampaign('u00', { id: 'v1' })]);
    await migrate(database.db);
    expect(await sourceVersions()).toEqual([
      { entity_type: 'channel', kept: false }, // reads more than one legacy row
      { entity_type: 'user', kept: true },
      { entity_type: 'video', kept: true },
      { entity_type: 'video_analytics', kept: true },
    ]);
    await database.query(`update public.campaigns set title = '새 제목'`);
    await migrate(database.db);
    expect(await sourceVersions()).toContainEqual({ entity_type: 'video', kept: false });
    expect((await verify()).video).toEqual(clean(1));
  });
});
