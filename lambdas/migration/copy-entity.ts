import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import { BatchSize } from './batch-size.ts';
import { overBudget } from './budget.ts';
import { type Batch, type CopyRange, RangeCopier } from './copy-range.ts';
import type { Entity } from './entities/entity.ts';
import { entityNamed } from './entities/index.ts';
import { type Pause, recordPause } from './pause.ts';
import { retryQuarantine } from './retry-quarantine.ts';
import type { Settings } from './settings.ts';
import { stopReason } from './stop-reason.ts';
import { switchedOn } from './switched-on.ts';
import { MARGIN_MS } from './time-margin.ts';
import { readUnfinished } from './unfinished.ts';

/** Extra members are carried on: the state machine loops over its own state. */
export const CopyEntityInput = z.looseObject({
  runId: z.uuid(),
  runDate: z.iso.date(),
  /** What is still to be copied; this step copies the first that the settings have on. */
  entities: z.array(z.string()).min(1),
  /** At most this is left of the day's quota. */
  remaining: z.number().int().min(0),
  /** Carried on to verification. */
  repair: z.boolean().default(false),
  recompute: z.boolean().default(false),
});
export type CopyEntityInput = z.input<typeof CopyEntityInput>;

export interface CopyEntityOutput {
  readonly runId: string;
  readonly runDate: string;
  /** What is left to copy. What this step found switched off is out for the rest of the run. */
  readonly entities: readonly string[];
  /** At most this is left of the day's quota. */
  readonly remaining: number;
  readonly continue: boolean;
  readonly pause: Pause | null;
  readonly repair: boolean;
  readonly recompute: boolean;
}

export interface CopyEntityDependencies {
  readonly db: DataApi;
  readonly settings: Settings;
  readonly timeLeftMs: () => number;
  readonly now: () => Date;
  readonly newBatchKey: () => string;
  readonly onBatch?: (entity: string, batch: Batch, tookMs: number) => void;
}

/**
 * Retries the quarantine of the first entity, then copies its batches, several key ranges at once, until its rows, the day's quota or the time end, or
 * somebody or a budget asks to stop. Does neither when it is asked to stop, or nothing is switched on, from the start. Safe to repeat: rows and cursor
 * commit together.
 */
export async function copyEntity(input: CopyEntityInput, dependencies: CopyEntityDependencies): Promise<CopyEntityOutput> {
  const on = switchedOn(dependencies.settings);
  const toCopy = input.entities.map(entityNamed).filter((entity) => on.includes(entity));
  const [entity] = toCopy;
  const { pause, exhausted, remaining } =
    entity === undefined ? await copyNothing(input, dependencies) : await retryAndCopy(entity, input, dependencies);
  const entities = (exhausted ? toCopy.slice(1) : toCopy).map(({ name }) => name);
  if (pause !== null) await recordPause(dependencies.db, input.runId, pause);
  return {
    runId: input.runId,
    runDate: input.runDate,
    entities,
    remaining,
    pause,
    repair: input.repair ?? false,
    recompute: input.recompute ?? false,
    continue: pause === null && entities.length > 0 && remaining > 0,
  };
}

interface Copied {
  readonly pause: Pause | null;
  /** Whether the entity has no row left to copy. */
  readonly exhausted: boolean;
  readonly remaining: number;
}

/** Nothing is switched on. */
async function copyNothing({ remaining }: CopyEntityInput, { db, settings, now }: CopyEntityDependencies): Promise<Copied> {
  return { pause: await stopReason(db, settings, now), exhausted: false, remaining };
}

async function retryAndCopy(entity: Entity, input: CopyEntityInput, dependencies: CopyEntityDependencies): Promise<Copied> {
  const { db, settings, now } = dependencies;
  const { quarantined, ranges } = await readUnfinished(db, entity);
  // Each batch asks whether somebody wants the run to stop. Asked before the first as well, it would cost every invocation a call's time.
  const batchesAsk = settings.enabled && !quarantined && ranges.length > 0;
  const stop = batchesAsk ? null : await stopReason(db, settings, now);
  if (stop !== null) return { pause: stop, exhausted: false, remaining: input.remaining };
  const work = new EntityCopy(entity, input, dependencies);
  if (quarantined) {
    // Before the budget is asked: rows that were mended leave the quarantine here, and a run that paused for them goes on.
    await retryQuarantine(entity, input.runId, dependencies);
    await work.checkBudget();
  }
  const exhausted = await work.run(ranges);
  return { pause: work.pause, exhausted, remaining: work.remaining };
}

/** The copy of one entity by one invocation: its ranges share the quota, the clock and the reason to stop. */
class EntityCopy {
  readonly #entity: Entity;
  readonly #runId: string;
  readonly #dependencies: CopyEntityDependencies;
  /** At most this is left of the quota: a batch does not see what other ranges are about to commit. One that would overdraw it is undone. */
  remaining: number;
  pause: Pause | null = null;

  constructor(entity: Entity, { runId, remaining }: CopyEntityInput, dependencies: CopyEntityDependencies) {
    this.#entity = entity;
    this.#runId = runId;
    this.#dependencies = dependencies;
    this.remaining = remaining;
  }

  /** Copies the ranges until each has come to an end. Gives whether the entity has no row left to copy. */
  async run(ranges: readonly CopyRange[]): Promise<boolean> {
    // Each range comes to its own end before the step fails: nothing goes on unseen behind an error.
    const ends = await Promise.allSettled(ranges.map((range) => this.#copyRange(range)));
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return ends.every((end) => end.status === 'fulfilled' && end.value === 'exhausted');
  }

  /** Pauses when the entity's quarantine is over its budget. */
  async checkBudget(): Promise<void> {
    const { db, settings, now } = this.#dependencies;
    this.pause ??= (await overBudget(db, this.#entity.name, settings.budgets, now)) ?? null;
  }

  async #copyRange(range: CopyRange): Promise<'exhausted' | 'stopped'> {
    const { db, settings, timeLeftMs, newBatchKey, onBatch } = this.#dependencies;
    const size = new BatchSize({ first: settings.batchRows, max: settings.maxBatchRows, targetMs: settings.statementTargetMs });
    const copier = new RangeCopier(this.#entity, this.#runId, range, {
      db,
      // Without a budget nothing stops for quarantined rows, and nothing has to slow down for them.
      mostAside: Object.keys(settings.budgets).length === 0 ? settings.maxBatchRows : settings.batchRows,
      newBatchKey,
      onBatch: (batch, tookMs) => onBatch?.(this.#entity.name, batch, tookMs),
    });
    while (this.pause === null && this.remaining > 0 && timeLeftMs() > MARGIN_MS) {
      const batch = await copier.next(size, this.remaining);
      if (batch === 'quota-used') this.remaining = await readRemaining(db, this.#runId);
      if (typeof batch === 'string') continue;
      if (!batch.leased) {
        await this.#askWhy();
        continue;
      }
      this.remaining = Math.min(this.remaining, batch.remaining);
      if (batch.quarantined > 0) await this.checkBudget();
      if (batch.exhausted) return 'exhausted';
    }
    return 'stopped';
  }

  /** The batch did nothing: somebody asks the run to stop, or what says that nobody does was lost and is there again. */
  async #askWhy(): Promise<void> {
    const { db, settings, now } = this.#dependencies;
    this.pause ??= await stopReason(db, settings, now);
  }
}

/** What is left of the day's quota, whoever used the rest. */
async function readRemaining(db: DataApi, runId: string): Promise<number> {
  const [quota] = await db.query<{ remaining: number }>(
    `select greatest(q.daily_limit - q.completed, 0)::int as remaining from video_platform.migration_quota q
     join video_platform.migration_run r on r.run_date = q.run_date where r.id = :run::uuid`,
    { run: runId },
  );
  return quota?.remaining ?? 0;
}
