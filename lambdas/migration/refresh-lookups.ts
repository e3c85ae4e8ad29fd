import type { DataApi, Row } from '../data-api/data-api.ts';
import type { BatchSizeLimits } from './batch-size.ts';
import { byKey, type NextChunk } from './by-key.ts';
import { APPLY_LOCK } from './compile/apply.ts';
import type { Lookup } from './entities/entity.ts';
import { entities } from './entities/index.ts';

/** Legacy rows a statement. A second is what those who wait for the lock can bear. */
const CHUNK: BatchSizeLimits = { first: 10_000, max: 1_000_000, targetMs: 1_000 };

/** Brings what projections look up up to date, chunk by chunk. Safe to repeat. */
export async function refreshLookups(db: DataApi, limits: BatchSizeLimits = CHUNK): Promise<void> {
  for (const { lookup } of entities) if (lookup !== undefined) await byKey(limits, (next) => refreshChunk(db, lookup, next));
}

/** Under the lock of everything that re-derives rows: catch-up keeps the same tables. Gives the key that the chunk ends with, null for the last. */
function refreshChunk(db: DataApi, lookup: Lookup, next: NextChunk): Promise<string | null> {
  return db.transaction(async (query) => {
    await query(APPLY_LOCK);
    const [chunk] = await query<Row & { next_key: string | null }>(lookup.refresh, { ...next });
    return chunk?.next_key ?? null;
  });
}
