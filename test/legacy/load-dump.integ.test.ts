import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { generateSample } from '../../database/legacy/sample/generate-sample.ts';
import { BROKEN_TEXT_MARK } from '../../local/legacy/dump/broken-text.ts';
import { FORMAT_BYTES } from '../../local/legacy/dump/recognise-format.ts';
import { dumpDatabase, linkpick } from './dump-database.ts';
import { byId, countRelations, readLegacyRows } from './legacy-rows.ts';

const { load, loadFile, fileOf, query, database } = dumpDatabase();

const printSample = new URL('../../database/legacy/print-sample.ts', import.meta.url).pathname;
const caseFile = (name: string) => new URL(`cases/${name}.sql`, import.meta.url).pathname;

/** linkpick.sql with one change. */
function altered(from: string | RegExp, to: string): string {
  const text = linkpick.replace(from, to);
  expect(text).not.toBe(linkpick);
  return text;
}

describe('a dump that pg_dump 15 wrote', () => {
  // Made from the same database, which also has a table of Prisma's, another schema, an enum, a sequence, a publication and grants.
  it.each(['pg-dump-15-copy', 'pg-dump-15-inserts'])('is loaded value by value: %s', async (name) => {
    expect(await loadFile(caseFile(name))).toEqual({
      users: 3,
      profiles: 2,
      business_profiles: 1,
      campaigns: 2,
      campaign_applications: 1,
      saved_campaigns: 0,
    });
    const rows = await readLegacyRows(database());
    expect(rows.users[0]).toMatchObject({ name: '김하늘', created_at: '2024-01-01 00:00:00.123', last_login_at: null });
    expect(rows.users[1]?.name).toBe('tab\there');
    expect(rows.profiles[0]).toMatchObject({ name: '\u3000하늘\u3000', bio: 'line one\nline two\r\n\\.\n\\N' });
    expect(rows.business_profiles[0]).toMatchObject({
      company_name: '상점; drop table users; --',
      company_intro: 'it\'s "quoted" C:\\new $$x$$ /* no */',
    });
    expect(rows.campaigns[0]).toMatchObject({
      title: '🎬 제목',
      description: '\\.\n--\n;',
      budget: '100.50',
      end_date: '9999-12-31 23:59:59.999',
    });
    expect(rows.campaigns[1]?.view_count).toBe(5);
  });

  it('keeps its own constraints, enums and sequences, and leaves other tables out', async () => {
    await loadFile(caseFile('pg-dump-15-copy'));
    expect(
      await query("select tablename from pg_tables where tablename in ('companies', '_prisma_migrations') or schemaname = 'other'"),
    ).toEqual([]);
    const [user] = await query(
      "insert into users (id, email, name, type) values ('u9', 'u9@example.com', 'x', 'ADMIN') returning seq, role",
    );
    expect(user).toEqual({ seq: 4, role: 'A' });
    await expect(query("insert into users (id, email, name, type) values ('u8', 'U9@example.com', 'x', 'ADMIN')")).rejects.toThrow(
      'users_lower_idx',
    );
    await query("delete from users where id = 'u1'");
    expect(await query('select id from campaign_applications')).toEqual([]);
  });
});

it('loads what print-sample prints to the very same rows', { timeout: 60_000 }, async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [printSample, '7'], {
    maxBuffer: 64 * 1024 * 1024,
  });
  await load(stdout);
  expect(await readLegacyRows(database())).toEqual(byId(generateSample({ seed: 7 })));
});

it('makes the tables of a data-only dump itself, and takes its rows in any order', async () => {
  const rows = {
    profiles:
      '(id, user_id, name, bio, profile_image, created_at, updated_at) FROM stdin;\np1\tu1\tn\t\\N\t\\N\t2024-01-01\t2024-01-01\n\\.\n',
    users:
      '(id, email, password_hash, name, type, status, last_login_at, created_at, updated_at) FROM stdin;\nu1\te\t\\N\tn\tADMIN\tACTIVE\t\\N\t2024-01-01\t2024-01-01\n\\.\n',
  };
  const empty = ['business_profiles', 'campaigns', 'campaign_applications', 'saved_campaigns'].map(
    (table) => `COPY public.${table} FROM stdin;\n\\.\n`,
  );
  const dump = `COPY public.profiles ${rows.profiles}\nCOPY public.users ${rows.users}\n${empty.join('')}`;
  expect(await load(dump)).toMatchObject({ users: 1, profiles: 1 });
  await expect(query("insert into profiles (id, user_id) values ('p2', 'nobody')")).rejects.toThrow('foreign key');
});

it('takes a NUL among the first rows for broken text, not for binary data', async () => {
  const plain = linkpick.replace(/\s+--.*/g, '');
  const data = `${plain}COPY public.users (id, email, name, type) FROM stdin;\nu1\te\ta\0b\tADMIN\n\\.\n`;
  expect(Buffer.from(data).indexOf(0)).toBeLessThan(FORMAT_BYTES);
  await load(data);
  expect(await query('select name from users')).toEqual([{ name: `a${BROKEN_TEXT_MARK}b` }]);
});

it('leaves out what pg_dump -t writes with a table besides its rows: triggers, policies, rules', async () => {
  await load(
    `${linkpick}CREATE TRIGGER touch BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION public.touch();
CREATE POLICY own ON public.users USING (((id)::text = CURRENT_USER));
CREATE RULE keep AS ON DELETE TO public.users DO INSTEAD NOTHING;\n`,
  );
  expect(await query("select from pg_trigger where tgname = 'touch'")).toEqual([]);
});

it('reads rows across the boundaries of its chunks, wherever the data ends', async () => {
  const name = (index: number) => `${index}${'가'.repeat(70 + (index % 37))}\\\\.\\n\\\\.`;
  const rows = Array.from({ length: 9_000 }, (_, index) => `u${index}\t${index}@example.com\t${name(index)}\tADMIN\n`).join('');
  await load(`${linkpick}COPY public.users (id, email, name, type) FROM stdin;\n${rows}\\.`);
  const users = await query<{ id: string; name: string }>('select id, name from users order by substr(id, 2)::int');
  expect(users).toHaveLength(9_000);
  expect(users[8_999]?.name).toBe(name(8_999).replace('\\n', '\n').replaceAll('\\\\', '\\'));
});

describe('a dump of something else', () => {
  it.each([
    [
      'an empty file',
      '',
      /missing tables "users", "profiles", "business_profiles", "campaigns", "campaign_applications", "saved_campaigns"\./,
    ],
    ['a missing table', () => altered(/create table public.saved_campaigns[^;]*;/, ''), /: missing table "saved_campaigns"\. Expected/],
    [
      'missing columns and another type',
      () => altered(/ {2}bio\s+text,\n {2}profile_image text,/, '').replace(/view_count {10}integer/, 'view_count uuid'),
      /: table "profiles" lacks columns "bio", "profile_image"; column "campaigns.view_count" is uuid, expected integer\. Expected/,
    ],
    [
      'timestamps with a zone',
      () => altered('last_login_at timestamp(3)', 'last_login_at timestamptz'),
      /"users.last_login_at" is timestamp with time zone/,
    ],
    [
      'a missing column of a data-only dump',
      'COPY public.users (id, email) FROM stdin;\n\\.\n',
      /table "users" lacks columns "password_hash", "name"/,
    ],
    ['a missing table of a data-only dump', 'COPY public.users FROM stdin;\n\\.\n', /missing tables "profiles"/],
  ])('is refused by what is missing: %s', async (_, text, message) => {
    await expectRefusal(typeof text === 'string' ? text : text(), 'NotLinkPickError', message);
  });

  it('gets the primary keys it lacks, unless its rows allow none', async () => {
    const keyless = altered(/varchar\(30\) {2}primary key/g, 'varchar(30)').replace(
      / references public\.\w+ \(id\) on delete cascade/g,
      '',
    );
    const rows = "INSERT INTO public.users (id, email, name, type) VALUES ('u1', 'e', 'n', 'ADMIN');\n";
    const message = /table "users" has no primary key on "id", and its rows allow none: .*Key \(id\)=\(u1\) is duplicated/;
    await expectRefusal(`${keyless}${rows}${rows.replace("'e'", "'f'")}`, 'NotLinkPickError', message);
    await load(`${keyless}${rows}`);
    await expect(query(rows.replace("'e'", "'f'"))).rejects.toThrow('users_pkey');
  });

  it('may have further columns, shorter lengths and text for varchar', async () => {
    await load(
      altered('name          varchar(120) not null', 'nickname jsonb, name text not null').replace(
        'varchar(255) not null,',
        'varchar(200) not null,',
      ),
    );
  });
});

describe('a dump that cannot be taken', () => {
  const user = (id: string, more = '') => `${id}\t${id}@example.com\tname\tADMIN${more}\n`;
  const copy = (rows: string) => `${linkpick}COPY public.users (id, email, name, type) FROM stdin;\n${rows}`;
  const lines = linkpick.split('\n').length - 1;

  it.each<[string, string | Buffer, RegExp]>([
    ['a custom-format dump', 'PGDMP\x01\x0e\x00', /custom-format dump.*pg_restore -f legacy\.sql /],
    ['a tar-format dump', 'toc.dat\0\0', /tar-format dump.*pg_restore/],
    ['a gzip file', Buffer.from([0x1f, 0x8b, 8, 0]), /gunzip -c /],
    ['UTF-16', Buffer.from('\ufeffSET x = 1;', 'utf16le'), /UTF-16.*pg_dump -f/],
    [
      'a MySQL dump',
      '-- MySQL dump 10.13\nDROP TABLE IF EXISTS `users`;\n',
      /a MySQL dump; LinkPick's is a PostgreSQL database.*postgres:/,
    ],
    ['prose', 'Dear team,\nplease find the dump attached.\n', /no SQL, it begins with "Dear"; expected plain SQL/],
    ['JSON', '\ufeff\n{"users": []}\n', /no SQL, it begins with "\{"users":"; expected plain SQL/],
    ['a NUL outside of rows', `-- ${'x'.repeat(5_000)}\nSET x\0 = 1;`, /line 2: a NUL byte outside of rows/],
    ['binary data', Buffer.from([0, 0, 0, 0x18, 0x66, 0x74, 0x79, 0x70]), /binary data/],
    ['a psql command', `${linkpick}\\! touch /tmp/x\n`, new RegExp(`line ${lines + 1}: the psql command \\\\! is refused`)],
    ['\\connect', '\\connect linkpick\n', /line 1: the psql command \\connect is refused.*without --create/],
    ['a DO block', '--\n\nDO $$ begin end $$;', /line 3: DO is refused/],
    [
      'a function',
      'CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS $$ select 1; $$;',
      /line 1: CREATE FUNCTION is refused.*pg_dump -t public\.users/,
    ],
    ['COPY from a file', `${linkpick}COPY public.users FROM '/etc/passwd';`, /COPY other than .* is refused/],
    [
      'a default that acts',
      "CREATE TABLE public.users (id text DEFAULT pg_read_file('/etc/passwd'));",
      /line 1: the function pg_read_file is refused/,
    ],
    ['SQL behind COPY', 'COPY public.users FROM stdin; select 1;\n\\.\n', /line 1: found SQL behind COPY/],
    ['DROP behind CREATE', `${linkpick}DROP TABLE public.users;`, /DROP behind CREATE TABLE/],
    ['COPY data without an end', copy(user('u1')), new RegExp(`line ${lines + 3}: the file ends within COPY data`)],
    [
      'a statement without an end',
      `${linkpick}INSERT INTO public.users VALUES ('u1,`,
      new RegExp(`line ${lines + 1}: the statement never ends`),
    ],
    ['a file cut between statements', `-- PostgreSQL database dump\n${linkpick}`, /"PostgreSQL database dump complete" is missing/],
    [
      'a row with too many values',
      copy(`${user('u1')}${user('u2', '\tx')}\\.\n`),
      new RegExp(`line ${lines + 3}: PostgreSQL does not take it: extra data.*COPY users, line 2`),
    ],
    [
      'a bad value early in much data',
      copy(`${user('x'.repeat(31))}${user('u').repeat(100_000)}\\.\n`),
      new RegExp(`line ${lines + 2}: .*value too long`),
    ],
    ['a duplicate key', copy(`${user('u1')}${user('u2')}${user('u1')}\\.\n`), new RegExp(`line ${lines + 4}: .*users_pkey`)],
    [
      'a bad INSERT among good ones',
      `${linkpick}${["'u1'", "'u2'", 'NULL', "'u4'"]
        .map((id) => `INSERT INTO public.users (id, email, name, type) VALUES (${id}, 'e' , 'n', 'ADMIN');\n`)
        .join('')
        .replace("'u2', 'e'", "'u2', 'f'")}`,
      new RegExp(
        `line ${lines + 3}: PostgreSQL does not take it: null value in column "id" of relation "users" violates not-null constraint\\. Nothing`,
      ),
    ],
    [
      'a missing value, without the rest of its row, which is nobody’s business',
      copy(`${user('u1')}u2\t\\N\tname\tADMIN\n\\.\n`),
      /: null value in column "email" of relation "users" violates not-null constraint; COPY users, line 2\. Nothing/,
    ],
  ])('is refused with its line and what to do: %s', async (_, text, message) => {
    await expectRefusal(text, 'DumpError', message);
  });
});

async function expectRefusal(text: string | Buffer, name: string, message: RegExp): Promise<void> {
  const file = fileOf(text);
  const error: unknown = await loadFile(file).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name, exitCode: 2, message: expect.stringMatching(message) });
  expect((error as Error).message).toMatch(/^[^\n]*Nothing was changed\.$/);
  expect((error as Error).message.startsWith(file)).toBe(true);
  expect(await countRelations(database())).toBe(0);
}
