import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import { applyChanges, NO_RUN } from './apply-changes.ts';
import { BatchSize } from './batch-size.ts';
import { ANOTHER_ATTEMPT } from './compile/rows.ts';
import type { Entity } from './entities/entity.ts';
import { entities } from './entities/index.ts';
import { queueChanges } from './queue-changes.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import { withColumn } from './refused-column.ts';
import type { Settings } from './settings.ts';
import { isStatementTimeout } from './statement-timeout.ts';
import { sumUp } from './sum-up.ts';

/** Part of a run when `runId` is given; its state is carried on. */
export const CatchUpInput = z.looseObject({ runId: z.uuid().optional() });
export type CatchUpInput = z.output<typeof CatchUpInput>;

export interface CatchUpOutput {
  readonly applied: number;
  /** Age of the oldest change that was applied, in seconds. */
  readonly lagSeconds: number;
  /** Changes left in the log and the queue. */
  readonly backlog: number;
  /** Whether changes are left for want of time. */
  readonly more: boolean;
}

export interface CatchUpDependencies {
  readonly db: DataApi;
  readonly settings: Settings;
  readonly timeLeftMs: () => number;
}

/** What a batch starts with, and the most it takes. */
const CHANGES = 1_000;
const MARGIN_MS = 60_000;

/**
 * Applies what was captured until nothing is left or the time ends. Uses none of the day's quota. Nothing is lost when it is killed: a change leaves the queue
 * in the transaction that applies it.
 */
export async function catchUp({ runId }: CatchUpInput, { db, settings, timeLeftMs }: CatchUpDependencies): Promise<CatchUpOutput> {
  let applied = 0;
  let lagSeconds = 0;
  const done = async (more: boolean): Promise<CatchUpOutput> => ({ applied, lagSeconds, backlog: await countChanges(db), more });
  if (!settings.enabled) return done(false);
  const outOfTime = () => timeLeftMs() <= MARGIN_MS;
  if (!(await queueChanges(db, { targetMs: settings.statementTargetMs, outOfTime }))) return done(true);
  // Entities in order: what applying one puts in the queue concerns those after it. A part-filled batch has reached the present, so that writers who never
  // rest do not keep this from ending.
  for (const entity of entities) {
    const size = new BatchSize({ first: CHANGES, max: CHANGES, targetMs: settings.statementTargetMs });
    for (let more = true; more; ) {
      if (outOfTime()) return done(true);
      const limit = size.rows;
      const startedMs = performance.now();
      let keys: readonly string[] = [];
      try {
        const batch = await applyChanges(db, entity, limit, (taking) => {
          keys = taking;
        });
        applied += batch.taken;
        lagSeconds = Math.max(lagSeconds, batch.lagSeconds);
        more = batch.full || batch.queued;
        if (batch.full) size.succeeded(limit, performance.now() - startedMs);
      } catch (error) {
        // One row that the database refuses holds up no other: the batch is halved down to it, and then it waits in quarantine.
        const refusal = refusalOf(error);
        if (refusal !== undefined && limit > 1) size.refused();
        else if (isStatementTimeout(error) && limit > 1) size.timedOut();
        else if (refusal === undefined) throw error;
        else await setAside(db, entity, keys[0] ?? '', refusal);
      }
    }
  }
  // Removing a channel's user moves videos too, so any change may concern any sum. A run sums up in any case: a catch-up may have died before it did.
  if (applied > 0 || runId !== undefined) for (const entity of entities) await sumUp(db, entity);
  return done(false);
}

async function countChanges(db: DataApi): Promise<number> {
  const [log] = await db.query<{ changes: number }>('select count(*)::int as changes from video_platform.pending_change');
  return log?.changes ?? 0;
}

/** Takes the oldest change of the key off the queue. Its row keeps what the target holds and is retried with the quarantine. */
async function setAside(db: DataApi, entity: Entity, key: string, refusal: Refusal): Promise<void> {
  const reason = JSON.stringify(await withColumn(db, entity, key, refusal));
  await db.query(
    `with refused as (
       delete from video_platform.change_queue where id = (
         select min(id) from video_platform.change_queue where entity_type = :entity and legacy_id = :key)
       returning entity_type, legacy_id
     )
     insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, metadata)
     select entity_type, legacy_id, 'failed', :run::uuid, :reason::jsonb || jsonb_build_object('attempts', 1, 'firstAt', now()) from refused
     on conflict (entity_type, legacy_id) do update set status = 'failed', run_id = excluded.run_id, migrated_at = now(),
       metadata = excluded.metadata || ${ANOTHER_ATTEMPT}`,
    { entity: entity.name, key, run: NO_RUN, reason },
  );
}
