import type { DataApi, Row } from '../data-api/data-api.ts';
import { BatchSize, type BatchSizeLimits } from './batch-size.ts';
import { sumUpFunction } from './compile/sums.ts';
import type { Entity } from './entities/entity.ts';
import { isStatementTimeout } from './statement-timeout.ts';

/** Rows that hold sums, a statement. Each may read every row that is summed up, so few large ones cost less; a second is what those who wait for the lock can bear. */
const CHUNK: BatchSizeLimits = { first: 10_000, max: 1_000_000, targetMs: 1_000 };

/** Rows that hold sums, by key. */
export interface SumChunk {
  /** Exclusive; null for the first. */
  readonly after: string | null;
  /** Inclusive; null for the last. */
  readonly upto: string | null;
}

/** What is done in the transaction that sums a chunk up, after it has: `sumAgain` brings the chunk up to date once more. */
export type OnSummed = (query: DataApi['query'], chunk: SumChunk, sumAgain: () => Promise<unknown>) => Promise<void>;

/**
 * Brings the sums over the entity's rows up to date, chunk by chunk; an entity without sums has nothing to do. Safe to repeat. Each chunk under the lock of
 * everything that re-derives rows: of two who sum up at once, the one who looks later also writes later, and no change comes between a chunk's sums and `onSummed`.
 */
export async function sumUp(db: DataApi, entity: Entity, onSummed?: OnSummed): Promise<void> {
  if (entity.aggregate === undefined) return;
  const size = new BatchSize(CHUNK);
  for (let after: string | null = null, more = true; more; ) {
    const limit = size.rows;
    const startedMs = performance.now();
    try {
      after = await sumChunk(db, entity, { after, limit }, onSummed);
      size.succeeded(limit, performance.now() - startedMs);
      more = after !== null;
    } catch (error) {
      if (!isStatementTimeout(error) || limit === 1) throw error;
      size.timedOut();
    }
  }
}

interface NextChunk {
  /** Exclusive. */
  readonly after: string | null;
  readonly limit: number;
}

/** Gives the key that the chunk ends with, null for the last. */
function sumChunk(db: DataApi, entity: Entity, next: NextChunk, onSummed: OnSummed | undefined): Promise<string | null> {
  if (onSummed === undefined) return callSumUp((...statement) => db.query(...statement), entity, next);
  return db.transaction(async (query) => {
    const upto = await callSumUp(query, entity, next);
    await onSummed(query, { after: next.after, upto }, () => callSumUp(query, entity, next));
    return upto;
  });
}

async function callSumUp(query: DataApi['query'], entity: Entity, { after, limit }: NextChunk): Promise<string | null> {
  const [chunk] = await query<Row & { next_key: string | null }>(`select ${sumUpFunction(entity)}(:after, :limit) as next_key`, {
    after,
    limit,
  });
  return chunk?.next_key ?? null;
}
