import { describe, expect, it } from 'vitest';
import { copyOf, dumpDatabase, linkpick } from './dump-database.ts';

const { load, query } = dumpDatabase();

const replaced = (from: string | RegExp, to: string) => {
  const text = linkpick.replace(from, to);
  expect(text).not.toBe(linkpick);
  return text;
};

describe('a data-only dump of a table that has gained a column', () => {
  const others = { users: '', profiles: '', business_profiles: '', campaign_applications: '', saved_campaigns: '' };

  it('is loaded with the column as text, from COPY', async () => {
    const columns =
      'campaigns (id, business_id, title, "Sponsor ""x""", description, thumbnail_image_url, view_count, status, hashtags, budget, start_date, end_date, created_at, updated_at)';
    const row = 'c1\tu1\t제목\tacme\t\\N\t\\N\t3\tACTIVE\t\\N\t\\N\t\\N\t\\N\t2024-01-01\t2024-01-01\n';
    await load(copyOf({ ...others, [columns]: row }));
    expect(await query('select title, "Sponsor ""x""" as sponsor, view_count from campaigns')).toEqual([
      { title: '제목', sponsor: 'acme', view_count: 3 },
    ]);
  });

  it('is loaded with the column as text, from INSERTs, whatever the literal', async () => {
    const insert = (id: string, columns: string, values: string) =>
      `INSERT INTO public.campaigns (id, ${columns}, business_id, title) VALUES ('${id}', ${values}, 'u1', 't');\n`;
    await load(`${insert('c1', 'sponsor', "'acme'")}${insert('c2', 'sponsor, is_paid', '1.5, true')}${insert('c3', 'is_paid', 'NULL')}`);
    expect(await query('select id, sponsor, is_paid from campaigns order by id')).toEqual([
      { id: 'c1', sponsor: 'acme', is_paid: null },
      { id: 'c2', sponsor: '1.5', is_paid: 'true' },
      { id: 'c3', sponsor: null, is_paid: null },
    ]);
  });
});

it('refuses a column that no table can gain, with its line', async () => {
  const insert = "\nINSERT INTO public.users (id, email, name, type, ctid) VALUES ('u1', 'e', 'n', 'ADMIN', 'x');";
  await expect(load(insert)).rejects.toThrow(
    ', line 2: PostgreSQL does not take it: column name "ctid" conflicts with a system column name',
  );
});

describe('what an extension or another schema brings', () => {
  it('is left out where no row needs it: indexes, types, domains', async () => {
    await load(`CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;
CREATE DOMAIN public.address AS public.citext;
CREATE TYPE public.pair AS (a public.citext, b text);
${linkpick}CREATE INDEX campaigns_title_trgm ON public.campaigns USING gin (title public.gin_trgm_ops);
CREATE INDEX campaigns_status_idx ON public.campaigns USING btree (status);
INSERT INTO public.users (id, email, name, type) VALUES ('u1', 'e', 'n', 'ADMIN');\n`);
    const indexes =
      "select indexname from pg_indexes where tablename = 'campaigns' and indexname in ('campaigns_title_trgm', 'campaigns_status_idx')";
    expect(await query(indexes)).toEqual([{ indexname: 'campaigns_status_idx' }]);
    expect(await query('select id from users')).toEqual([{ id: 'u1' }]);
  });

  const rowsAlone = "dump LinkPick's rows alone, its tables are made here: pg_dump --data-only -t public.users ";
  it.each([
    [
      'a type of an extension',
      () => `CREATE EXTENSION plpgsql;\nCREATE EXTENSION citext;\n${replaced('varchar(255) not null unique', 'public.citext')}`,
      `type "public.citext" does not exist; it needs an extension, which is left out (the dump has "citext"); ${rowsAlone}`,
    ],
    [
      'a function of an extension',
      () => replaced('varchar(30)  primary key', 'varchar(30) default public.uuid_generate_v4() primary key'),
      `function public.uuid_generate_v4() does not exist; it needs what is not in the dump, such as an extension's; ${rowsAlone}`,
    ],
    [
      'an enum of another schema',
      () => `CREATE TYPE app.role AS ENUM ('A');\n${replaced('name          varchar(120) not null,', 'name varchar(120), role app.role,')}`,
      `schema "app" does not exist; it needs another schema, which is left out; ${rowsAlone}`,
    ],
    [
      'a unique index, which rows may rely on',
      () => `${linkpick}CREATE UNIQUE INDEX i ON public.users USING btree (email public.citext_ops);`,
      `operator class "public.citext_ops" does not exist for access method "btree"; it needs what is not in the dump, such as an extension's; ${rowsAlone}`,
    ],
  ])('is refused with a way out where a table needs it: %s', async (_, dump, message) => {
    await expect(load(dump())).rejects.toThrow(message);
  });
});

describe('broken text', () => {
  const broken = (before: string, after: string) => Buffer.concat([Buffer.from(before), Buffer.from([0xb0]), Buffer.from(after)]);

  it('does not matter in what is left out', async () => {
    const dump = broken(`${linkpick}-- `, "\nCOMMENT ON TABLE public.users IS '");
    await load(
      Buffer.concat([dump, broken('', "';\nINSERT INTO public.users (id, email, name, type) VALUES ('u1', 'e', 'n', 'ADMIN');\n")]),
    );
    expect(await query('select name from users')).toEqual([{ name: 'n' }]);
  });

  it.each([
    ['a definition', "CREATE TABLE public.users (\n  id text DEFAULT '", "');", 2],
    ['the columns of rows', 'COPY public.users (id, "n', '") FROM stdin;\n\\.\n', 1],
  ])('is refused with its line in %s', async (_, before, after, line) => {
    await expect(load(broken(before, after))).rejects.toThrow(
      `, line ${line}: text that is not UTF-8; dump again with pg_dump --encoding=UTF8`,
    );
  });
});

it('names the primary key that is not on "id", which its rows might well allow', async () => {
  const dump = replaced(
    /(saved_campaigns \(\n {2}id +varchar\(30\)) +primary key,([\s\S]*)unique \(user_id, campaign_id\)/,
    '$1,$2primary key (user_id, campaign_id)',
  );
  await expect(load(dump)).rejects.toThrow(
    'table "saved_campaigns" has its primary key on ("user_id", "campaign_id"), expected "id"; dump the rows alone (pg_dump --data-only)',
  );
  await load(replaced('id            varchar(30)  primary key', 'id varchar(30), primary key (id) include (email)'));
});

it('misses the tables that a dump of INSERTs does not announce', async () => {
  const heading = (table: string) => `-- Data for Name: ${table}; Type: TABLE DATA; Schema: public; Owner: linkpick\n`;
  const insert = "INSERT INTO public.users (id, email, name, type) VALUES ('u1', 'e', 'n', 'ADMIN');\n";
  const message = /: missing tables "profiles", "business_profiles", "campaigns", "campaign_applications", "saved_campaigns"\./;
  await expect(load(`${heading('users')}${insert}`)).rejects.toThrow(message);
  const others = ['profiles', 'business_profiles', 'campaigns', 'campaign_applications', 'saved_campaigns'].map(heading);
  expect(await load(`${heading('users')}${insert}${others.join('')}`)).toMatchObject({ users: 1 });
});
