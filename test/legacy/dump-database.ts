import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeEach } from 'vitest';
import { type LegacyCounts, type LoadLegacyOptions, loadLegacy } from '../../local/legacy/load-legacy.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

/** database/legacy/linkpick.sql. */
export const linkpick = readFileSync(new URL('../../database/legacy/linkpick.sql', import.meta.url), 'utf8');

/** A COPY for each table (with its columns, if any) and its lines, in the order given. */
export function copyOf(rows: Readonly<Record<string, string>>): string {
  return Object.entries(rows)
    .map(([into, lines]) => `COPY public.${into} FROM stdin;\n${lines}\\.\n`)
    .join('');
}

/** Loads texts as dumps, and databases, each into the fresh database of its test. Call it at the top of a test file. */
export function dumpDatabase() {
  const directory = mkdtempSync(join(tmpdir(), 'videopick-dump-'));
  const databases: TestDatabase[] = [];
  const database = (): TestDatabase => {
    const last = databases.at(-1);
    if (last === undefined) throw new Error('dumpDatabase() is for use within a test');
    return last;
  };
  beforeEach(async () => {
    databases.push(await createDatabase());
  });
  afterAll(async () => {
    await Promise.all(databases.map((each) => each.drop()));
    rmSync(directory, { recursive: true });
  });
  /** Writes a text as the dump of the test at hand. */
  const fileOf = (text: string | Buffer): string => {
    const file = join(directory, `${database().name}.sql`);
    writeFileSync(file, text);
    return file;
  };
  const loadFile = (file: string, options?: LoadLegacyOptions): Promise<LegacyCounts> =>
    loadLegacy({ kind: 'dump', file }, database().url, options);
  return {
    load: (text: string | Buffer, options?: LoadLegacyOptions): Promise<LegacyCounts> => loadFile(fileOf(text), options),
    loadFile,
    fileOf,
    loadUrl: (url: string): Promise<LegacyCounts> => loadLegacy({ kind: 'url', url }, database().url),
    query: <Row extends pg.QueryResultRow>(sql: string) => database().query<Row>(sql),
    /** The database of the test at hand. */
    database,
  };
}
