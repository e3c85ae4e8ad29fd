import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { UserError } from '../errors.ts';
import { type LegacySource, parseLegacyFlag } from '../legacy/legacy-source.ts';
import { loadLegacy } from '../legacy/load-legacy.ts';
import type { Postgres } from '../postgres/start-postgres.ts';
import { count, type Progress } from './progress.ts';

export function legacySourceOf(flag: string | undefined): LegacySource {
  return flag === undefined ? { kind: 'sample' } : parseLegacyFlag(flag);
}

/**
 * Makes the database and brings LinkPick's rows into it, once: a kept data directory goes on with what it has.
 * @throws {UserError} when the directory holds the rows of another source
 */
export async function prepareLegacy(source: LegacySource, name: string, { postgres, dataDir, progress }: LegacyOptions): Promise<void> {
  await createDatabase(postgres, name);
  const marker = join(dataDir, 'legacy.json');
  const described = describe(source);
  if (existsSync(marker)) {
    const loaded = readFileSync(marker, 'utf8');
    if (loaded === described) return progress.line('  LinkPick is loaded already');
    throw new UserError(`--data-dir ${dataDir} holds the rows of ${loaded}, not of ${described}; name another folder, or remove this one`, {
      exitCode: 2,
    });
  }
  if (await hasLegacyTables(postgres.urlOf(name))) writeFileSync(marker, described);
  else {
    const counts = await loadLegacy(source, postgres.urlOf(name), {
      onProgress: ({ table, rows }) => progress.update(`  ${table}: ${count(rows)} rows`),
    });
    writeFileSync(marker, described);
    progress.line(
      `  ${Object.entries(counts)
        .map(([table, rows]) => `${table} ${count(rows)}`)
        .join(' · ')}`,
    );
  }
}

interface LegacyOptions {
  readonly postgres: Postgres;
  readonly dataDir: string;
  readonly progress: Progress;
}

/** The source without what it must not show: a URL's password. */
function describe(source: LegacySource): string {
  if (source.kind === 'sample') return 'the generated sample';
  if (source.kind === 'dump') return source.file;
  const { protocol, host, pathname } = new URL(source.url);
  return `${protocol}//${host}${pathname}`;
}

async function createDatabase(postgres: Postgres, name: string): Promise<void> {
  const admin = new pg.Client({ connectionString: postgres.urlOf('postgres') });
  await admin.connect();
  try {
    const { rowCount } = await admin.query('select from pg_database where datname = $1', [name]);
    if (rowCount === 0) await admin.query(`create database ${admin.escapeIdentifier(name)}`);
  } finally {
    await admin.end();
  }
}

/** The load commits as a whole, so one table stands for all: a kill between commit and marker. */
async function hasLegacyTables(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ present: boolean }>(`select to_regclass('public.campaigns') is not null as present`);
    return rows[0]?.present === true;
  } finally {
    await client.end();
  }
}
