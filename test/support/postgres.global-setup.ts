import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../local/postgres/start-postgres.ts';
import { makeRunDirectory } from './run-directory.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Database `postgres` of the cluster that all test files share. */
    postgresAdminUrl: string;
  }
}

/** One cluster and one temporary directory for the whole run; each file takes databases of its own from `test/support/database.ts`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = makeRunDirectory();
  const postgres = await startPostgres({ dataDir: join(directory.path, 'cluster'), port: 0, durable: false }).catch((error) => {
    directory.remove();
    throw error;
  });
  project.provide('postgresAdminUrl', postgres.urlOf('postgres'));
  return async () => {
    await postgres.stop();
    directory.remove();
  };
}
