import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../local/postgres/start-postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Database `postgres` of the cluster that all test files share. */
    postgresAdminUrl: string;
  }
}

/** One cluster for the whole run; each file takes databases of its own from `test/support/database.ts`. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await mkdtemp(join(tmpdir(), 'videopick-test-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  const postgres = await startPostgres({ dataDir: join(directory, 'cluster'), port: 0, durable: false }).catch(async (error) => {
    await remove();
    throw error;
  });
  project.provide('postgresAdminUrl', postgres.urlOf('postgres'));
  return async () => {
    await postgres.stop();
    await remove();
  };
}
