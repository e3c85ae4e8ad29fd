import { readFileSync } from 'node:fs';
import { glob, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DataApi, sqlStateOf } from '../../lambdas/data-api/data-api.ts';
import { splitStatements } from '../../lambdas/data-api/sql-lexer.ts';
import { compileAll } from '../../lambdas/migration/compile/compile-all.ts';
import { compileSchema } from '../../lambdas/migration/compile/index.ts';
import { applySchema, EditedMigrationError, MissingMigrationError } from '../../lambdas/migration/schema/apply-schema.ts';
import {
  type MigrationFile,
  MigrationFilesError,
  migrationFile,
  readMigrationFiles,
} from '../../lambdas/migration/schema/migration-files.ts';
import { createDatabase, dataApi, type TestDataApi, type TestDatabase } from '../support/database.ts';
import { type InterruptedClient, interrupt } from '../support/interrupted-client.ts';
import { linkpickSql, migrationsFolder } from '../support/migration-database.ts';

let database: TestDatabase;
let api: TestDataApi;
let db: DataApi;
let now = 0;

beforeAll(async () => {
  database = await createDatabase();
  api = await dataApi(database, { clock: () => now });
  db = new DataApi(api.client, api);
});
afterAll(async () => {
  await api?.close();
  await database?.drop();
});
afterEach(() => database.query('drop schema if exists video_platform cascade; drop schema if exists public cascade; create schema public'));

const one = migrationFile(
  '000001-one.sql',
  `create table public.one (id int, note text default 'a;b'); -- done;\ninsert into public.one values (1)`,
);
const two = migrationFile('000002-two.sql', 'create table public.two (id int)');
const broken = migrationFile(
  '000003-broken.sql',
  'create table public.three (id int); insert into public.one values (2); select * from nowhere',
);
const noViews = { objects: [], legacyTables: [] };
const view = (sql: string) => ({
  objects: [{ create: `create view public.ones as ${sql}`, drop: 'drop view if exists public.ones' }],
  legacyTables: [],
});

const ledger = async () =>
  (await database.query<{ name: string }>(`select name from video_platform.schema_migration order by name`)).map(({ name }) => name);
const tables = async () =>
  (await database.query<{ name: string }>(`select tablename as name from pg_tables where schemaname = 'public' order by 1`)).map(
    ({ name }) => name,
  );

describe('the applier', () => {
  it('applies the files in order, each once: a second run does nothing', async () => {
    expect(await applySchema(db, [one, two], view('select 1 as n'))).toEqual({
      applied: ['000001-one.sql', '000002-two.sql'],
      viewsReplaced: true,
      missingLegacyTables: [],
    });
    expect(await ledger()).toEqual(['000001-one.sql', '000002-two.sql', 'compiled views']);
    expect(await applySchema(db, [one, two], view('select 1 as n'))).toEqual({
      applied: [],
      viewsReplaced: false,
      missingLegacyTables: [],
    });
    expect(await database.query('select id, note from public.one')).toEqual([{ id: 1, note: 'a;b' }]);
  });

  it('applies what is new and leaves the rest', async () => {
    await applySchema(db, [one], noViews);
    expect((await applySchema(db, [one, two], noViews)).applied).toEqual(['000002-two.sql']);
    expect(await database.query('select id from public.one')).toHaveLength(1);
  });

  it('refuses a file that was edited after it had been applied, with both checksums, and changes nothing', async () => {
    await applySchema(db, [one], view('select 1 as n'));
    const edited = migrationFile(one.name, `${one.sql} `);
    const refused = applySchema(db, [edited, two], view('select 2 as n'));
    await expect(refused).rejects.toBeInstanceOf(EditedMigrationError);
    await expect(refused).rejects.toThrow(one.checksum);
    await expect(refused).rejects.toThrow(edited.checksum);
    expect(await tables()).toEqual(['one']);
    expect(await database.query('select n from public.ones')).toEqual([{ n: 1 }]);
  });

  it('refuses files that lack an applied one, and changes nothing', async () => {
    await applySchema(db, [one, two], noViews);
    const refused = applySchema(db, [one, migrationFile('000002-other.sql', 'create table public.other (id int)')], view('select 1 as n'));
    await expect(refused).rejects.toBeInstanceOf(MissingMigrationError);
    await expect(refused).rejects.toThrow('000002-two.sql');
    expect(await tables()).toEqual(['one', 'two']);
  });

  it('leaves nothing of a file that fails and all of those before it, and goes on when it is mended', async () => {
    const failing = applySchema(db, [one, two, broken], noViews);
    await expect(failing).rejects.toSatisfy((error) => sqlStateOf(error) === '42P01');
    expect(await tables()).toEqual(['one', 'two']);
    expect(await database.query('select id from public.one')).toEqual([{ id: 1 }]);
    expect(await ledger()).toEqual(['000001-one.sql', '000002-two.sql']);
    const mended = migrationFile(broken.name, 'create table public.three (id int)');
    expect((await applySchema(db, [one, two, mended], noViews)).applied).toEqual(['000003-broken.sql']);
  });

  it('applies every file once when several appliers start at once', async () => {
    const files = [one, two];
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => applySchema(db, files, view('select 1 as n'))));
    expect(outcomes.flatMap(({ applied }) => applied).sort()).toEqual(files.map(({ name }) => name));
    expect(outcomes.filter(({ viewsReplaced }) => viewsReplaced)).toHaveLength(1);
    expect(await database.query('select id from public.one')).toHaveLength(1);
  });

  it('refuses one of two texts of a file that are applied at the same instant', async () => {
    const texts = ['create table public.one (id int)', 'create table public.one (id text)'];
    const outcomes = await Promise.allSettled(texts.map((sql) => applySchema(db, [migrationFile('000001-one.sql', sql)], noViews)));
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: expect.any(EditedMigrationError) });
  });

  it('makes the views anew when their text changes, and only then', async () => {
    const oid = async () => (await database.query(`select 'public.ones'::regclass::oid as oid`))[0]?.oid;
    await applySchema(db, [], view('select 1 as n'));
    const first = await oid();
    await applySchema(db, [], view('select 1 as n'));
    expect(await oid()).toBe(first);
    // Another type of the same column: what `create or replace` would refuse.
    expect(await applySchema(db, [], view(`select 'x' as n`))).toMatchObject({ viewsReplaced: true });
    expect(await oid()).not.toBe(first);
    expect(await database.query('select n from public.ones')).toEqual([{ n: 'x' }]);
  });

  it('lets the views wait for LinkPick and makes them once it is there', async () => {
    const schema = { ...view('select id from public.legacy'), legacyTables: ['one', 'legacy'] };
    const early = await applySchema(db, [one], schema);
    expect(early).toEqual({ applied: ['000001-one.sql'], viewsReplaced: false, missingLegacyTables: ['legacy'] });
    await database.query('create table public.legacy (id int)');
    expect(await applySchema(db, [one], schema)).toEqual({ applied: [], viewsReplaced: true, missingLegacyTables: [] });
    expect(await database.query('select id from public.ones')).toEqual([]);
  });

  it('keeps the old views when a new one is refused', async () => {
    await applySchema(db, [], view('select 1 as n'));
    await expect(applySchema(db, [], view('select nonsense'))).rejects.toThrow();
    expect(await database.query('select n from public.ones')).toEqual([{ n: 1 }]);
  });

  it('comes to the same, run again, wherever the one before was cut off', async () => {
    const files = [one, two];
    const views = view('select id from public.one');
    const undisturbed = interrupt(api.client, Number.POSITIVE_INFINITY);
    await applySchema(new DataApi(undisturbed.client, api), files, views);
    const expected = { ledger: await ledger(), tables: await tables(), rows: await database.query('select id from public.ones') };
    for (const loss of ['before', 'after'] as const) {
      for (let at = 0; at < undisturbed.calls(); at++) {
        await database.query('drop schema video_platform cascade; drop schema public cascade; create schema public');
        const interrupted: InterruptedClient = interrupt(api.client, at, loss);
        await expect(applySchema(new DataApi(interrupted.client, api), files, views)).rejects.toMatchObject({ name: 'InterruptedError' });
        now += 4 * 60_000; // the service ends a transaction that nobody has used for three minutes
        await applySchema(db, files, views);
        const found = { ledger: await ledger(), tables: await tables(), rows: await database.query('select id from public.ones') };
        expect(found, `call ${at} lost ${loss} it was done`).toEqual(expected);
      }
    }
  });
});

describe('the files of a folder', () => {
  let folder: string;
  const read = (names: readonly string[]) => files(names).then(() => readMigrationFiles(pathToFileURL(`${folder}/`)));

  async function files(names: readonly string[]): Promise<void> {
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder);
    for (const name of names) await writeFile(join(folder, name), `select '${name}'`);
  }

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'videopick-migrations-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('are read in order of their number; other files are none of them', async () => {
    const read3 = await read(['000003-c.sql', '000001-a.sql', 'README.md', '000002-b-2.sql']);
    expect(read3.map(({ version, name, sql }) => ({ version, name, sql }))).toEqual([
      { version: 1, name: '000001-a.sql', sql: `select '000001-a.sql'` },
      { version: 2, name: '000002-b-2.sql', sql: `select '000002-b-2.sql'` },
      { version: 3, name: '000003-c.sql', sql: `select '000003-c.sql'` },
    ]);
    expect(new Set(read3.map(({ checksum }) => checksum)).size).toBe(3);
  });

  it.each([
    [['1-a.sql'], '1-a.sql'],
    [['000001_a.sql'], '000001_a.sql'],
    [['000001-A.sql'], '000001-A.sql'],
    [['0000001-a.sql'], '0000001-a.sql'],
    [['000001-.sql'], '000001-.sql'],
    [['000001-a.sql', '000003-c.sql'], '000002'],
    [['000002-b.sql'], '000001'],
    [['000000-a.sql'], '000001'],
    [['000001-a.sql', '000001-b.sql'], '000001-b.sql'],
  ])('are refused when they are %j', async (names, named) => {
    const refused = read(names);
    await expect(refused).rejects.toBeInstanceOf(MigrationFilesError);
    await expect(refused).rejects.toThrow(named);
  });
});

describe("VideoPick's own schema", () => {
  let migrations: readonly MigrationFile[];

  beforeAll(async () => {
    migrations = await readMigrationFiles(migrationsFolder);
  });

  /** Every object of the schema with its definition, so that any change shows. */
  const objects = () =>
    database.query(`
      select c.relname as name, c.relkind as kind, a.attname as part, format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull
        || coalesce(' ' || pg_get_expr(d.adbin, d.adrelid), '') as definition
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      where c.relnamespace = 'video_platform'::regnamespace
      union all
      select conrelid::regclass::text, 'constraint', conname, pg_get_constraintdef(oid) from pg_constraint
      where connamespace = 'video_platform'::regnamespace
      order by 1, 2, 3`);

  it('is safe to run twice, file by file, with rows in it', async () => {
    await database.query(linkpickSql);
    for (const { sql } of migrations) for (const statement of splitStatements(sql)) await db.query(statement);
    await database.query(`insert into video_platform.users (id, email, name, user_type) values ('u', 'u@example.com', '이름', 'ADMIN')`);
    const before = await objects();
    for (const { sql } of migrations) for (const statement of splitStatements(sql)) await db.query(statement);
    expect(await objects()).toEqual(before);
    expect(await database.query('select id from video_platform.users')).toEqual([{ id: 'u' }]);
  });

  it("leaves LinkPick's tables as they were", async () => {
    await database.query(linkpickSql);
    const legacy = () =>
      database.query(`select c.relname, a.attname, format_type(a.atttypid, a.atttypmod) as type,
          (select count(*)::int from pg_trigger t where t.tgrelid = c.oid) as triggers,
          (select count(*)::int from pg_index i where i.indrelid = c.oid) as indexes
        from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' order by 1, 2`);
    const before = await legacy();
    await applySchema(db, migrations, compileSchema());
    expect(await legacy()).toEqual(before);
  });

  it('is compiled to the statements that were reviewed', async () => {
    await expect(compileAll()).toMatchFileSnapshot('./compiled.golden.sql');
  });

  it('is compiled to nothing that is not reviewed', async () => {
    const folder = new URL('../../lambdas/migration/compile/', import.meta.url);
    const sources = new Map<string, string>();
    for await (const file of glob('*.ts', { cwd: folder })) sources.set(file, readFileSync(new URL(file, folder), 'utf8'));
    const compilers = [...sources.values()].flatMap((source) =>
      [...source.matchAll(/^export function (compile\w+)/gm)].map(([, name]) => name),
    );
    const reviewed = `${sources.get('index.ts')} ${sources.get('compile-all.ts')}`;
    expect(compilers.length).toBeGreaterThan(20);
    expect(compilers.filter((name) => !reviewed.includes(`${name}(`))).toEqual([]);
  });

  it('is compiled to statements within the 65,536 characters of the Data API, with nothing the Data API refuses', () => {
    const statements = splitStatements(compileAll());
    expect(statements.length).toBeGreaterThan(3 * 5);
    for (const statement of statements) {
      expect(statement.length).toBeLessThan(65_536);
      expect(statement, 'positional parameters are not bound').not.toMatch(/\$\d/);
    }
  });
});
