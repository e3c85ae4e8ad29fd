import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { legacySourceOf, prepareLegacy } from '../../local/runner/prepare-legacy.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { linkpickSql } from '../support/migration-database.ts';

const folder = mkdtempSync(join(tmpdir(), 'videopick-loaded-'));
const dump = join(folder, 'linkpick.sql');
const databases: TestDatabase[] = [];
let dataDir: string;
let db: TestDatabase;

beforeEach(async () => {
  dataDir = mkdtempSync(join(folder, 'state-'));
  writeFileSync(dump, dumpOf('u1'));
  db = await createDatabase();
  databases.push(db);
});
afterAll(async () => {
  await Promise.all(databases.map((database) => database.drop()));
  rmSync(folder, { recursive: true, force: true });
});

function dumpOf(user: string): string {
  return `${linkpickSql}INSERT INTO public.users (id, email, name, type) VALUES ('${user}', 'e', 'n', 'ADMIN');\n`;
}

/** Starts with `--legacy` over the data directory; gives what was printed. */
async function start(legacy: string | undefined): Promise<string[]> {
  const lines: string[] = [];
  const postgres = { urlOf: (name: string) => Object.assign(new URL(inject('postgresAdminUrl')), { pathname: `/${name}` }).href };
  const progress = { line: (text: string) => void lines.push(text), update: () => {} };
  await prepareLegacy(legacySourceOf(legacy), db.name, { postgres, dataDir, progress });
  return lines;
}

const ALREADY = ['  LinkPick is loaded already'];

describe('a data directory that has the rows of a dump', () => {
  it('goes on with them, however the same file is spelled', async () => {
    expect(await start(dump)).toEqual([expect.stringContaining('users 1')]);
    expect(await start(dump)).toEqual(ALREADY);
    expect(await start(relative(process.cwd(), dump))).toEqual(ALREADY);
    expect(await start(join(folder, 'state/..').concat('/linkpick.sql'))).toEqual(ALREADY);
  });

  it('goes on when only the time of the file is another: a copy of the same bytes', async () => {
    await start(dump);
    utimesSync(dump, new Date(), new Date('2020-01-01T00:00:00Z'));
    expect(await start(dump)).toEqual(ALREADY);
  });

  it('says that the file has changed since, with its size and time then and now, and what to do', async () => {
    await start(dump);
    const { length } = readFileSync(dump);
    writeFileSync(dump, dumpOf('u2')); // the same size
    utimesSync(dump, new Date(), new Date('2030-01-02T03:04:05Z'));
    await expect(start(dump)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(
        new RegExp(
          `^--data-dir ${dataDir} holds the rows of ${dump} as it was \\(${length} bytes of [^)]+\\), and the file has changed since ` +
            `\\(${length} bytes of 2030-01-02T03:04:05\\.000Z\\); name another folder to load it anew, `,
        ),
      ),
    });
    expect(await db.query('select id from users')).toEqual([{ id: 'u1' }]);
  });

  it('refuses another source by both names, without a password', async () => {
    await start(dump);
    mkdirSync(join(folder, 'other'), { recursive: true });
    writeFileSync(join(folder, 'other/linkpick.sql'), dumpOf('u1'));
    const holds = `--data-dir ${dataDir} holds the rows of ${dump}, not of`;
    await expect(start(join(folder, 'other/linkpick.sql'))).rejects.toThrow(`${holds} ${join(folder, 'other/linkpick.sql')};`);
    await expect(start('postgres://kim:se-cret@db.example.com:5432/linkpick')).rejects.toThrow(
      `${holds} postgres://db.example.com:5432/linkpick;`,
    );
    await expect(start(undefined)).rejects.toThrow(`${holds} the generated sample;`);
  });

  it('that an earlier version made is known by the path as it was given then', async () => {
    await start(dump);
    for (const text of [dump, relative(process.cwd(), dump)]) {
      writeFileSync(join(dataDir, 'legacy.json'), text);
      expect(await start(dump)).toEqual(ALREADY);
    }
    writeFileSync(join(dataDir, 'legacy.json'), 'the generated sample');
    expect(await start(undefined)).toEqual(ALREADY);
  });

  it('is told by the rows themselves after a kill between the load and its record', async () => {
    await start(dump);
    rmSync(join(dataDir, 'legacy.json'));
    expect(await start(dump)).toEqual([]);
    expect(await start(dump)).toEqual(ALREADY);
  });
});
