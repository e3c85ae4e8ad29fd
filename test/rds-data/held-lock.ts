import { expect, onTestFinished } from 'vitest';
import type { TestDatabase } from '../support/database.ts';

export interface HeldLock {
  /** A call for a statement, which waits for the lock and has it until its transaction ends. */
  readonly taken: string;
  /** How many statements wait for it. */
  waiting(): Promise<number>;
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
    const [row] = await database.query<{ n: number }>(
      `select count(*)::int as n from pg_locks
       where locktype = 'advisory' and objid = ${KEY} and not granted and database = (select oid from pg_database where datname = current_database())`,
    );
    return row?.n ?? 0;
  };
  return {
    taken: `pg_advisory_xact_lock(${KEY})`,
    waiting,
    awaited: () => expect.poll(waiting, { timeout: 10_000 }).toBeGreaterThan(0),
    release,
  };
}
