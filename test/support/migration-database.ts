import { DataApi } from '../../lambdas/data-api/data-api.ts';
import { compileSchema } from '../../lambdas/migration/compile/index.ts';
import { applySchema } from '../../lambdas/migration/schema/apply-schema.ts';
import { readMigrationFiles } from '../../lambdas/migration/schema/migration-files.ts';
import { readLinkPickSql } from '../../local/legacy/schema.ts';
import { createDatabase, dataApi, type TestDatabase } from './database.ts';

export const migrationsFolder = new URL('../../database/migrations/', import.meta.url);
export const linkpickSql = await readLinkPickSql();

export interface MigrationDatabase extends TestDatabase {
  /** The client that the steps use. */
  readonly db: DataApi;
  close(): Promise<void>;
}

/** A database with LinkPick's empty tables and VideoPick's schema. Call `close` in `afterAll`. */
export async function createMigrationDatabase(): Promise<MigrationDatabase> {
  const database = await createDatabase();
  const api = await dataApi(database);
  const db = new DataApi(api.client, api);
  await database.query(linkpickSql);
  await applySchema(db, await readMigrationFiles(migrationsFolder), compileSchema());
  const close = async () => {
    await api.close();
    await database.drop();
  };
  return { ...database, db, close };
}
