import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
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
  /** Processor time its processes have used; 0 where there is no /proc to tell. */
  cpuSeconds(): Promise<number>;
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
  const postmaster = await parentOf((await admin.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid);
  return {
    urlOf: (database) => postgres.urlOf(database),
    copy: async (from, to) => void (await admin.query(`create database ${to} template ${from}`)),
    create: async (database) => void (await admin.query(`create database ${database}`)),
    drop: async (database) => void (await admin.query(`drop database if exists ${database} with (force)`)),
    cpuSeconds: () => cpuSecondsOf(postmaster),
    close: async () => {
      await admin.end();
      await postgres.stop();
      await remove();
    },
  };
}

interface ProcessTimes {
  readonly parent: number;
  /** Of the process. */
  readonly own: number;
  /** Of children that have ended. */
  readonly ended: number;
}

/** Source: proc(5); a tick is 10 ms on Linux. */
async function timesOf(pid: string | number): Promise<ProcessTimes | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  // The name before may hold blanks and brackets.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [, parent = 0] = fields;
  const [own = 0, system = 0, ended = 0, endedSystem = 0] = fields.slice(11);
  return { parent, own: (own + system) / 100, ended: (ended + endedSystem) / 100 };
}

async function parentOf(pid: number | undefined): Promise<number | undefined> {
  return pid === undefined ? undefined : (await timesOf(pid))?.parent;
}

async function cpuSecondsOf(postmaster: number | undefined): Promise<number> {
  const root = postmaster === undefined ? undefined : await timesOf(postmaster);
  if (root === undefined) return 0;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const children = (await Promise.all(pids.map(timesOf))).filter((times) => times?.parent === postmaster);
  return root.own + root.ended + children.reduce((total, times) => total + (times?.own ?? 0), 0);
}
