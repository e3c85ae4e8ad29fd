import pg from 'pg';
import { type LegacySource, parseLegacyFlag } from '../legacy/legacy-source.ts';
import { loadLegacy } from '../legacy/load-legacy.ts';
import type { Postgres } from '../postgres/start-postgres.ts';
import { isLoaded, recordLoaded } from './loaded-source.ts';
import { count, type Progress } from './progress.ts';

export function legacySourceOf(flag: string | undefined): LegacySource {
  return flag === undefined ? { kind: 'sample' } : parseLegacyFlag(flag);
}

/**
 * Makes the database and brings LinkPick's rows into it, once: a kept data directory goes on with what it has.
 * @throws {UserError} when the directory holds the rows of another source, or of the dump before it changed
 */
export async function prepareLegacy(source: LegacySource, name: string, { postgres, dataDir, progress }: LegacyOptions): Promise<void> {
  await createDatabase(postgres, name);
  if (await isLoaded(dataDir, source)) return progress.line('  LinkPick is loaded already');
  if (await hasLegacyTables(postgres.urlOf(name))) await recordLoaded(dataDir, source);
  else {
    const counts = await loadLegacy(source, postgres.urlOf(name), {
      onProgress: ({ table, rows }) => progress.update(`  ${table}: ${count(rows)} rows`),
      onOrphans: ({ table, columns, references, rows, firstIds }) =>
        progress.line(
          `  ${table}: ${count(rows)} ${rows === 1 ? 'row refers' : 'rows refer'} by ${columns} to ${references} that are not there: ` +
            `${firstIds.join(', ')}${rows > firstIds.length ? ', …' : ''}`,
        ),
    });
    await recordLoaded(dataDir, source);
    progress.line(
      `  ${Object.entries(counts)
        .map(([table, rows]) => `${table} ${count(rows)}`)
        .join(' · ')}`,
    );
  }
}

interface LegacyOptions {
  readonly postgres: Pick<Postgres, 'urlOf'>;
  readonly dataDir: string;
  readonly progress: Pick<Progress, 'line' | 'update'>;
}

async function createDatabase(postgres: LegacyOptions['postgres'], name: string): Promise<void> {
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
