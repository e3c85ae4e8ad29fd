import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CaptureNotWorkingError, ensureCapture, removeCapture } from '../../lambdas/migration/capture.ts';
import { insertCreator, insertLegacy, legacyCampaign, legacyUser } from '../support/legacy-rows.ts';
import { createMigrationDatabase, type MigrationDatabase, migrate, open } from '../support/migration.ts';
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

describe('capture', () => {
  it('is there before the first batch: four triggers on each of the six tables', async () => {
    expect(await triggers()).toEqual([]);
    await open(database.db);
    expect(await triggers()).toEqual(
      TABLES.flatMap((table) =>
        ['delete', 'insert', 'rekey', 'truncate', 'update'].map((event) => `${table}.videopick_capture_${event}`),
      ).sort(),
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

  it('refuses to let anything be copied when triggers do not fire', async () => {
    await ensureCapture(database.db);
    await database.query(`create or replace function video_platform.videopick_capture_campaigns_insert() returns trigger language plpgsql as
      'begin return null; end'`);
    const opening = open(database.db);
    await expect(opening).rejects.toBeInstanceOf(CaptureNotWorkingError);
    await expect(opening).rejects.toThrow('campaigns');
    expect(await database.query('select id from public.users')).toEqual([]);
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
    const client = await database.pool.connect();
    await client.query('begin');
    await client.query(`insert into public.users (id, email, name, type) values ('u', 'u@x', 'u', 'ADMIN')`);
    await client.query('rollback');
    client.release();
    expect(await changes()).toEqual([]);
  });

  it("works for LinkPick's role, which has no rights on video_platform", async () => {
    await ensureCapture(database.db);
    const client = await database.pool.connect();
    const role = `linkpick_${database.name}`;
    await client.query(
      `create role ${role}; grant usage on schema public to ${role}; grant all on all tables in schema public to ${role}; set role ${role}`,
    );
    await expect(client.query('select from video_platform.change_log')).rejects.toThrow('permission denied');
    await client.query(`insert into public.users (id, email, name, type) values ('u', 'u@x', 'u', 'ADMIN')`);
    await client.query(`update public.users set name = 'v'`);
    await client.query('delete from public.users');
    await client.query('truncate public.users cascade');
    await client.query(`reset role; drop owned by ${role}; drop role ${role}`);
    client.release();
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
