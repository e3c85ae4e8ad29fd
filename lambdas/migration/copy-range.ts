import type { DataApi, Row } from '../data-api/data-api.ts';
import { sqlStateOf } from '../data-api/data-api.ts';
import { logger } from '../step.ts';
import type { BatchSize } from './batch-size.ts';
import { compileCopy, compileNextKey, compileSetAside } from './compile/copy.ts';
import { TOO_LONG_WITH_BLANKS } from './compile/too-long.ts';
import { type Entity, WAITING } from './entities/entity.ts';
import { CursorGoneError, FingerprintMismatchError, LeaseLostError } from './errors.ts';
import { hasNoRoom, isRepeatedBatch, type Refusal, refusalOf } from './refusal.ts';
import { withColumn } from './refused-column.ts';
import { isStatementTimeout } from './statement-timeout.ts';

/** A key range of an entity: one cursor. */
export interface CopyRange {
  readonly rangeNo: number;
  /** Whether it ends at a key. */
  readonly bounded: boolean;
}

export interface Batch extends Row {
  readonly leased: boolean;
  /** What the operator asks of the run: 'run', or to 'pause' or 'cancel' at this boundary; null when the row that says so is lost. */
  readonly request: 'run' | 'pause' | 'cancel' | null;
  readonly completed: number;
  readonly quarantined: number;
  readonly exhausted: boolean;
  /** At most this is left of the day's quota: the batch did not see what other ranges were about to commit. */
  readonly remaining: number;
}

export interface CopyRangeDependencies {
  readonly db: DataApi;
  /** Rows that one batch may set aside: a systematic fault must not burn through a table in a batch that has grown. */
  readonly mostAside: number;
  readonly newBatchKey: () => string;
  /** Told of every batch that was answered, for metrics; setting a row aside is one. */
  readonly onBatch: (batch: Batch, tookMs: number) => void;
}

/** What a batch came to: rows, or why there were none. */
export type BatchResult = Batch | 'refused' | 'too-many-aside' | 'timed-out' | 'quota-used';

/** Copies batches of one range. Every batch has a key that commits with it, so a batch whose answer was lost is not copied twice. */
export class RangeCopier {
  readonly #entity: Entity;
  readonly #runId: string;
  readonly #range: CopyRange;
  readonly #dependencies: CopyRangeDependencies;
  #copy: string;
  #occupied = false;

  constructor(entity: Entity, runId: string, range: CopyRange, dependencies: CopyRangeDependencies) {
    this.#entity = entity;
    this.#runId = runId;
    this.#range = range;
    this.#dependencies = dependencies;
    this.#copy = compileCopy(entity, { ...range, occupied: this.#occupied });
  }

  /** The next batch of at most `size.rows` rows; a row that the database refuses alone is set aside. @throws {LeaseLostError} {CursorGoneError} {FingerprintMismatchError} */
  async next(size: BatchSize, quota: number): Promise<BatchResult> {
    const limit = Math.min(size.rows, quota);
    if (limit > 1) return this.#copyBatch(limit, null, size);
    const [next] = await this.#dependencies.db.query<{ key: string }>(compileNextKey(this.#entity, this.#range), {
      range: this.#range.rangeNo,
    });
    // No row left: an ordinary batch says so and marks the cursor exhausted.
    if (next === undefined) return this.#copyBatch(limit, null, size);
    const alone = await this.#copyBatch(1, next.key, size);
    return alone === 'refused' ? this.#setAside(next.key) : alone;
  }

  #refusal: Refusal | undefined;

  async #copyBatch(limit: number, only: string | null, size: BatchSize): Promise<BatchResult> {
    try {
      const { batch, tookMs } = await this.#send(this.#copy, { limit, only });
      if (only === null) size.succeeded(batch.completed + batch.quarantined, tookMs);
      else size.succeeded(1, tookMs);
      if (batch.quarantined > 0) size.atMost(((batch.completed + batch.quarantined) * this.#dependencies.mostAside) / batch.quarantined);
      return batch;
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal?.sqlState === '23505' && !this.#occupied) {
        this.#lookFirst();
        return this.#copyBatch(limit, only, size);
      }
      if (refusal !== undefined) {
        this.#refusal = refusal;
        size.refused(limit);
        return 'refused';
      }
      if (sqlStateOf(error) === 'VP001') {
        if (only !== null) this.#refusal = await this.#tooLongWithBlanks(only, error);
        size.refused(limit);
        return 'refused';
      }
      if (sqlStateOf(error) === 'VP002') return 'quota-used';
      if (sqlStateOf(error) === 'VP003') {
        size.undone(limit);
        return 'too-many-aside';
      }
      if (isStatementTimeout(error) && limit > 1) {
        size.timedOut();
        return 'timed-out';
      }
      throw error;
    }
  }

  /** A key of the batch was taken, or a value that may be there once: from now on rows that are there are brought up to date. */
  #lookFirst(): void {
    this.#occupied = true;
    this.#copy = compileCopy(this.#entity, { ...this.#range, occupied: true });
  }

  /** Why the row with that key is not stored as it is projected, if it is for blanks that do not fit. @throws {FingerprintMismatchError} if it is not */
  async #tooLongWithBlanks(key: string, error: unknown): Promise<Refusal> {
    const refusal = await withColumn(this.#dependencies.db, this.#entity, key, { class: 'TOO_LONG', ...TOO_LONG_WITH_BLANKS });
    if (refusal.column === undefined) throw new FingerprintMismatchError(this.#runId, { cause: error });
    return refusal;
  }

  async #setAside(key: string): Promise<Batch> {
    const reason = this.#refusal && (await withColumn(this.#dependencies.db, this.#entity, key, this.#refusal));
    const pass = (why: object) =>
      this.#send(compileSetAside(this.#entity, this.#range), { limit: 1, only: key, reason: JSON.stringify(why) });
    try {
      return (await pass(reason ?? {})).batch;
    } catch (error) {
      if (!hasNoRoom(error)) throw error;
      // Nor has the ledger: the cursor passes the row as one that waits, and it stays pending, which every run tries again.
      logger.warn('a row stays pending since the ledger has no room for its key', { entity: this.#entity.name, keyCharacters: key.length });
      return (await pass({ class: WAITING })).batch;
    }
  }

  async #send(
    sql: string,
    parameters: Readonly<Record<string, string | number | null>>,
  ): Promise<{ readonly batch: Batch; readonly tookMs: number }> {
    const { db, mostAside, newBatchKey, onBatch } = this.#dependencies;
    const batchKey = newBatchKey();
    const startedMs = performance.now();
    const answer = await this.#answered(batchKey, () =>
      db.query<Batch>(sql, { run: this.#runId, batch: batchKey, range: this.#range.rangeNo, aside: mostAside, ...parameters }),
    );
    const [batch] = answer;
    if (batch === undefined || (!batch.leased && batch.request === 'run')) throw await this.#whyNotLeased();
    const tookMs = performance.now() - startedMs;
    onBatch(batch, tookMs);
    return { batch, tookMs };
  }

  async #whyNotLeased(): Promise<Error> {
    const [running] = await this.#dependencies.db.query(
      `select id from video_platform.migration_run where id = :run::uuid and status = 'running'`,
      { run: this.#runId },
    );
    return running === undefined
      ? new LeaseLostError(this.#runId)
      : new CursorGoneError(this.#runId, this.#entity.name, this.#range.rangeNo);
  }

  /** Asks "did it commit?" before anything else is made of an error: an answer may be lost after the commit. */
  async #answered(batchKey: string, send: () => Promise<readonly Batch[]>): Promise<readonly Batch[]> {
    try {
      return await send();
    } catch (error) {
      // A statement that the database itself refused has not committed, except one that was sent twice.
      if (sqlStateOf(error) !== undefined && !isRepeatedBatch(error)) throw error;
      const kept = await this.#dependencies.db.query<{ outcome: Batch }>(
        'select outcome from video_platform.migration_batch where batch_key = :batchKey::uuid',
        { batchKey },
      );
      if (kept[0] === undefined) throw error;
      return [kept[0].outcome];
    }
  }
}
