import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { entities } from '../../lambdas/migration/entities/index.ts';
import { FingerprintMismatchError } from '../../lambdas/migration/errors.ts';
import { planMigration } from '../../lambdas/migration/plan-migration.ts';
import type { TestDatabase } from '../support/database.ts';
import { insertCreator, insertLegacy, legacyBusinessProfile, legacyCampaign, legacyProfile, legacyUser } from '../support/legacy-rows.ts';
import { migrate, testSettings } from '../support/migration.ts';
import { createMigrationDatabase, deploySchema, linkpickSql, migrationFiles, useMigrationDatabase } from '../support/migration-database.ts';
import { catchUpNow, expectConsistent } from './consistency.ts';

/** A LinkPick whose columns have no limits and no constraints but their tables' keys. One column is filled up with blanks, which are no part of its value. */
const widened = linkpickSql
  .replace(/varchar\(\d+\)/g, 'text')
  .replace(/status +text +(?=not null default 'ACTIVE')/, 'status char(40) ')
  .replace(/ not null| unique\b(?! \()| references public\.\w+ \(id\) on delete cascade/g, '')
  .replace(/,\s+unique \([^)]+\)/g, '');
const legacy = ({ query }: TestDatabase) => query(widened);

const database = useMigrationDatabase({ legacy });

const query = <T extends Record<string, unknown>>(sql: string, values: readonly unknown[] = []) => database.query<T>(sql, values);
const ids = async (table: string) =>
  (await query<{ id: string }>(`select id from video_platform.${table} order by id`)).map(({ id }) => id);
const quarantine = async () =>
  (
    await query<Record<'entity_type' | 'legacy_id' | 'reason' | 'column_name', string>>(
      `select entity_type, legacy_id, reason, column_name from video_platform.quarantine order by entity_type, legacy_id`,
    )
  ).map(({ entity_type, legacy_id, reason, column_name }) => `${entity_type} ${legacy_id.trim()} ${reason} ${column_name}`);
const planned = () => planMigration({ db: database.db, settings: testSettings() });
/** By entity and reason class, of the rows in quarantine. */
const setAside = async () => {
  const rows = await query<{ entity_type: string; reason: string; rows: number }>(
    'select entity_type, reason, count(*)::int as rows from video_platform.quarantine group by 1, 2',
  );
  return Object.fromEntries(
    entities.map(({ name }) => [
      name,
      Object.fromEntries(rows.filter(({ entity_type }) => entity_type === name).map(({ reason, rows }) => [reason, rows])),
    ]),
  );
};
/** Text that compression makes no smaller. */
const incompressible = (characters: number) => randomBytes(characters).toString('base64url').slice(0, characters);

describe('a value that is too long by blanks at its end', () => {
  const blanks = ' '.repeat(300);

  beforeEach(async () => {
    const owner = await insertCreator(database, { id: 'good', type: 'BUSINESS', name: `사람${' '.repeat(118)}` });
    await insertLegacy(database, 'users', [
      ...Array.from({ length: 40 }, () => legacyUser()),
      legacyUser({ id: 'long-name', name: `${'김'.repeat(120)} ` }),
      legacyUser({ id: `long-id${blanks}` }),
      legacyUser({ id: 'long-mail', email: `a@example.com${blanks}` }),
    ]);
    await insertLegacy(database, 'business_profiles', [
      legacyBusinessProfile(owner, { id: 'setting' }),
      legacyBusinessProfile('long-name', { id: 'in-vain' }),
    ]);
    await insertLegacy(database, 'campaigns', [
      legacyCampaign(owner, { id: 'long-title', title: `제목${blanks}` }),
      legacyCampaign(owner, { id: 'video', title: `제목${' '.repeat(253)}` }),
    ]);
  });
  const SET_ASIDE = [
    'channel_setting in-vain MISSING_REFERENCE user_id',
    'user long-id TOO_LONG id',
    'user long-mail TOO_LONG email',
    'user long-name TOO_LONG name',
    'video long-title TOO_LONG title',
    'video_analytics long-title MISSING_REFERENCE id',
  ];

  it('sets its row aside by its column, as the plan foresaw, and all others are copied as they are', async () => {
    const foreseen = (await planned()).entities;
    await migrate(database.db);
    expect(await quarantine()).toEqual(SET_ASIDE);
    expect(await setAside()).toEqual(Object.fromEntries(foreseen.map(({ entity, expectedQuarantine }) => [entity, expectedQuarantine])));
    expect(await query('select count(*)::int as users from video_platform.users')).toEqual([{ users: 41 }]);
    expect(await query('select id, char_length(title) as characters from video_platform.videos')).toEqual([
      { id: 'video', characters: 255 },
    ]);
    await expectConsistent(database);
  });

  it('is not cut by a later run, which tries the row again', async () => {
    await migrate(database.db);
    await migrate(database.db);
    expect(await quarantine()).toEqual(SET_ASIDE);
    expect(
      await query(`select metadata ->> 'attempts' as attempts from video_platform.migration_status where legacy_id = 'long-name'`),
    ).toEqual([{ attempts: '2' }]);
    await query(`update public.users set name = rtrim(name) where id = 'long-name'`);
    await migrate(database.db);
    expect(await quarantine()).toEqual(
      SET_ASIDE.filter((row) => !/long-name|in-vain/.test(row))
        .concat('channel_setting in-vain MISSING_REFERENCE user_id')
        .sort(),
    );
    await expectConsistent(database);
  });

  it('written into a row that was copied sets it aside; what is served stays, until the value fits', async () => {
    await migrate(database.db);
    await query(`update public.users set name = rpad('새 이름', 500) where id = 'good'`);
    await query(`update public.campaigns set title = rpad('새 제목', 500), view_count = 7 where id = 'video'`);
    await catchUpNow(database);
    expect(await quarantine()).toEqual(
      [...SET_ASIDE, 'channel good TOO_LONG name', 'user good TOO_LONG name', 'video video TOO_LONG title'].sort(),
    );
    expect(await query(`select rtrim(title) as title from video_platform.videos where id = 'video'`)).toEqual([{ title: '제목' }]);
    await expectConsistent(database);

    await query(`update public.users set name = rtrim(name)`);
    await query(`update public.campaigns set title = rtrim(title)`);
    await catchUpNow(database);
    expect(await query('select id, title from video_platform.videos order by id')).toEqual([
      { id: 'long-title', title: '제목' },
      { id: 'video', title: '새 제목' },
    ]);
    await expectConsistent(database);
  });

  it('hides no other difference: a row without such a value that is stored otherwise ends the run', async () => {
    await query(
      `create function video_platform.meddle() returns trigger language plpgsql as 'begin new.status := lower(new.status); return new; end'`,
    );
    await query('create trigger meddle before insert on video_platform.users for each row execute function video_platform.meddle()');
    try {
      await query(`delete from public.users where id not in ('good', 'long-mail', 'long-name')`);
      await query(`update public.users set id = 'a-' || id where id like 'long%'`); // they come first
      await expect(migrate(database.db)).rejects.toBeInstanceOf(FingerprintMismatchError);
      expect(await quarantine()).toEqual(['user a-long-mail TOO_LONG email', 'user a-long-name TOO_LONG name']);
      expect(await ids('users')).toEqual([]);
    } finally {
      await query('drop function video_platform.meddle() cascade');
    }
  });
});

describe('an id of any length', () => {
  const LENGTHS = [31, 64, 65, 300, 3_000];
  const id = (length: number) => 'i'.repeat(length);

  it('is recorded: its row is set aside by that column, as the plan foresaw, and leaves with it', async () => {
    await insertCreator(database, { id: 'good' });
    for (const length of LENGTHS) await insertCreator(database, { id: id(length) });
    await insertCreator(database, { id: incompressible(2_600) });
    await insertLegacy(database, 'campaigns', [legacyCampaign('good', { id: id(400) }), legacyCampaign('good', { id: 'video' })]);
    const foreseen = (await planned()).entities;
    await migrate(database.db);
    expect(await ids('users')).toEqual(['good']);
    expect(await ids('videos')).toEqual(['video']);
    expect(await setAside()).toEqual(Object.fromEntries(foreseen.map(({ entity, expectedQuarantine }) => [entity, expectedQuarantine])));
    expect(
      await query(`select count(*)::int as rows from video_platform.quarantine where (reason, column_name) = ('TOO_LONG', 'id')`),
    ).toEqual([{ rows: 7 }]);
    await expectConsistent(database);

    await migrate(database.db); // tries them again
    await query(`delete from public.users where id <> 'good'`);
    await query(`delete from public.campaigns where id <> 'video'`);
    await catchUpNow(database);
    expect(await quarantine()).toEqual([]);
    await expectConsistent(database);
  });

  it('fails no write on LinkPick, nor does a reference without a value', async () => {
    await migrate(database.db); // installs capture
    for (const length of LENGTHS) await insertCreator(database, { id: id(length) });
    // A reference may hold what no table's key can be, and nothing at all.
    await insertLegacy(database, 'profiles', [legacyProfile(incompressible(9_000)), legacyProfile(null, { id: 'of-nobody' })]);
    await query(`update public.profiles set name = 'x'`);
    await query(`update public.profiles set user_id = null where user_id = $1`, [id(300)]);
    await query(`update public.profiles set user_id = $1 where id = 'of-nobody'`, [id(300)]);
    await catchUpNow(database);
    await migrate(database.db);
    expect(await query(`select count(*)::int as rows from video_platform.quarantine where entity_type = 'user'`)).toEqual([
      { rows: LENGTHS.length },
    ]);
    await query('truncate public.users, public.profiles');
    await catchUpNow(database);
    expect(await quarantine()).toEqual([]);
    await expectConsistent(database);
  });

  it('that an index of LinkPick has just room for, and the ledger none, stays pending, and stops neither run nor catch-up', async () => {
    await insertCreator(database, { id: 'good' });
    await insertCreator(database, { id: incompressible(2_690) });
    await insertLegacy(database, 'users', [legacyUser({ id: incompressible(2_690), type: '?' })]);
    for (let runs = 0; runs < 2; runs++) {
      await migrate(database.db);
      expect(
        await query(`select entity_type, total::int, completed::int, pending::int from video_platform.migration_dashboard where total > 0`),
      ).toEqual([
        { entity_type: 'user', total: 3, completed: 1, pending: 2 },
        { entity_type: 'channel', total: 2, completed: 1, pending: 1 },
      ]);
      await query(`update public.users set name = 'x' where id <> 'good'`);
      await catchUpNow(database);
      await expectConsistent(database);
    }
  });
});

it('the migration file that makes room for ids keeps views, rows and what was proven of them', async () => {
  const [file] = migrationFiles.filter(({ name }) => name.endsWith('-legacy-keys.sql'));
  const before = await createMigrationDatabase({ legacy, files: migrationFiles.filter((other) => other !== file) });
  try {
    await insertCreator(before, { id: 'good' });
    await insertLegacy(before, 'users', [legacyUser({ id: 'bad', type: '?' })]);
    await migrate(before.db);
    await insertLegacy(before, 'campaigns', [legacyCampaign('good', { id: 'later' })]);
    const views = ['quarantine', 'entity_mapping', 'pending_change', 'migration_dashboard'];
    const content = () =>
      Promise.all(
        views.map((view) =>
          before.query(`select to_jsonb(v) - '{eta_earliest,eta_latest}'::text[] as row from video_platform.${view} v order by 1`),
        ),
      );
    const [shown, compiledAt] = [
      await content(),
      await before.query(`select * from video_platform.schema_migration where name = 'compiled views'`),
    ];

    expect(await deploySchema(before.db)).toMatchObject({ applied: [file?.name] });
    expect(await content()).toEqual(shown);
    expect(await before.query(`select * from video_platform.schema_migration where name = 'compiled views'`)).toEqual(compiledAt);
    await insertCreator(before, { id: 'i'.repeat(70) });
    await migrate(before.db);
    expect(await before.query(`select count(*)::int as rows from video_platform.quarantine where reason = 'TOO_LONG'`)).toEqual([
      { rows: 1 },
    ]);
    await expectConsistent(before);
  } finally {
    await before.close();
  }
});
