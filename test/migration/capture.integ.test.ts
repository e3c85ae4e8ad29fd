import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { DataApi } from '../../lambdas/data-api/data-api.ts';
import { ensureCapture, removeCapture } from '../../lambdas/migration/capture.ts';
import { CaptureNotWorkingError } from '../../lambdas/migration/errors.ts';
import { createDatabase, dataApi } from '../support/database.ts';
import { insertCreator, insertLegacy, legacyCampaign, legacySave, legacyUser } from '../support/legacy-rows.ts';
import { migrate, open } from '../support/migration.ts';
import { createMigrationDatabase, deploySchema, linkpickSql, type MigrationDatabase } from '../support/migration-database.ts';
import { catchUpNow, expectConsistent } from './consistency.ts';

const TABLES = ['users', 'profiles', 'business_profiles', 'campaigns', 'campaign_applications', 'saved_campaigns'];
let database: MigrationDatabase;

// A database each: these tests change the catalog.
beforeEach(async () => {
  database = await createMigrationDatabase();
});
afterEach(() => database?.close());

const changes = () =>
  database.query<{ entity_type: string; legacy_id: string }>(
    'select entity_type, legacy_id from video_platform.pending_change order by entity_type, legacy_id',
  );
const triggers = async () =>
  (
    await database.query<{ name: string }>(
      `select c.relname || '.' || t.tgname as name from pg_trigger t join pg_class c on c.oid = t.tgrelid
       where not t.tgisinternal and c.relnamespace = 'public'::regnamespace order by 1`,
    )
  ).map(({ name }) => name);

/** What the catalog says of everything but who made it when. */
const catalog = () =>
  database.query(
    `select 'class' as kind, n.nspname || '.' || c.relname as name, c.relkind::text as detail from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('public', 'video_platform')
     union all select 'trigger', t.tgrelid::regclass || '.' || t.tgname, pg_get_triggerdef(t.oid) from pg_trigger t where not t.tgisinternal
     union all select 'function', p.oid::regprocedure::text, p.prosrc from pg_proc p where p.pronamespace in ('public'::regnamespace, 'video_platform'::regnamespace)
     union all select 'applied', name, checksum from video_platform.schema_migration
     order by 1, 2, 3`,
  );

const messageOf = (failed: Promise<unknown>) =>
  failed.then(
    () => expect.fail('it did not fail'),
    (error: Error) => error.message,
  );
/** What a message says to run. */
const statementIn = (message: string) => /run "([^"]+)"/.exec(message)?.[1] ?? expect.fail(`no statement in: ${message}`);

/** A database with LinkPick's tables and our schema that belongs, as all in it, to a role with the rights of Aurora's master user that matter here. */
async function ownedByNoSuperuser() {
  const created = await createDatabase();
  const role = `master_${created.name}`;
  await created.query(`create role ${role} login createrole`);
  await created.query(`grant set on parameter session_replication_role to ${role}`);
  await created.query(`alter database ${created.name} owner to ${role}`);
  await created.query(`alter schema public owner to ${role}`);
  const owned = { ...created, url: Object.assign(new URL(created.url), { username: role }).href };
  /** One statement in a session of its own. */
  const query = async (sql: string) => {
    const client = new pg.Client({ connectionString: owned.url });
    await client.connect();
    await client.query(sql).finally(() => client.end());
  };
  /** Settings of a role or a database are those of sessions that begin after it. */
  const newSessions = async () => {
    const api = await dataApi(owned);
    onTestFinished(api.close);
    return new DataApi(api.client, api);
  };
  onTestFinished(async () => {
    await created.query(`reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`);
    await created.drop();
  });
  await query(linkpickSql);
  const db = await newSessions();
  await deploySchema(db);
  return { db, role, name: created.name, query, newSessions };
}

describe('capture', () => {
  it('is there before the first batch: four triggers on each of the six tables', async () => {
    expect(await triggers()).toEqual([]);
    await open(database.db);
    expect(await triggers()).toEqual(
      TABLES.flatMap((table) => ['delete', 'insert', 'truncate', 'update'].map((event) => `${table}.videopick_capture_${event}`)).sort(),
    );
    expect(await changes()).toEqual([]);
    for (const table of TABLES) expect(await database.query(`select id from public.${table}`), table).toEqual([]);
  });

  it('is put back when a trigger was dropped or switched off, and works then', async () => {
    await ensureCapture(database.db);
    const before = await triggers();
    await database.query('drop trigger videopick_capture_update on public.campaigns');
    await database.query('alter table public.users disable trigger videopick_capture_update');
    await ensureCapture(database.db);
    expect(await triggers()).toEqual(before);
    await insertLegacy(database, 'users', [legacyUser({ id: 'u', type: 'ADMIN' })]);
    await insertLegacy(database, 'campaigns', [legacyCampaign('u', { id: 'c' })]);
    await database.query('truncate video_platform.change_log, video_platform.change_queue');
    await database.query(`update public.users set name = 'n'`);
    await database.query(`update public.campaigns set title = 't'`);
    expect((await changes()).map(({ entity_type }) => entity_type)).toEqual(['channel', 'user', 'video', 'video_analytics']);
  });

  it('takes the place of what an earlier version had installed', async () => {
    await ensureCapture(database.db);
    const before = await triggers();
    const former = 'videopick_capture_campaigns_rekey';
    await database.query(`create function video_platform.${former}() returns trigger language plpgsql as 'begin return null; end'`);
    await database.query(`create trigger videopick_capture_rekey after update on public.campaigns
      for each row when (old.id is distinct from new.id) execute function video_platform.${former}()`);
    await database.query(`update video_platform.schema_migration set checksum = 'of an earlier version' where name = 'capture triggers'`);
    await ensureCapture(database.db);
    expect(await triggers()).toEqual(before);
    expect(await database.query(`select to_regproc('video_platform.${former}') as found`)).toEqual([{ found: null }]);
  });

  it('refuses to let anything be copied when triggers do not fire', async () => {
    await ensureCapture(database.db);
    await database.query(`create or replace function video_platform.videopick_capture_campaigns_insert() returns trigger language plpgsql as
      'begin return null; end'`);
    const opening = open(database.db);
    await expect(opening).rejects.toBeInstanceOf(CaptureNotWorkingError);
    await expect(opening).rejects.toThrow('campaigns');
    await expect(opening).rejects.toThrow('session_replication_role is origin, as expected; other triggers on them: none');
    expect(await database.query('select id from public.users')).toEqual([]);
    await database.query(statementIn(await messageOf(opening)));
    await open(database.db);
  });

  it("names a trigger of somebody else's that swallows the probe's row", async () => {
    await insertCreator(database, { id: 'u' });
    await insertLegacy(database, 'campaigns', [legacyCampaign('u', { id: 'c' })]);
    await insertLegacy(database, 'saved_campaigns', [legacySave('u', 'c')]);
    await database.query(`create function public.refuse_odd_ids() returns trigger language plpgsql as
      $$ begin if new.id like 'videopick-probe-%' then return null; end if; return new; end $$`);
    await database.query(
      'create trigger odd_ids before insert on public.saved_campaigns for each row execute function public.refuse_odd_ids()',
    );
    await expect(open(database.db)).rejects.toThrow(
      /^changes of saved_campaigns do not .*other triggers on them: saved_campaigns\.odd_ids; .*videopick-probe-/,
    );
  });

  // As on Aurora, where the owner of everything is no superuser: what the message says must be allowed to them.
  it.each([
    ['the role', (role: string) => `alter role ${role} set session_replication_role = replica`],
    ['the database', (_: string, name: string) => `alter database ${name} set session_replication_role = replica`],
    [
      'the role in the database',
      (role: string, name: string) => `alter role ${role} in database ${name} set session_replication_role = replica`,
    ],
  ])('says what puts it right where triggers are switched off for %s, and an owner who is no superuser can do that', async (_of, set) => {
    const owner = await ownedByNoSuperuser();
    await ensureCapture(owner.db);
    await owner.query(set(owner.role, owner.name));
    const db = await owner.newSessions();
    const refused = ensureCapture(db);
    await expect(refused).rejects.toBeInstanceOf(CaptureNotWorkingError);
    await expect(refused).rejects.toThrow('session_replication_role is replica (set by: ');
    await expect(owner.query('alter table public.users enable trigger all')).rejects.toThrow('permission denied'); // what cannot be advised
    await owner.query(statementIn(await messageOf(refused)));
    await ensureCapture(await owner.newSessions());
  });

  it('is proven although a legacy table has gained a column that must be given', async () => {
    await insertCreator(database, { id: 'u' });
    await database.query(`alter table public.users add column phone text not null default '-'`);
    await database.query(`alter table public.users alter column phone drop default`);
    await migrate(database.db);
    await database.query(`update public.users set name = '새'`);
    await catchUpNow(database);
    await expectConsistent(database);
    expect(await database.query('select name from video_platform.users')).toEqual([{ name: '새' }]);
  });

  it('leaves no trace when it is taken off', async () => {
    await insertCreator(database);
    await migrate(database.db);
    await removeCapture(database.db);
    const before = await catalog();
    await ensureCapture(database.db);
    expect(await catalog()).not.toEqual(before);
    await removeCapture(database.db);
    expect(await catalog()).toEqual(before);
    expect(await triggers()).toEqual([]);
    expect(JSON.stringify(before)).not.toContain('capture');
    await removeCapture(database.db); // safe to repeat
  });

  it('takes one change a key of a bulk update of 100,000 rows, and catch-up absorbs it', { timeout: 240_000 }, async () => {
    await database.query(
      `insert into public.campaigns (id, business_id, title, status) select 'c' || n, 'nobody', 't', 'ACTIVE' from generate_series(1, 100000) n`,
    );
    await insertCreator(database, { id: 'u' });
    await database.query(`update public.campaigns set business_id = 'u' where id <> 'c1'`);
    await migrate(database.db, { batchRows: 20_000 });
    await database.query(`update public.campaigns set view_count = 7, business_id = 'u'`);
    expect(
      await database.query(
        'select entity_type, count(*)::int as n, count(distinct legacy_id)::int as keys from video_platform.pending_change group by 1 order by 1',
      ),
    ).toEqual([
      { entity_type: 'video', n: 100_000, keys: 100_000 },
      { entity_type: 'video_analytics', n: 100_000, keys: 100_000 },
    ]);
    expect(await catchUpNow(database)).toMatchObject({
      more: false,
      applied: 200_001, // the campaign that was refused for want of its business brings its baseline along
    });
    await expectConsistent(database);
    expect(await database.query('select sum(views)::int as views from video_platform.video_analytics')).toEqual([{ views: 700_000 }]);
  });

  it('records nothing of a write that is rolled back', async () => {
    await ensureCapture(database.db);
    await database.query(`begin; insert into public.users (id, email, name, type) values ('u', 'u@x', 'u', 'ADMIN'); rollback`);
    expect(await changes()).toEqual([]);
  });

  it("works for LinkPick's role, which has no rights on video_platform", async () => {
    await ensureCapture(database.db);
    const client = await database.pool.connect();
    const role = `linkpick_${database.name}`;
    try {
      await client.query(
        `create role ${role}; grant usage on schema public to ${role}; grant all on all tables in schema public to ${role}; set role ${role}`,
      );
      await expect(client.query('select from video_platform.change_log')).rejects.toThrow('permission denied');
      await client.query(`insert into public.users (id, email, name, type) values ('u', 'u@x', 'u', 'ADMIN')`);
      await client.query(`update public.users set name = 'v'`);
      await client.query('delete from public.users');
      await client.query('truncate public.users cascade');
      await client.query(`reset role; drop owned by ${role}; drop role ${role}`);
    } finally {
      client.release();
    }
    expect(await changes()).toHaveLength(6);
  });

  it('records both keys of a row whose key changes, and the users of profiles that change hands', async () => {
    await ensureCapture(database.db);
    await insertCreator(database, { id: 'a' }, { id: 'p' });
    await insertLegacy(database, 'users', [legacyUser({ id: 'b' })]);
    await insertLegacy(database, 'campaigns', [legacyCampaign('a', { id: 'old' })]);
    await database.query('truncate video_platform.change_log, video_platform.change_queue');
    await database.query(`update public.profiles set user_id = 'b'`);
    await database.query(`update public.campaigns set id = 'new'`);
    expect((await changes()).map(({ entity_type, legacy_id }) => `${entity_type} ${legacy_id}`)).toEqual([
      'channel a',
      'channel b',
      'video new',
      'video old',
      'video_analytics new',
      'video_analytics old',
    ]);
  });
});
