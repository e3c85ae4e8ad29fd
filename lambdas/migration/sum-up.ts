import type { DataApi, Row } from '../data-api/data-api.ts';
import type { BatchSizeLimits } from './batch-size.ts';
import { byKey, type NextChunk } from './by-key.ts';
import { sumUpFunction } from './compile/sums.ts';
import { TAKE_SUMS_DUE } from './compile/sums-due.ts';
import type { Entity } from './entities/entity.ts';
import { entities } from './entities/index.ts';

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
  await byKey(CHUNK, (next) => sumChunk(db, entity, next, onSummed));
}

/**
 * Takes all sums when rows that were moved have made them due, or `anyway`. What makes them due is kept by the transaction that moved the rows, so that neither a lost
 * answer nor a death before the sums leaves them wrong.
 */
export async function sumUpDue(db: DataApi, { anyway }: { readonly anyway: boolean }): Promise<void> {
  const [due] = await db.query<{ since: string }>(TAKE_SUMS_DUE);
  if (due === undefined && !anyway) return;
  for (const entity of entities) await sumUp(db, entity);
  // Marks that were taken over meanwhile have made it younger: then it stays.
  if (due !== undefined) await db.query('delete from video_platform.sums_due where since::text = :since', { since: due.since });
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
