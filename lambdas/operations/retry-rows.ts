import { z } from 'zod';
import type { DataApi, Row } from '../data-api/data-api.ts';
import type { RetryResult } from './quarantine.ts';
import { EntityName, LegacyId, ReasonName } from './read-quarantine.ts';

/** Rows by id, or all of an entity that share a reason. */
export const RetryRowsInput = z.union([
  z.strictObject({ entity: EntityName, legacyIds: z.array(LegacyId).min(1).max(100) }),
  z.strictObject({ entity: EntityName, reason: ReasonName }),
]);
export type RetryRowsInput = z.output<typeof RetryRowsInput>;

/** Rows one call puts in the change queue: as many as catch-up takes at once. */
const MAX_ROWS = 1_000;

/** Those not tried for longest come first, so that repeated calls get through all of them. */
const RETRY = `with chosen as materialized (
    select s.entity_type, s.legacy_id, s.migrated_at,
      exists (select from video_platform.pending_change c where c.entity_type = s.entity_type and c.legacy_id = s.legacy_id) as queued
    from video_platform.migration_status s
    where s.status = 'failed' and s.entity_type = :entity
      and (:reason::text is null or coalesce(s.metadata ->> 'class', 'UNKNOWN') = :reason::text)
      and (:ids::jsonb is null or s.legacy_id in (select jsonb_array_elements_text(:ids::jsonb)))
  ),
  put as (
    insert into video_platform.change_queue (entity_type, legacy_id)
    select entity_type, legacy_id from chosen where not queued order by migrated_at, legacy_id limit :limit::int
    returning legacy_id
  )
  select (select count(*) from put)::int as queued, (select count(*) from chosen where queued)::int as "alreadyQueued",
    (select count(*) from chosen where not queued)::int as wanted`;

/**
 * Puts quarantined rows in the change queue, where the next catch-up finds them and derives them anew. Ids that are not in quarantine are passed over.
 * Safe to repeat: a row with a pending change is not put there again.
 */
export async function retryRows(db: DataApi, input: RetryRowsInput): Promise<RetryResult> {
  const [result] = await db.query<Row & { queued: number; alreadyQueued: number; wanted: number }>(RETRY, {
    entity: input.entity,
    reason: 'reason' in input ? input.reason : null,
    ids: 'legacyIds' in input ? JSON.stringify(input.legacyIds) : null,
    limit: MAX_ROWS,
  });
  const { queued = 0, alreadyQueued = 0, wanted = 0 } = result ?? {};
  return { queued, alreadyQueued, left: wanted - queued };
}
