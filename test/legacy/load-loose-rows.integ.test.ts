import { describe, expect, it } from 'vitest';
import { copyOf, dumpDatabase, linkpick } from './dump-database.ts';

const { load, query } = dumpDatabase();

const at = '2024-01-01';
const user = (id: string, email: string, name = 'n') => `${id}\t${email}\t\\N\t${name}\tADMIN\tACTIVE\t\\N\t${at}\t${at}\n`;
const USERS = 'users (id, email, password_hash, name, type, status, last_login_at, created_at, updated_at)';
const others = { profiles: '', business_profiles: '', campaigns: '', campaign_applications: '', saved_campaigns: '' };

const uniqueKeys = () =>
  query(`select conname from pg_constraint where contype = 'u' and conrelid = 'public.users'::regclass order by conname`);

describe('a dump of rows alone, whose columns may have been declared otherwise,', () => {
  it.each([
    ['an address twice', user('a', 'x@example.com') + user('b', 'x@example.com'), 2],
    ['a name of 121 characters', user('a', 'a@example.com', 'n'.repeat(121)), 1],
    ['an id of 31 characters', user('i'.repeat(31), 'a@example.com'), 1],
    ['a null where LinkPick has none', user('a', '\\N', '\\N'), 1],
  ])('is loaded with %s', async (_, rows, count) => {
    expect(await load(copyOf({ [USERS]: rows, ...others }))).toMatchObject({ users: count });
  });

  it('keeps what is unique unique, where rows meet it', async () => {
    await load(copyOf({ [USERS]: user('a', 'a@example.com') + user('b', 'b@example.com'), ...others }));
    expect(await uniqueKeys()).toEqual([{ conname: 'users_email_key' }]);
    await expect(query(`insert into users (id, email, name, type) values ('c', 'a@example.com', 'n', 'ADMIN')`)).rejects.toThrow(
      'duplicate key',
    );
  });
});

describe('addresses that differ in broken bytes alone', () => {
  const unmarked = linkpick.replace(/( email[^,]*?) unique/, '$1');
  const broken = (last: number) =>
    Buffer.concat([Buffer.from(`u${last}\t`), Buffer.from([0xb0, last]), Buffer.from(user('', '@x.kr').slice(1))]);
  const dump = (key: string) =>
    Buffer.concat([
      Buffer.from(`${unmarked}COPY public.${USERS} FROM stdin;\n`),
      broken(0xa1),
      broken(0xa2),
      Buffer.from(`\\.\n${key};\n`),
    ]);

  it('leave the constraint out, for the mark makes them one', async () => {
    expect(unmarked).not.toBe(linkpick);
    await load(dump('ALTER TABLE ONLY public.users ADD CONSTRAINT users_email_key UNIQUE (email)'));
    expect(await query('select id from users order by id')).toEqual([{ id: 'u161' }, { id: 'u162' }]);
    expect(await uniqueKeys()).toEqual([]);
  });

  it('leave a unique index out too', async () => {
    await load(dump('CREATE UNIQUE INDEX users_email ON public.users (email)'));
    expect(await query('select id from users')).toHaveLength(2);
  });
});
