import pg from 'pg';
import { legacyTables } from '../../database/legacy/sample/columns.ts';
import type { LegacyTable } from '../../database/legacy/sample/rows.ts';
import { copyDatabase } from './copy-database.ts';
import { loadDump } from './dump/load-dump.ts';
import { LoadFailedError, NotFreshError, saidBy } from './errors.ts';
import { ensureKeys, resetKeyCollations } from './keys.ts';
import type { LegacySource } from './legacy-source.ts';
import { loadSample } from './load-sample.ts';
import { type Orphans, readOrphans } from './orphans.ts';
import { checkSchema, readExpectedSchema, readSchema } from './schema.ts';

/** Rows by table, as counted in the database after the load. */
export type LegacyCounts = Readonly<Record<LegacyTable, number>>;

export interface LegacyProgress {
  readonly table: LegacyTable;
  /** Rows of this table sent so far. */
  readonly rows: number;
  /** Of the whole load, 0 to 1; undefined when the total is not known. */
  readonly fraction: number | undefined;
}

export type OnProgress = (progress: LegacyProgress) => void;

export interface LoadLegacyOptions {
  readonly onProgress?: OnProgress;
  /** Called for each foreign key that some rows do not meet, before the load ends. */
  readonly onOrphans?: (orphans: Orphans) => void;
}

/**
 * Brings LinkPick's tables and rows into a database that has none, in one transaction: on any problem nothing has changed.
 * @throws {NotLinkPickError} @throws {DumpError} @throws {LegacyDatabaseError} @throws {NotFreshError} @throws {LoadFailedError}
 */
export async function loadLegacy(
  source: LegacySource,
  databaseUrl: string,
  { onProgress = () => {}, onOrphans = () => {} }: LoadLegacyOptions = {},
): Promise<LegacyCounts> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'videopick load-legacy' });
  // A connection that breaks while no query runs would otherwise end the process; the next query reports it.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query("begin; set local search_path = public; set local datestyle = 'ISO, MDY'; set local timezone = 'UTC'");
    await checkFresh(client);
    const expected = await readExpectedSchema(client);
    if (source.kind === 'sample') await loadSample(source.seed, client, onProgress);
    else if (source.kind === 'dump') await loadDump(source.file, client, expected, onProgress);
    else await copyDatabase(source.url, client, expected, onProgress);
    const named = source.kind === 'dump' ? source.file : 'the source';
    checkSchema(named, await readSchema(client), expected);
    await resetKeyCollations(named, client);
    await ensureKeys(named, client);
    // The planner knows nothing of fresh tables, and autovacuum may come late.
    await client.query(`analyze ${legacyTables.map((table) => `public.${table}`).join(', ')}`);
    for (const orphans of await readOrphans(client)) onOrphans(orphans);
    const counts = await countRows(client);
    await client.query('commit');
    return counts;
  } catch (error) {
    await client.query('rollback').catch(() => {}); // a lost connection has rolled back already
    throw error instanceof pg.DatabaseError ? new LoadFailedError(saidBy(error), { cause: error }) : error;
  } finally {
    await client.end();
  }
}

async function checkFresh(client: pg.ClientBase): Promise<void> {
  const present = [...(await readSchema(client)).keys()];
  if (present.length > 0) throw new NotFreshError(present);
}

async function countRows(client: pg.ClientBase): Promise<LegacyCounts> {
  const list = legacyTables.map((table) => `(select count(*)::int8 from public.${table}) as ${table}`);
  const { rows } = await client.query<Record<LegacyTable, string>>(`select ${list.join(', ')}`);
  return Object.fromEntries(Object.entries(rows[0] ?? {}).map(([table, count]) => [table, Number(count)])) as LegacyCounts;
}
