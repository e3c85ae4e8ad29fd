import type { DataApi } from '../../data-api/data-api.ts';
import { splitStatements } from '../../data-api/sql-lexer.ts';
import { COMPILED_VIEWS } from '../compile/compiled-views.ts';
import type { CompiledObject, CompiledSchema } from '../compile/index.ts';
import { checksum, type MigrationFile } from './migration-files.ts';

export interface ApplySchemaOutput {
  /** Names of the files applied now, in order. */
  readonly applied: readonly string[];
  /** Whether the compiled views were made anew. */
  readonly viewsReplaced: boolean;
  /** LinkPick's tables that are not there yet: without them the views wait. Load LinkPick and apply the schema again. */
  readonly missingLegacyTables: readonly string[];
}

/** A file that was applied was edited afterwards. Never retried: a person decides (docs/runbook.md#editedmigrationerror). */
export class EditedMigrationError extends Error {
  override readonly name = 'EditedMigrationError';
  constructor(name: string, applied: string, found: string) {
    super(
      `${name} was edited after it had been applied: applied with checksum ${applied}, found with ${found}; ` +
        'restore the file, and put the change into a new file with the next number',
    );
  }
}

/** The files are older than the database: a file that was applied is not among them. */
export class MissingMigrationError extends Error {
  override readonly name = 'MissingMigrationError';
  constructor(name: string) {
    super(`${name} has been applied to this database but is not in database/migrations/; deploy a version that has it`);
  }
}

/** Serializes appliers: two deploys at once, or a retried one. Any number, used by nothing else. */
const LOCK = `select pg_advisory_xact_lock(hashtextextended('videopick.schema', 0))::text as locked`;

/**
 * Brings the database to the state of the files and the compiled views. Each file in a transaction of its own; safe to repeat and to
 * run twice at once. @throws {EditedMigrationError} @throws {MissingMigrationError} before anything is changed
 */
export async function applySchema(
  db: DataApi,
  files: readonly MigrationFile[],
  { objects, legacyTables }: CompiledSchema,
): Promise<ApplySchemaOutput> {
  await createLedger(db);
  check(files, await readLedger(db.query.bind(db)));
  const applied: string[] = [];
  for (const file of files) if (await applyFile(db, file)) applied.push(file.name);
  const missingLegacyTables = await findMissing(db, legacyTables);
  return { applied, missingLegacyTables, viewsReplaced: missingLegacyTables.length === 0 && (await replaceViews(db, objects)) };
}

/** A new environment is deployed before LinkPick is loaded into it, so their absence is not a failure of the deploy. */
async function findMissing(db: DataApi, tables: readonly string[]): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const table of tables) {
    const [found] = await db.query<{ present: boolean }>('select to_regclass(:table) is not null as present', { table: `public.${table}` });
    if (found?.present !== true) missing.push(table);
  }
  return missing;
}

interface LedgerRow extends Record<string, unknown> {
  readonly name: string;
  readonly checksum: string;
}

async function createLedger(db: DataApi): Promise<void> {
  await db.transaction(async (query) => {
    await query(LOCK);
    await query('create schema if not exists video_platform');
    await query(`create table if not exists video_platform.schema_migration (
      name varchar(100) primary key, checksum char(64) not null, applied_at timestamptz not null default now())`);
  });
}

function readLedger(query: DataApi['query']): Promise<readonly LedgerRow[]> {
  return query<LedgerRow>('select name, checksum from video_platform.schema_migration order by name');
}

function check(files: readonly MigrationFile[], ledger: readonly LedgerRow[]): void {
  const byName = new Map(files.map((file) => [file.name, file]));
  for (const row of ledger) {
    if (!row.name.endsWith('.sql')) continue; // what is made anew when its text changes: views, triggers
    const file = byName.get(row.name);
    if (file === undefined) throw new MissingMigrationError(row.name);
    if (file.checksum !== row.checksum) throw new EditedMigrationError(file.name, row.checksum, file.checksum);
  }
}

function applyFile(db: DataApi, file: MigrationFile): Promise<boolean> {
  return db.transaction(async (query) => {
    await query(LOCK);
    const done = (await readLedger(query)).find(({ name }) => name === file.name);
    // Another applier may have been first, with another text of the file.
    if (done !== undefined && done.checksum !== file.checksum) throw new EditedMigrationError(file.name, done.checksum, file.checksum);
    if (done !== undefined) return false;
    for (const statement of splitStatements(file.sql)) await query(statement);
    await query('insert into video_platform.schema_migration (name, checksum) values (:name, :checksum)', {
      name: file.name,
      checksum: file.checksum,
    });
    return true;
  });
}

/** They hold no data, so they are dropped and made anew whenever their text changes, all in one transaction. */
function replaceViews(db: DataApi, objects: readonly CompiledObject[]): Promise<boolean> {
  const wanted = checksum(objects.map(({ create }) => create).join('\n'));
  return db.transaction(async (query) => {
    await query(LOCK);
    const current = (await readLedger(query)).find(({ name }) => name === COMPILED_VIEWS);
    if (current?.checksum === wanted) return false;
    for (const { drop } of objects.toReversed()) await query(drop);
    for (const { create } of objects) await query(create);
    await query(
      // The clock's time, not the transaction's: by now nobody else can read the old views, so what began after this has read the new ones.
      `insert into video_platform.schema_migration (name, checksum, applied_at) values (:name, :checksum, clock_timestamp())
       on conflict (name) do update set checksum = excluded.checksum, applied_at = excluded.applied_at`,
      { name: COMPILED_VIEWS, checksum: wanted },
    );
    return true;
  });
}
