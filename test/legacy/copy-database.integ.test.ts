import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { loadLegacy } from '../../local/legacy/load-legacy.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { countRelations, readLegacyRows } from './legacy-rows.ts';

const databases: TestDatabase[] = [];
let source: TestDatabase;
let target: TestDatabase;
let readerUrl: string;

async function freshDatabase(): Promise<TestDatabase> {
  const database = await createDatabase();
  databases.push(database);
  return database;
}

beforeAll(async () => {
  source = await freshDatabase();
  await loadLegacy({ kind: 'sample', seed: 3 }, source.url);
  // May read LinkPick's tables and do nothing else.
  await source.query(
    `create role reader_${source.name} login password 'se-cret'; grant select on all tables in schema public to reader_${source.name}`,
  );
  const url = new URL(source.url);
  url.username = `reader_${source.name}`;
  url.password = 'se-cret';
  readerUrl = url.href;
});
beforeEach(async () => {
  target = await freshDatabase();
});
afterAll(async () => {
  await source.query(`drop owned by reader_${source.name}; drop role reader_${source.name}`);
  await Promise.all(databases.map((database) => database.drop()));
});

const load = (url: string) => loadLegacy({ kind: 'url', url }, target.url);

describe('a live LinkPick database', () => {
  it('is copied row by row, by a user who may only read', async () => {
    const counts = await load(readerUrl);
    const rows = await readLegacyRows(source);
    expect(counts).toMatchObject({ users: rows.users.length, saved_campaigns: rows.saved_campaigns.length });
    expect(await readLegacyRows(target)).toEqual(rows);
    expect(
      await target.query("select count(*)::int from pg_constraint where contype = 'f' and connamespace = 'public'::regnamespace"),
    ).toEqual([{ count: 6 }]);
  });

  it('is read in a session that cannot write, whoever the user is', async () => {
    // A view in a table's place, whose reading tries to write.
    const trap = await freshDatabase();
    await loadLegacy({ kind: 'sample', seed: 3 }, trap.url);
    await trap.query(`create table trace (at timestamptz);
      create function note() returns boolean language plpgsql volatile as $$ begin insert into trace values (now()); return true; end $$;
      alter table saved_campaigns rename to saved; create view saved_campaigns as select * from saved where note()`);
    await expect(load(trap.url)).rejects.toMatchObject({
      name: 'LegacyDatabaseError',
      message: expect.stringContaining('cannot execute INSERT in a read-only transaction'),
    });
    expect(await trap.query('select * from trace')).toEqual([]);
    expect(await countRelations(target)).toBe(0);
  });

  it('is copied as of one moment, though users keep writing', async () => {
    const before = await readLegacyRows(source);
    const writer = await source.pool.connect();
    try {
      await writer.query('begin; lock table profiles in access exclusive mode');
      const loading = load(readerUrl);
      await untilWaiting();
      // Users have been read by now, profiles have not.
      await writer.query(`insert into users (id, email, name, type) values ('late', 'late@example.com', 'late', 'INFLUENCER');
        insert into profiles (id, user_id) values ('late', 'late'); commit`);
      await loading;
      expect(await readLegacyRows(target)).toEqual(before);
    } finally {
      writer.release();
      await source.query("delete from users where id = 'late'");
    }
  });

  it('is refused by what is missing', async () => {
    const other = await freshDatabase();
    await other.query('create table users (id varchar(30), email text)');
    await expect(load(other.url)).rejects.toMatchObject({
      name: 'NotLinkPickError',
      exitCode: 2,
      message: expect.stringMatching(/missing tables "profiles", .*; table "users" lacks columns "password_hash", "name"/),
    });
    expect(await countRelations(target)).toBe(0);
  });
});

describe('a database that does not answer', () => {
  it.each([
    [
      'no server',
      async () => `postgres://someone:se-cret@127.0.0.1:${await closedPort()}/linkpick`,
      /127\.0\.0\.1:\d+\/linkpick cannot be reached/,
    ],
    ['no such database', async () => readerOf('nowhere'), /\/nowhere cannot be reached: database "nowhere" does not exist/],
    ['no right to read', async () => readerOf((await locked()).name), /could not be copied: permission denied for table/],
  ])('is named by host, port and database, never by password: %s', async (_, urlOf, message) => {
    const error: unknown = await load(await urlOf()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'LegacyDatabaseError', exitCode: 2, message: expect.stringMatching(message) });
    expect((error as Error).message).not.toMatch(/se-cret|\n/);
    expect(await countRelations(target)).toBe(0);
  });
});

function readerOf(database: string): string {
  const url = new URL(readerUrl);
  url.pathname = `/${database}`;
  return url.href;
}

/** A LinkPick database whose tables the reader may not read. */
async function locked(): Promise<TestDatabase> {
  const database = await freshDatabase();
  await loadLegacy({ kind: 'sample', seed: 3 }, database.url);
  return database;
}

async function untilWaiting(): Promise<void> {
  for (;;) {
    const waiting = await source.query("select 1 from pg_locks where not granted and relation = 'profiles'::regclass");
    if (waiting.length > 0) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
