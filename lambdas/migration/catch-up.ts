import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import { logger } from '../step.ts';
import { applyChanges, BatchTooLongError, NO_RUN, type TakenChange } from './apply-changes.ts';
import { BatchSize } from './batch-size.ts';
import { overBudget } from './budget.ts';
import { ANOTHER_ATTEMPT } from './compile/rows.ts';
import type { Entity } from './entities/entity.ts';
import { entities } from './entities/index.ts';
import { QuarantineBudgetError } from './errors.ts';
import { type Pause, recordPause } from './pause.ts';
import { queueChanges } from './queue-changes.ts';
import { type Refusal, refusalOf } from './refusal.ts';
import { withColumn } from './refused-column.ts';
import type { Settings } from './settings.ts';
import { isStatementTimeout } from './statement-timeout.ts';
import { sumUpDue } from './sum-up.ts';
import { MARGIN_MS } from './time-margin.ts';

export const CatchUpInput = z.looseObject({
  /** The run this is part of. Its state goes around this step: the state machine drops the step's output. */
  runId: z.uuid().optional(),
  /** True for the run's last, after which nothing of the run can let held changes through: the run is on record as paused then. */
  closing: z.boolean().default(false),
});
export type CatchUpInput = z.input<typeof CatchUpInput>;

/** How far the new side is behind. */
export interface CaptureLag {
  /** Age in seconds of the oldest change that was applied, at that moment, or that still waits. */
  readonly lagSeconds: number;
  /** Changes left in the log and the queue. */
  readonly backlog: number;
}

export interface CatchUpOutput extends CaptureLag {
  readonly applied: number;
  /** Whether changes are left for want of time. */
  readonly more: boolean;
  /** Budgets that are passed, of entities whose changes are held for it. */
  readonly held: readonly Pause[];
}

export interface CatchUpDependencies {
  readonly db: DataApi;
  readonly settings: Settings;
  readonly timeLeftMs: () => number;
  /**
   * What a batch of several keys may take: what refers to the rows it removes goes with them, however much that is, while everything else that re-derives rows waits.
   * @default 60000
   */
  readonly batchMs?: number;
  /** @default the machine's clock */
  readonly now?: () => Date;
  /** Told at the end, also when it is an error that tells of held changes. For metrics. */
  readonly onLag?: (lag: CaptureLag) => void;
}

/** What a batch starts with, and the most it takes. */
const CHANGES = 1_000;

/**
 * Applies what was captured until nothing is left or the time ends. Uses none of the day's quota. Nothing is lost when it is killed: a change leaves the queue
 * in the transaction that applies it.
 *
 * An entity that is over its budget keeps its changes in the queue, but for those of rows in quarantine: they add none to it, and are the way back. The
 * others go on. A run says that it is paused for it, if it still is at its end. @throws {QuarantineBudgetError} by itself, when the others are done
 */
export async function catchUp({ runId, closing = false }: CatchUpInput, dependencies: CatchUpDependencies): Promise<CatchUpOutput> {
  const { db, settings, timeLeftMs, onLag } = dependencies;
  const work = new CatchUp(dependencies);
  const done = async (more: boolean): Promise<CatchUpOutput> => {
    const { applied, held } = work;
    const { backlog, oldestSeconds } = await readBacklog(db);
    const lagSeconds = Math.max(work.lagSeconds, oldestSeconds);
    onLag?.({ lagSeconds, backlog });
    for (const { reason, value, threshold } of held) logger.warn('changes are held', { reason, value, threshold });
    const [first] = held;
    if (first !== undefined && runId !== undefined && closing) await recordPause(db, runId, first);
    return { applied, lagSeconds, backlog, more, held };
  };
  // The schedule is on before LinkPick is loaded, when there are no views to ask.
  if (await isNothingCaptured(db)) {
    onLag?.({ lagSeconds: 0, backlog: 0 });
    return { applied: 0, lagSeconds: 0, backlog: 0, more: false, held: [] };
  }
  // Nothing moves then, but what was moved before is summed up: until it is, channels show too few videos.
  if (!settings.enabled) {
    await sumUpDue(db, { anyway: false });
    return done(false);
  }
  const outOfTime = () => timeLeftMs() <= MARGIN_MS;
  if (!(await queueChanges(db, { targetMs: settings.statementTargetMs, outOfTime }))) return done(true);
  // Entities in order: what applying one puts in the queue concerns those after it.
  for (const entity of entities) if (!(await work.apply(entity, outOfTime))) return done(true);
  // Removing a channel's user moves videos too, so any change may concern any sum. What users did on VideoPick is summed up at the end of a run.
  await sumUpDue(db, { anyway: closing });
  const output = await done(false);
  if (output.held.length > 0 && runId === undefined) throw new QuarantineBudgetError(output.held);
  return output;
}

/** One catch-up: what its entities come to. */
class CatchUp {
  applied = 0;
  lagSeconds = 0;
  readonly held: Pause[] = [];
  readonly #dependencies: CatchUpDependencies;

  constructor(dependencies: CatchUpDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Applies the entity's changes in batches; false when the time ended before. A part-filled batch has reached the present, so that writers who never rest do not
   * keep this from ending.
   */
  async apply(entity: Entity, outOfTime: () => boolean): Promise<boolean> {
    const { db, settings } = this.#dependencies;
    if (!(await hasChanges(db, entity))) return true;
    const size = new BatchSize({ first: CHANGES, max: CHANGES, targetMs: settings.statementTargetMs });
    let over = await this.#overBudget(entity);
    for (let more = true; more; ) {
      if (outOfTime()) return false;
      more = await this.#applyBatch(entity, size, over !== undefined);
      const before = over;
      over = await this.#overBudget(entity);
      // Enough rows have come back: what was held is next.
      more ||= before !== undefined && over === undefined;
    }
    if (over !== undefined) this.held.push(over);
    return true;
  }

  /** Answers whether there may be more to apply. */
  async #applyBatch(entity: Entity, size: BatchSize, inQuarantine: boolean): Promise<boolean> {
    const { db, batchMs = 60_000 } = this.#dependencies;
    const limit = size.rows;
    const startedMs = performance.now();
    let taken: readonly TakenChange[] = [];
    try {
      const onTaken = (changes: readonly TakenChange[]) => {
        taken = changes;
      };
      // One key cannot be cut further: it has the time that is left.
      const batch = await applyChanges(db, entity, limit, { inQuarantine, onTaken, ...(limit > 1 ? { maxMs: batchMs } : {}) });
      this.applied += batch.taken;
      this.lagSeconds = Math.max(this.lagSeconds, batch.lagSeconds);
      if (batch.full) size.succeeded(limit, performance.now() - startedMs);
      return batch.full || batch.queued;
    } catch (error) {
      // One row that the database refuses holds up no other: the batch is halved down to it, and then it waits in quarantine.
      const refusal = refusalOf(error);
      if (refusal !== undefined) size.refused(limit);
      else if (error instanceof BatchTooLongError || (isStatementTimeout(error) && limit > 1)) size.timedOut();
      else throw error;
      if (refusal !== undefined && limit === 1) for (const change of taken) await setAside(db, entity, change, refusal);
      return true;
    }
  }

  #overBudget({ name }: Entity): Promise<Pause | undefined> {
    const { db, settings, now = () => new Date() } = this.#dependencies;
    return overBudget(db, name, settings.budgets, now);
  }
}

/** Whether the views are not there and nothing has been recorded either, so that no change waits for them. */
async function isNothingCaptured(db: DataApi): Promise<boolean> {
  const [found] = await db.query<{ nothing: boolean }>(
    `select to_regclass('video_platform.pending_change') is null and not exists (select from video_platform.change_log)
       and not exists (select from video_platform.change_queue) as nothing`,
  );
  return found?.nothing === true;
}

async function hasChanges(db: DataApi, { name }: Entity): Promise<boolean> {
  const changes = await db.query('select 1 as change from video_platform.change_queue where entity_type = :entity limit 1', {
    entity: name,
  });
  return changes.length > 0;
}

async function readBacklog(db: DataApi): Promise<{ readonly backlog: number; readonly oldestSeconds: number }> {
  const [waiting] = await db.query<{ backlog: number; oldestSeconds: number }>(
    `select count(*)::int as backlog, greatest(coalesce(extract(epoch from now() - min(changed_at)), 0), 0)::float8 as "oldestSeconds"
     from video_platform.pending_change`,
  );
  return waiting ?? { backlog: 0, oldestSeconds: 0 };
}

/** Takes the refused change off the queue, unless somebody has. Its row keeps what the target holds and is retried with the quarantine. */
async function setAside(db: DataApi, entity: Entity, { key, ids }: TakenChange, refusal: Refusal): Promise<void> {
  const reason = JSON.stringify(await withColumn(db, entity, key, refusal));
  await db.query(
    `with refused as (
       delete from video_platform.change_queue where id = any (array(select jsonb_array_elements_text(:ids::jsonb)::bigint))
       returning entity_type, legacy_id
     )
     insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, metadata)
     select entity_type, legacy_id, 'failed', :run::uuid, :reason::jsonb || jsonb_build_object('attempts', 1, 'firstAt', now()) from refused
     on conflict (entity_type, legacy_id) do update set status = 'failed', run_id = excluded.run_id, migrated_at = now(),
       metadata = excluded.metadata || ${ANOTHER_ATTEMPT}`,
    { ids: JSON.stringify(ids), run: NO_RUN, reason },
  );
}
