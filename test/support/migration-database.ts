import { afterAll, beforeAll, beforeEach } from 'vitest';
import { DataApi } from '../../lambdas/data-api/data-api.ts';
import { compileSchema } from '../../lambdas/migration/compile/index.ts';
import { type ApplySchemaOutput, applySchema } from '../../lambdas/migration/schema/apply-schema.ts';
import { type MigrationFile, readMigrationFiles } from '../../lambdas/migration/schema/migration-files.ts';
import { readLinkPickSql } from '../../local/legacy/schema.ts';
import { createDatabase, type DatabaseOptions, dataApi, type TestDatabase } from './database.ts';
import { emptyLegacy, emptyVideoPlatform } from './database-content.ts';

export const migrationsFolder = new URL('../../database/migrations/', import.meta.url);
export const migrationFiles = await readMigrationFiles(migrationsFolder);
export const linkpickSql = await readLinkPickSql();

export interface MigrationDatabase extends TestDatabase {
  /** The client that the steps use. */
  readonly db: DataApi;
  close(): Promise<void>;
}

export interface MigrationDatabaseOptions extends DatabaseOptions {
  /** Brings LinkPick's tables into the new database. @default linkpick.sql, which has no rows */
  readonly legacy?: (database: TestDatabase) => Promise<unknown>;
  /** The migration files that are applied. @default all */
  readonly files?: readonly MigrationFile[];
}

/** A database with LinkPick's tables and VideoPick's schema. Call `close` when it is done with; most files need only `useMigrationDatabase`. */
export async function createMigrationDatabase({
  legacy = ({ query }) => query(linkpickSql),
  files = migrationFiles,
  ...options
}: MigrationDatabaseOptions = {}): Promise<MigrationDatabase> {
  await using cleanups = new AsyncDisposableStack();
  const database = cleanups.adopt(await createDatabase(options), ({ drop }) => drop());
  const api = cleanups.adopt(await dataApi(database), (opened) => opened.close());
  const db = new DataApi(api.client, api);
  await legacy(database);
  await deploySchema(db, files);
  const kept = cleanups.move();
  return { ...database, db, close: () => kept.disposeAsync() };
}

/** Applies the migration files and the compiled views, as a deploy does. */
export function deploySchema(db: DataApi, files: readonly MigrationFile[] = migrationFiles): Promise<ApplySchemaOutput> {
  return applySchema(db, files, compileSchema());
}

export interface UseOptions extends MigrationDatabaseOptions {
  /** Rows stay from test to test: what the file puts in before all tests serves each of them. @default false */
  readonly keepRows?: boolean;
}

/** One database for the file that calls this at its head: made before the first test, empty before each, gone after the last. */
export function useMigrationDatabase({ keepRows = false, ...options }: UseOptions = {}): MigrationDatabase {
  let created: MigrationDatabase | undefined;
  const opened = () => {
    if (created === undefined) throw new Error('the database is made before the first test; use it in a test or in a hook');
    return created;
  };
  beforeAll(async () => {
    created = await createMigrationDatabase(options);
  });
  afterAll(() => created?.close());
  if (!keepRows) {
    beforeEach(async () => {
      await emptyLegacy(opened());
      await emptyVideoPlatform(opened());
    });
  }
  return {
    get name() {
      return opened().name;
    },
    get url() {
      return opened().url;
    },
    get pool() {
      return opened().pool;
    },
    get query() {
      return opened().query;
    },
    get db() {
      return opened().db;
    },
    get drop() {
      return opened().drop;
    },
    get close() {
      return opened().close;
    },
  };
}
