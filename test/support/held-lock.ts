import { expect, onTestFinished } from 'vitest';
import type { TestDatabase } from './database.ts';

export interface HeldLock {
  /** A call for a statement, which waits for the lock and has it until its transaction ends. */
  readonly taken: string;
  /** The server's processes whose statements wait for it. */
  waiting(): Promise<number[]>;
  /** Resolves when a statement waits for it. */
  awaited(): Promise<void>;
  release(): Promise<void>;
}

const KEY = 20_261_123;

/** Holds an advisory lock of the test's database until `release`, or the test's end: a statement that takes it runs for that long. */
export async function holdLock(database: TestDatabase): Promise<HeldLock> {
  const holder = await database.pool.connect();
  let released: Promise<void> | undefined;
  const release = () => {
    released ??= holder
      .query('select pg_advisory_unlock($1)', [KEY])
      .then(() => {})
      .finally(() => holder.release());
    return released;
  };
  onTestFinished(release);
  await holder.query('select pg_advisory_lock($1)', [KEY]);
  const waiting = async () => {
    const rows = await database.query<{ pid: number }>(
      `select pid from pg_locks
       where locktype = 'advisory' and objid = ${KEY} and not granted and database = (select oid from pg_database where datname = current_database())`,
    );
    return rows.map(({ pid }) => pid);
  };
  return {
    taken: `pg_advisory_xact_lock(${KEY})`,
    waiting,
    awaited: () => expect.poll(waiting, { timeout: 10_000 }).not.toEqual([]),
    release,
  };
}
