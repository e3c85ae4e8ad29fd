import type { DataApi, Row } from '../data-api/data-api.ts';
import { APPLY_LOCK, compileApply, compileReferrers, compileTakeChanges, compileWakeReferrers } from './compile/apply.ts';
import type { Entity } from './entities/entity.ts';
import { entities } from './entities/index.ts';

/** What a batch of changes came to. */
export interface Applied {
  /** Changed keys taken off the log. */
  readonly taken: number;
  /** Age of the oldest of them. */
  readonly lagSeconds: number;
}

/** Rows that are in no run carry this. */
export const NO_RUN = '00000000-0000-0000-0000-000000000000';

type Query = DataApi['query'];

/** Takes up to `limit` changed keys of an entity and brings their target rows to what the projection says now, in one transaction. */
export function applyChanges(db: DataApi, entity: Entity, limit: number, runId: string): Promise<Applied> {
  return db.transaction(async (query) => {
    await query(APPLY_LOCK);
    const changes = await query<Row & { legacy_id: string; lag_seconds: number }>(compileTakeChanges(entity), { limit });
    await applyKeys(
      query,
      entity,
      changes.map(({ legacy_id }) => legacy_id),
      runId,
    );
    return { taken: changes.length, lagSeconds: Math.max(0, ...changes.map(({ lag_seconds }) => lag_seconds)) };
  });
}

/**
 * Applies keys, then what follows from them: rows that refer to removed ones are removed with them (references are checked at commit), and rows that
 * were refused for want of one that has come are put on the log.
 */
async function applyKeys(query: Query, entity: Entity, keys: readonly string[], runId: string): Promise<void> {
  if (keys.length === 0) return;
  const affected =
    entity.lookup === undefined ? [] : await query<Row & { legacy_id: string }>(entity.lookup.refreshKeys, { keys: JSON.stringify(keys) });
  const all = [...keys, ...affected.map(({ legacy_id }) => legacy_id)];
  const [result] = await query<Row & { removed: readonly string[]; appeared: readonly string[] }>(compileApply(entity), {
    keys: JSON.stringify(all),
    run: runId,
  });
  const { removed = [], appeared = [] } = result ?? {};
  for (const [referrer, column] of referrersOf(entity)) {
    if (appeared.length > 0) await query(compileWakeReferrers(referrer), { keys: JSON.stringify(appeared) });
    if (removed.length === 0) continue;
    const orphans = await query<Row & { legacy_id: string }>(compileReferrers(referrer, column), { keys: JSON.stringify(removed) });
    await applyKeys(
      query,
      referrer,
      orphans.map(({ legacy_id }) => legacy_id),
      runId,
    );
  }
}

/** Entities with a column that refers to the entity. */
function referrersOf(entity: Entity): readonly (readonly [Entity, string])[] {
  return entities.flatMap((referrer) =>
    Object.entries(referrer.columns)
      .filter(([, { references }]) => references === entity)
      .map(([column]) => [referrer, column] as const),
  );
}
