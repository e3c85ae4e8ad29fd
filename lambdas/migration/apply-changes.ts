import type { DataApi, Row } from '../data-api/data-api.ts';
import {
  APPLY_LOCK,
  compileApply,
  compileKnown,
  compileOldestChanges,
  compileQueueUnknown,
  compileReferrers,
  compileWakeReferrers,
  DROP_CHANGES,
} from './compile/apply.ts';
import type { Entity } from './entities/entity.ts';
import { entities } from './entities/index.ts';

/** What a batch of changes came to. */
export interface Applied {
  /** Changed keys taken off the queue. */
  readonly taken: number;
  /** Whether it took as many changes as it may: there may be more. */
  readonly full: boolean;
  /** Whether it put changes of the entity on the queue: of rows that are pending or being copied. */
  readonly queued: boolean;
  /** Age of the oldest of them. */
  readonly lagSeconds: number;
}

/** What the ledger calls the run of a row that was applied: none, so that a refused one is tried again by the run under way, which may yet bring what it wants. */
export const NO_RUN = '00000000-0000-0000-0000-000000000000';

type Query = DataApi['query'];

/** Rows of one statement's answer: far below the Data API's 1 MiB a result and 64 KB a row. */
const PAGE = 1_000;

/** A changed key and the changes of it that a batch takes, by their ids in the queue. */
export interface TakenChange {
  readonly key: string;
  readonly ids: readonly number[];
}

/** Which changes a batch takes, and who hears of it. */
export interface Taking {
  /** Only those of rows in quarantine. @default false */
  readonly inQuarantine?: boolean;
  /** Told the changes before they are applied: what a caller needs to know when the database refuses. */
  readonly onTaken?: (changes: readonly TakenChange[]) => void;
  /** Milliseconds, from when it has the lock, that it may take before it asks for more rows that go with removed ones. @default without end */
  readonly maxMs?: number;
}

/** What goes with the rows that a batch removes is more than it has the time for. It was undone; one of fewer keys may do. */
export class BatchTooLongError extends Error {
  override readonly name = 'BatchTooLongError';
  constructor(changes: number, { name }: Entity) {
    super(`a batch of ${changes} changes of ${name} took too long and was undone; expected one of fewer to do`);
  }
}

/**
 * Takes up to `limit` changes of an entity and brings their target rows to what the projection says now, in one transaction. @throws {BatchTooLongError}
 */
export function applyChanges(
  db: DataApi,
  entity: Entity,
  limit: number,
  { inQuarantine = false, onTaken = () => {}, maxMs = Number.POSITIVE_INFINITY }: Taking = {},
): Promise<Applied> {
  return db.transaction(async (send) => {
    await send(APPLY_LOCK);
    const endMs = performance.now() + maxMs;
    const query: Query = (sql, parameters) => {
      if (performance.now() > endMs) throw new BatchTooLongError(limit, entity);
      return send(sql, parameters);
    };
    const changes = await query<Row & { legacy_id: string; ids: string; lag_seconds: number; changes: number }>(
      compileOldestChanges(entity, { inQuarantine }),
      {
        limit: Math.min(limit, PAGE),
      },
    );
    const taken = changes.map(({ legacy_id, ids }): TakenChange => ({ key: legacy_id, ids: JSON.parse(ids) as number[] }));
    onTaken(taken);
    const keys = taken.map(({ key }) => key);
    const queued = await applyKeys(query, entity, keys);
    if (keys.length > 0) await query(DROP_CHANGES, { ids: JSON.stringify(taken.flatMap(({ ids }) => ids)) });
    const rows = changes.reduce((total, { changes: of }) => total + of, 0);
    return {
      taken: changes.length,
      full: rows >= Math.min(limit, PAGE),
      queued,
      lagSeconds: Math.max(0, ...changes.map(({ lag_seconds }) => lag_seconds)),
    };
  });
}

/**
 * Applies keys, then what follows from them: rows that refer to removed ones are removed with them, and rows that were refused for want of one that has come are put
 * in the queue. A row that refers to a removed one and is kept undoes it all: references are checked at commit. Answers whether keys of the entity itself were queued.
 */
async function applyKeys(query: Query, entity: Entity, keys: readonly string[]): Promise<boolean> {
  if (keys.length === 0) return false;
  const affected = await refreshLookup(query, entity, keys);
  // A batch that is being copied, or begins before this commits, may hold an affected row in its old version, unknown to the ledger still: its change waits
  // in the queue.
  const queued = affected.length === 0 ? [] : await query(compileQueueUnknown(entity), { keys: JSON.stringify(affected) });
  const { removed, appeared } = await deriveAgain(query, entity, [...keys, ...affected]);
  for (const [referrer, column] of referrersOf(entity)) {
    if (appeared.length > 0) await query(compileWakeReferrers(referrer), { keys: JSON.stringify(appeared) });
    if (removed.length === 0) continue;
    for (let after: string | undefined = ''; after !== undefined; ) {
      const orphans = keysOf(await query(compileReferrers(referrer, column), { keys: JSON.stringify(removed), after, limit: PAGE }));
      await applyKeys(query, referrer, orphans);
      after = orphans.length < PAGE ? undefined : orphans.at(-1);
    }
  }
  return queued.length > 0;
}

/** Answers the keys whose projection changes for it. Two statements: one that writes has nothing left to answer when it is sent twice. */
async function refreshLookup(query: Query, { lookup }: Entity, keys: readonly string[]): Promise<readonly string[]> {
  if (lookup === undefined) return [];
  const parameters = { keys: JSON.stringify(keys) };
  const affected = keysOf(await query(lookup.affectedKeys, parameters));
  await query(lookup.refreshKeys, parameters);
  return affected;
}

interface Derived {
  /** Target keys of the rows that are there no more. */
  readonly removed: readonly string[];
  /** Legacy keys of the rows that can be referred to from now on. */
  readonly appeared: readonly string[];
}

/**
 * All in one statement, since rows may swap what is unique; a lookup affects at most two other rows a key. What came of it is the difference of two looks, which
 * answer the same however often they and the statement between them are sent.
 */
async function deriveAgain(query: Query, entity: Entity, keys: readonly string[]): Promise<Derived> {
  const before = await readKnown(query, entity, keys);
  // A row that is copied from here on is left to its copy: of what was not there before nobody would learn that it went.
  const known = [...before.keys()];
  if (known.length === 0) return { removed: [], appeared: [] };
  await query(compileApply(entity), { keys: JSON.stringify(known), run: NO_RUN });
  if (referrersOf(entity).length === 0) return { removed: [], appeared: [] };
  const after = await readKnown(query, entity, known);
  return {
    removed: [...before].flatMap(([key, targetKey]) => (targetKey !== null && after.get(key) !== targetKey ? [targetKey] : [])),
    appeared: [...after].flatMap(([key, targetKey]) => (targetKey !== null && before.get(key) !== targetKey ? [key] : [])),
  };
}

/** Legacy keys that the migration has dealt with → keys of their target rows; null without one. */
async function readKnown(query: Query, entity: Entity, keys: readonly string[]): Promise<ReadonlyMap<string, string | null>> {
  const rows = await query<Row & { legacy_id: string; target_key: string | null }>(compileKnown(entity), { keys: JSON.stringify(keys) });
  return new Map(rows.map(({ legacy_id, target_key }) => [legacy_id, target_key]));
}

function keysOf(rows: readonly Row[]): string[] {
  return rows.map(({ legacy_id }) => String(legacy_id));
}

/** Entities with a column that refers to the entity. */
function referrersOf(entity: Entity): readonly (readonly [Entity, string])[] {
  return entities.flatMap((referrer) =>
    Object.entries(referrer.columns)
      .filter(([, { references }]) => references === entity)
      .map(([column]) => [referrer, column] as const),
  );
}
