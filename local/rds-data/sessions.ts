import pg from 'pg';
import { databaseError, statementTimeout } from './errors.ts';
import type { Limits } from './limits.ts';
import type { BoundStatement } from './parameters.ts';
import { PreparedCall, type StatementResult } from './prepared-call.ts';

/**
 * What `discard all` does, but for plans: those hold nothing of their caller, and PostgreSQL itself makes them anew when a change has made them wrong. Without them each call would plan its
 * triggers again.
 */
const RESET = [
  'rollback',
  'close all',
  'set session authorization default',
  'reset all',
  'deallocate all',
  'unlisten *',
  'select pg_advisory_unlock_all()',
  'discard temp',
  'discard sequences',
].join('; ');

const MAX_SESSIONS = 50;
/** Long enough for a queue of short statements, short enough to tell leaked transactions. */
const ACQUIRE_TIMEOUT_MS = 30_000;

/** Pooled connections, by database. A session that goes back is reset, so that no state leaks from one call into the next. */
export class Sessions {
  readonly #databaseUrlOf: (database: string) => string;
  readonly #pools = new Map<string, pg.Pool>();
  readonly #inUse = new Set<Session>();
  /** By database, those under way. */
  readonly #resets = new Map<string, Set<Promise<void>>>();

  constructor(databaseUrlOf: (database: string) => string) {
    this.#databaseUrlOf = databaseUrlOf;
  }

  async acquire(database: string): Promise<Session> {
    try {
      const client = await this.#connect(database);
      const session = new Session(client, {
        cancel: (pid) => this.#cancel(database, pid),
        resetting: (reset) => this.#noteReset(database, reset),
        released: () => this.#inUse.delete(session),
      });
      this.#inUse.add(session);
      return session;
    } catch (error) {
      throw databaseError(error);
    }
  }

  /** Cancels what still runs, and closes every connection. */
  async close(): Promise<void> {
    await Promise.all([...this.#inUse].map((session) => session.cancel()));
    await Promise.all([...this.#pools.values()].map((pool) => pool.end()));
  }

  /** A connection that is free, or soon is: whoever calls at once after an answer finds its session in its reset, which is over long before a new connection is made. */
  async #connect(database: string): Promise<pg.PoolClient> {
    const pool = this.#poolOf(database);
    const resets = this.#resets.get(database);
    if (pool.idleCount === 0 && resets !== undefined && resets.size > 0) await Promise.race(resets);
    return pool.connect();
  }

  #noteReset(database: string, reset: Promise<void>): void {
    const resets = this.#resets.get(database) ?? new Set();
    this.#resets.set(database, resets.add(reset));
    void reset.then(() => resets.delete(reset));
  }

  #poolOf(database: string): pg.Pool {
    const existing = this.#pools.get(database);
    if (existing !== undefined) return existing;
    const pool = new pg.Pool({
      connectionString: this.#databaseUrlOf(database),
      max: MAX_SESSIONS,
      connectionTimeoutMillis: ACQUIRE_TIMEOUT_MS,
      allowExitOnIdle: true,
      // What results look like as text must not depend on the server's configuration.
      options: '-c TimeZone=UTC -c DateStyle=ISO -c bytea_output=hex -c extra_float_digits=1',
    });
    pool.on('error', () => {}); // an idle connection was lost: the pool has removed it
    this.#pools.set(database, pool);
    return pool;
  }

  /** From a connection of its own: the pool may be exhausted by the very statements to be cancelled. */
  async #cancel(database: string, pid: number): Promise<void> {
    const client = new pg.Client({ connectionString: this.#databaseUrlOf(database) });
    await client.connect();
    try {
      await client.query('select pg_cancel_backend($1)', [pid]);
    } finally {
      await client.end();
    }
  }
}

type ClientWithPid = pg.PoolClient & { readonly processID: number };

interface SessionHooks {
  readonly cancel: (pid: number) => Promise<void>;
  readonly resetting: (reset: Promise<void>) => void;
  readonly released: () => void;
}

/** One connection, for one caller at a time. */
export class Session {
  readonly #client: ClientWithPid;
  readonly #hooks: SessionHooks;
  #lost = false;

  constructor(client: pg.PoolClient, hooks: SessionHooks) {
    this.#client = client as ClientWithPid;
    this.#hooks = hooks;
    this.#client.on('error', this.#onLost);
  }

  readonly #onLost = () => {
    this.#lost = true;
  };

  /** The server's process behind this session: `dbConnectionId` of a time-out. */
  get pid(): number {
    return this.#client.processID;
  }

  /** @throws {AwsError} for what PostgreSQL refuses */
  async run(statement: BoundStatement, limits: Limits): Promise<StatementResult> {
    try {
      return await this.#client.query(new PreparedCall(statement, limits)).result;
    } catch (error) {
      throw databaseError(error);
    }
  }

  /** A statement of the stand-in's own, such as `begin` or a look into the catalog. */
  async query<Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []): Promise<Row[]> {
    try {
      return (await this.#client.query<Row>(sql, [...values])).rows;
    } catch (error) {
      throw databaseError(error);
    }
  }

  /** Ends the statement that runs, if one does; its caller sees SQLSTATE 57014. */
  async cancel(): Promise<void> {
    await this.#hooks.cancel(this.pid).catch(this.#onLost);
  }

  /** Cancels what still runs after the limit, and waits for its end. @throws {AwsError} `StatementTimeoutException` */
  async within<T>(limitMs: number, work: Promise<T>): Promise<T> {
    let expired = false;
    const timer = setTimeout(() => {
      expired = true;
      void this.cancel();
    }, limitMs);
    try {
      return await work;
    } catch (error) {
      throw expired ? statementTimeout(limitMs, this.pid) : error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Gives the connection back, reset: settings, temporary tables, advisory locks, prepared statements and what a transaction left open. */
  release(): Promise<void> {
    const reset = this.#reset();
    this.#hooks.resetting(reset);
    return reset;
  }

  async #reset(): Promise<void> {
    try {
      if (!this.#lost) await this.#client.query(RESET);
    } catch {
      this.#lost = true;
    }
    this.#client.off('error', this.#onLost);
    this.#client.release(this.#lost);
    this.#hooks.released();
  }
}
