import type { Entity } from '../entities/entity.ts';
import { APPLY_LOCK_KEY } from './apply.ts';

/** Name of the function that brings sums over the entity's rows up to date: its arguments are the parameters of `aggregate`, its row is `next_key`. */
export function sumUpFunction({ name }: Entity): string {
  return `video_platform.sum_up_${name}`;
}

/**
 * A chunk of sums by one call, under the lock of everything that re-derives rows. In PL/pgSQL, where each statement has a snapshot of its own: one taken before the
 * lock was had would not see what its last holder did.
 */
export function compileSumUp(entity: Entity & { readonly aggregate: string }): string {
  return `create function ${sumUpFunction(entity)}(after_key text, chunk_rows bigint) returns setof text language plpgsql as $$
begin
  perform pg_advisory_xact_lock(${APPLY_LOCK_KEY});
  return query ${entity.aggregate.replaceAll(':after', 'after_key').replaceAll(':limit', 'chunk_rows')};
end
$$`;
}
