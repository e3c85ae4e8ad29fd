import type { DataApi, Row } from '../data-api/data-api.ts';
import type { Entity } from './entities/entity.ts';

/** Rows that hold sums, a statement: a channel has some dozens of videos, so this reads some hundred thousand rows at most. */
const CHUNK_ROWS = 10_000;

/** Brings the sums over the entity's rows up to date, chunk by chunk; an entity without sums has nothing to do. Safe to repeat. */
export async function sumUp(db: DataApi, { aggregate }: Entity): Promise<void> {
  if (aggregate === undefined) return;
  for (let after: string | null = null, more = true; more; more = after !== null) {
    const [chunk]: readonly (Row & { next_key: string | null })[] = await db.query(aggregate, { after, limit: CHUNK_ROWS });
    after = chunk?.next_key ?? null;
  }
}
