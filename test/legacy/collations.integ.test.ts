import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { DataApi } from '../../lambdas/data-api/data-api.ts';
import { compileSchema } from '../../lambdas/migration/compile/index.ts';
import { applySchema } from '../../lambdas/migration/schema/apply-schema.ts';
import { readMigrationFiles } from '../../lambdas/migration/schema/migration-files.ts';
import { loadLegacy } from '../../local/legacy/load-legacy.ts';
import { expectConsistent } from '../migration/consistency.ts';
import { createDatabase, dataApi } from '../support/database.ts';
import { migrate } from '../support/migration.ts';
import { linkpickSql, migrationsFolder } from '../support/migration-database.ts';

const folder = mkdtempSync(join(tmpdir(), 'videopick-collations-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** linkpick.sql with every text column, keys too, in another order than the database's. */
const collated = linkpickSql.replace(/^(\s+\w+\s+(?:varchar\(\d+\)|text))/gm, '$1 collate pg_catalog."ko-x-icu"');

/** Ids whose order differs from that of their bytes: of letters that differ in case, or have an accent. */
const ids = Array.from(
  { length: 300 },
  (_, index) => `${['id', 'ID', 'é', 'É', 'z', 'A'][index % 6]}${String(index * 7919).slice(-4)}${'aB'[index % 2]}`,
);

function dumpOf(definitions: string): string {
  const file = join(folder, 'dump.sql');
  const rows = (line: (id: string) => string) => `${ids.map(line).join('\n')}\n\\.\n`;
  writeFileSync(
    file,
    `${definitions}
COPY public.users (id, email, name, type) FROM stdin;
${rows((id) => `${id}\t${id}@x\t이름 ${id}\tINFLUENCER`)}COPY public.profiles (id, user_id) FROM stdin;
orphan\tnobody
${rows((id) => `${id}\t${id}`)}COPY public.campaigns (id, business_id, title, status) FROM stdin;
${rows((id) => `${id}\t${id}\t여름\tACTIVE`)}`,
  );
  return file;
}

it('keys in an order of their own are brought into that of the database, and their migration ends and is exact', async () => {
  expect(new Set(ids).size).toBe(ids.length);
  expect(collated).toContain('id            varchar(30) collate pg_catalog."ko-x-icu"  primary key');
  const database = await createDatabase();
  const api = await dataApi(database);
  try {
    await loadLegacy({ kind: 'dump', file: dumpOf(collated) }, database.url);
    expect(
      await database.query(`select attrelid::regclass::text, attname from pg_attribute a join pg_class c on c.oid = attrelid
        where c.relnamespace = 'public'::regnamespace and attname ~ '(^|_)id$' and attcollation not in (0, 'pg_catalog."default"'::regcollation)`),
    ).toEqual([]);
    // Widths, keys and references are what they were.
    expect(
      await database.query(`select format_type(atttypid, atttypmod) as type from pg_attribute
        where attrelid = 'public.users'::regclass and attname in ('id', 'email') order by attnum`),
    ).toEqual([{ type: 'character varying(30)' }, { type: 'character varying(255)' }]);
    expect(
      await database.query(
        `select count(*)::int as keys from pg_constraint where contype in ('p', 'f', 'u') and connamespace = 'public'::regnamespace`,
      ),
    ).toEqual([{ keys: 17 }]);
    const db = new DataApi(api.client, api);
    await applySchema(db, await readMigrationFiles(migrationsFolder), compileSchema());
    await migrate(db, { batchRows: 7 });
    await expectConsistent({ ...database, db, close: async () => {} });
    expect(await database.query('select count(*)::int as videos from video_platform.videos')).toEqual([{ videos: ids.length }]);
  } finally {
    await api.close();
    await database.drop();
  }
});

it('a column whose order cannot be changed, because another is made of it, is refused by name', async () => {
  const database = await createDatabase();
  try {
    const generated = collated.replace(
      /id +varchar\(30\) collate pg_catalog."ko-x-icu" +primary key,/,
      '$& short_id text generated always as (lower(id)) stored,',
    );
    expect(generated).not.toBe(collated);
    await expect(loadLegacy({ kind: 'dump', file: dumpOf(generated) }, database.url)).rejects.toThrow(
      /column "users\.id" has the order of the collation "ko-x-icu".*PostgreSQL does not change it: .*generated column/,
    );
  } finally {
    await database.drop();
  }
});
