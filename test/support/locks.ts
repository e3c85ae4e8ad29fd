import { expect, onTestFinished, vi } from 'vitest';
import type { TestDatabase } from './database.ts';

/** Somebody else's transaction, and the locks it holds. */
export interface Held {
  /** Runs one more statement in it. */
  query(sql: string, values?: readonly unknown[]): Promise<unknown>;
  /** Commits it. */
  release(): Promise<void>;
}

/** Runs a statement in a transaction of its own, which is open until it is released; one that the test leaves open is undone at its end. */
export async function hold(database: Pick<TestDatabase, 'pool'>, sql: string, values: readonly unknown[] = []): Promise<Held> {
  const client = await database.pool.connect();
  let open = true;
  const end = (destroy: boolean) => {
    if (open) client.release(destroy);
    open = false;
  };
  // Whatever the test failed of: a client that is not given back would keep the pool from ending, and hide it behind a time-out.
  onTestFinished(() => end(true));
  const query: Held['query'] = (further, given = []) => client.query(further, [...given]);
  await query('begin');
  await query(sql, values);
  return {
    query,
    release: async () => {
      await query('commit');
      end(false);
    },
  };
}

/** Resolves once so many others in this database wait for a lock, of whatever kind. */
export function othersWait(database: Pick<TestDatabase, 'query'>, count = 1): Promise<void> {
  const waiting = `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
  return vi.waitFor(async () => expect(await database.query(waiting)).toEqual([{ n: count }]), { timeout: 10_000, interval: 10 });
}

/** An advisory lock that the test holds. */
export interface HeldLock extends Pick<Held, 'release'> {
  /** A call for a statement, which waits for the lock and has it until its transaction ends. */
  readonly taken: string;
  /** The server's processes whose statements wait for it. */
  waiting(): Promise<number[]>;
  /** Resolves when a statement waits for it. */
  awaited(): Promise<void>;
}

const KEY = 20_261_123;

/** Holds an advisory lock of the test's database: a statement that takes it runs until it is released, or the test ends. */
export async function holdLock(database: Pick<TestDatabase, 'pool' | 'query'>): Promise<HeldLock> {
  const taken = `pg_advisory_xact_lock(${KEY})`;
  const { release } = await hold(database, `select ${taken}`);
  const waiting = async () => {
    const rows = await database.query<{ pid: number }>(
      `select pid from pg_locks
       where locktype = 'advisory' and objid = ${KEY} and not granted and database = (select oid from pg_database where datname = current_database())`,
    );
    return rows.map(({ pid }) => pid);
  };
  return { taken, waiting, awaited: () => expect.poll(waiting, { timeout: 10_000 }).not.toEqual([]), release };
}
