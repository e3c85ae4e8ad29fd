import { describe, expect, it } from 'vitest';
import type { Orphans } from '../../local/legacy/orphans.ts';
import { createDatabase } from '../support/database.ts';
import { copyOf, dumpDatabase, linkpick } from './dump-database.ts';

const { load, loadUrl, query } = dumpDatabase();

const USERS = 'users (id, email, password_hash, name, type, status, last_login_at, created_at, updated_at)';
const PROFILES = 'profiles (id, user_id, name, bio, profile_image, created_at, updated_at)';
const at = '2024-01-01';
const user = `u1\tu1@example.com\t\\N\tn\tADMIN\tACTIVE\t\\N\t${at}\t${at}\n`;
const profile = (id: string, userId: string) => `${id}\t${userId}\t\\N\t\\N\t\\N\t${at}\t${at}\n`;
/** One orphan, which stands before the one user. */
const rows = copyOf({
  [PROFILES]: profile('p1', 'u1') + profile('p2', 'ghost'),
  [USERS]: user,
  business_profiles: '',
  campaigns: '',
  campaign_applications: '',
  saved_campaigns: '',
});
const insertOrphan = "INSERT INTO public.profiles (id, user_id) VALUES ('p2', 'ghost');\n";
/** linkpick.sql as pg_dump writes it: the foreign keys by themselves, behind the rows. */
const keyless = linkpick.replace(/ references public\.\w+ \(id\) on delete cascade/g, '');
const foreignKey =
  'ALTER TABLE ONLY public.profiles\n  ADD CONSTRAINT of_user FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE';

const keysOfProfiles = () =>
  query("select convalidated as holds from pg_constraint where contype = 'f' and conrelid = 'public.profiles'::regclass");

describe('rows that a foreign key does not allow', () => {
  it.each([
    ['a data-only dump', rows],
    ['a data-only dump with INSERTs', insertOrphan],
    ['tables with their foreign keys, then the rows', `${linkpick}${rows}`],
    ['tables, foreign keys, then the rows', `${keyless}${foreignKey};\n${rows}`],
    ['tables, the rows, then foreign keys, as pg_dump has it', `${keyless}${rows}${foreignKey};\n`],
    ['a key that can be deferred', `${keyless}${rows}${foreignKey} DEFERRABLE INITIALLY DEFERRED;\n`],
    ['a key that was not valid before', `${keyless}${rows}${foreignKey} NOT VALID;\n`],
    [
      'a table behind another’s rows',
      keyless
        .replace(/(?=create table public.profiles)/, copyOf({ [USERS]: user }))
        .replace(/(?<=user_id +varchar\(30\) +not null unique)/, ' references public.users') + insertOrphan,
    ],
  ])('are loaded, and the key binds new rows: %s', async (_, dump) => {
    await load(dump);
    expect(await query("select id from profiles where user_id = 'ghost'")).toEqual([{ id: 'p2' }]);
    expect(await keysOfProfiles()).toEqual([{ holds: false }]);
    await expect(query("insert into profiles (id, user_id) values ('p3', 'nobody')")).rejects.toThrow('foreign key');
  });

  it('leave the other keys as they are, to PostgreSQL and to the rows', async () => {
    await load(`${linkpick}${rows.replace(profile('p2', 'ghost'), '')}`);
    expect(await keysOfProfiles()).toEqual([{ holds: true }]);
    await query("delete from users where id = 'u1'");
    expect(await query('select id from profiles')).toEqual([]);
  });
});

it('names the orphans by table and column, the first of them by id', async () => {
  const named: Orphans[] = [];
  const ghosts = ['p6', 'p5', 'p4', 'p3'].map((id) => profile(id, `of ${id}`)).join('');
  await load(`${linkpick}${copyOf({ [USERS]: user, [PROFILES]: profile('p1', 'u1') + ghosts })}`, {
    onOrphans: (orphans) => named.push(orphans),
  });
  expect(named).toEqual([{ table: 'profiles', columns: 'user_id', references: 'users', rows: 4, firstIds: ['p3', 'p4', 'p5'] }]);
});

it('takes the rows of a dump with tables in any order', async () => {
  expect(await load(`${linkpick}${copyOf({ [PROFILES]: profile('p1', 'u1'), [USERS]: user })}`)).toMatchObject({ users: 1, profiles: 1 });
});

it('says which foreign key PostgreSQL does not take for another reason, with its line', async () => {
  const lines = keyless.split('\n').length - 1;
  await expect(load(`${keyless}${foreignKey.replace('(id) ON', '(name) ON')};\n`)).rejects.toThrow(
    new RegExp(
      `, line ${lines + 1}: PostgreSQL does not take it: there is no unique constraint matching given keys for referenced table "users"`,
    ),
  );
});

it('copies the orphans of a database, which may have the key as not valid or not at all', async () => {
  const source = await createDatabase();
  try {
    await source.query(keyless);
    await source.query(`${insertOrphan}${foreignKey} NOT VALID`);
    await loadUrl(source.url);
    expect(await query('select id from profiles')).toEqual([{ id: 'p2' }]);
    expect(await keysOfProfiles()).toEqual([{ holds: false }]);
  } finally {
    await source.drop();
  }
});
