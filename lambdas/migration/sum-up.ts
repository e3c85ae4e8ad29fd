import type { DataApi, Row } from '../data-api/data-api.ts';
import { sumUpFunction } from './compile/sums.ts';
import type { Entity } from './entities/entity.ts';

/** Rows that hold sums, a statement: a channel has some dozens of videos, so this reads some hundred thousand rows at most. */
const CHUNK_ROWS = 10_000;

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
  for (let after: string | null = null, more = true; more; more = after !== null) after = await sumChunk(db, entity, after, onSummed);
}

/** Gives the key that the chunk ends with, null for the last. */
function sumChunk(db: DataApi, entity: Entity, after: string | null, onSummed: OnSummed | undefined): Promise<string | null> {
  if (onSummed === undefined) return callSumUp((...statement) => db.query(...statement), entity, after);
  return db.transaction(async (query) => {
    const upto = await callSumUp(query, entity, after);
    await onSummed(query, { after, upto }, () => callSumUp(query, entity, after));
    return upto;
  });
}

async function callSumUp(query: DataApi['query'], entity: Entity, after: string | null): Promise<string | null> {
  const [chunk] = await query<Row & { next_key: string | null }>(`select ${sumUpFunction(entity)}(:after, :limit) as next_key`, {
    after,
    limit: CHUNK_ROWS,
  });
  return chunk?.next_key ?? null;
}
