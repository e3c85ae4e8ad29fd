import { randomBytes } from 'node:crypto';
import { type DeathCause, transactionBusy, transactionNotFound, validationError } from './errors.ts';
import type { Limits } from './limits.ts';
import type { Session, Sessions } from './sessions.ts';

interface Transaction {
  readonly session: Session;
  readonly database: string;
  readonly begunAt: number;
  usedAt: number;
  busy: boolean;
}

const SWEEP_EVERY_MS = 1_000;
/** Ends remembered, so that a late call learns why its transaction is gone. */
const MAX_REMEMBERED = 10_000;

/** Open transactions by id: one call at a time, ended by an error, by idleness and by age, as in the service. */
export class Transactions {
  readonly #sessions: Sessions;
  readonly #limits: Limits;
  readonly #clock: () => number;
  readonly #open = new Map<string, Transaction>();
  readonly #ended = new Map<string, DeathCause>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(sessions: Sessions, limits: Limits, clock: () => number) {
    this.#sessions = sessions;
    this.#limits = limits;
    this.#clock = clock;
    this.#sweeper = setInterval(() => void this.sweep(), SWEEP_EVERY_MS).unref();
  }

  async begin(database: string): Promise<string> {
    const session = await this.#sessions.acquire(database);
    try {
      await session.query('begin');
    } catch (error) {
      await session.release();
      throw error;
    }
    const id = randomBytes(60).toString('base64');
    const now = this.#clock();
    this.#open.set(id, { session, database, begunAt: now, usedAt: now, busy: false });
    return id;
  }

  /** Works in the transaction. What the work throws ends it. @throws {AwsError} when it is not open, or busy */
  async use<T>(id: string, database: string | undefined, work: (session: Session) => Promise<T>): Promise<T> {
    await this.sweep();
    const transaction = this.#take(id);
    if (database !== undefined && database !== transaction.database) {
      throw validationError(`Database name ${database} is not the same as the transaction's, ${transaction.database}`);
    }
    transaction.busy = true;
    try {
      return await work(transaction.session);
    } catch (error) {
      await this.#end(id, 'aborted');
      throw error;
    } finally {
      transaction.busy = false;
      transaction.usedAt = this.#clock();
    }
  }

  async commit(id: string): Promise<void> {
    await this.sweep();
    const { session } = this.#take(id);
    this.#forget(id, 'ended');
    try {
      await session.query('commit');
    } finally {
      await session.release();
    }
  }

  async rollback(id: string): Promise<void> {
    await this.sweep();
    this.#take(id);
    await this.#end(id, 'ended');
  }

  /** Rolls back what has been idle or open for too long. */
  async sweep(): Promise<void> {
    const now = this.#clock();
    const { idleTransactionMs, transactionAgeMs } = this.#limits;
    const expired = [...this.#open].filter(
      ([, { busy, usedAt, begunAt }]) => !busy && (now - usedAt > idleTransactionMs || now - begunAt > transactionAgeMs),
    );
    await Promise.all(expired.map(([id]) => this.#end(id, 'expired')));
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeper);
    await Promise.all([...this.#open.keys()].map((id) => this.#end(id, 'ended')));
  }

  /** The transaction, free to be used. Nothing may be awaited between this and its use: two calls at once would both find it free. */
  #take(id: string): Transaction {
    const transaction = this.#open.get(id);
    // An id that was never given out reads like one that is long gone.
    if (transaction === undefined) throw transactionNotFound(id, this.#ended.get(id) ?? 'expired');
    if (transaction.busy) throw transactionBusy();
    return transaction;
  }

  async #end(id: string, cause: DeathCause): Promise<void> {
    await this.#forget(id, cause)?.session.release();
  }

  #forget(id: string, cause: DeathCause): Transaction | undefined {
    const transaction = this.#open.get(id);
    if (transaction === undefined) return undefined;
    this.#open.delete(id);
    this.#ended.set(id, cause);
    const [oldest] = this.#ended.keys();
    if (this.#ended.size > MAX_REMEMBERED && oldest !== undefined) this.#ended.delete(oldest);
    return transaction;
  }
}
