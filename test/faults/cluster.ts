import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../../local/postgres/start-postgres.ts';

export interface Cluster {
  urlOf(database: string): string;
  /** A copy of the database with everything in it. */
  copy(from: string, to: string): Promise<void>;
  create(database: string): Promise<void>;
  drop(database: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * A PostgreSQL of its own for each worker: which snapshots are in use is asked of the whole cluster, so nothing else may work in it.
 * Nothing happens in it by itself: no autovacuum, and a deadlock is found at once, by the session that completes it.
 */
export async function startCluster(): Promise<Cluster> {
  const directory = await mkdtemp(join(tmpdir(), 'videopick-faults-'));
  const remove = () => rm(directory, { recursive: true, force: true });
  const postgres = await startPostgres({ dataDir: join(directory, 'cluster'), port: 0, durable: false }).catch(async (error) => {
    await remove();
    throw error;
  });
  const admin = new pg.Client({ connectionString: postgres.urlOf('postgres') });
  await admin.connect();
  await admin.query('alter system set autovacuum = off');
  await admin.query(`alter system set deadlock_timeout = '1ms'`);
  // Plans for tens of rows need no search.
  for (const limit of ['join_collapse_limit', 'from_collapse_limit']) await admin.query(`alter system set ${limit} = 1`);
  await admin.query('select pg_reload_conf()');
  return {
    urlOf: (database) => postgres.urlOf(database),
    copy: async (from, to) => void (await admin.query(`create database ${to} template ${from}`)),
    create: async (database) => void (await admin.query(`create database ${database}`)),
    drop: async (database) => void (await admin.query(`drop database if exists ${database} with (force)`)),
    close: async () => {
      await admin.end();
      await postgres.stop();
      await remove();
    },
  };
}
