import { z } from 'zod';
import type { DataApi, Row } from '../data-api/data-api.ts';
import { runChecks } from './checks.ts';
import { compileVerify } from './compile/verify.ts';
import { entities, entityNamed } from './entities/index.ts';

export const VerifyEntityInput = z.looseObject({
  runId: z.uuid(),
  runDate: z.iso.date(),
  /** What is still to be verified, absent at first: all entities. */
  toVerify: z.array(z.string()).optional(),
  /** Counts up from 1: a repair is followed by a second pass. */
  pass: z.number().int().min(1).default(1),
  /** Whether what differs is to be derived anew; bounded. */
  repair: z.boolean().default(false),
});
export type VerifyEntityInput = z.input<typeof VerifyEntityInput>;

export interface VerifyEntityOutput {
  readonly runId: string;
  readonly runDate: string;
  readonly toVerify: readonly string[] | undefined;
  readonly pass: number;
  readonly repair: boolean;
  readonly continue: boolean;
  /** Keys were put on the change log: catch up, then verify again. */
  readonly repaired: boolean;
}

export interface VerifyEntityDependencies {
  readonly db: DataApi;
  readonly timeLeftMs: () => number;
  /** Legacy rows a chunk. @default 5000: about 50 ms a statement, far below the 45 s limit even for wide rows */
  readonly chunkRows?: number;
}

const MARGIN_MS = 60_000;
/** Keys of an entity's chunk that a repair takes on: a systematic fault is looked at, not rewritten. */
const REPAIR_ROWS = 1_000;

/** Verifies one entity after another, chunk by chunk, until all are done or the time ends; then the named checks. */
export async function verifyEntity(input: VerifyEntityInput, dependencies: VerifyEntityDependencies): Promise<VerifyEntityOutput> {
  const { runId, runDate, pass = 1, repair = false } = input;
  const { db } = dependencies;
  const repairs = repair && pass === 1;
  let toVerify = input.toVerify ?? entities.map(({ name }) => name);
  for (const name of toVerify) {
    const done = await verify(name, { runId, pass, repairRows: repairs ? REPAIR_ROWS : 0 }, dependencies);
    if (!done) return { runId, runDate, toVerify, pass, repair, continue: true, repaired: false };
    toVerify = toVerify.slice(1);
  }
  if (repairs && (await differences(db, runId)) > 0)
    return { runId, runDate, toVerify: undefined, pass: 2, repair, continue: false, repaired: true };
  await runChecks(db, runId);
  return { runId, runDate, toVerify, pass, repair, continue: false, repaired: false };
}

interface Pass {
  readonly runId: string;
  readonly pass: number;
  readonly repairRows: number;
}

async function verify(name: string, { runId, pass, repairRows }: Pass, dependencies: VerifyEntityDependencies): Promise<boolean> {
  const { db, timeLeftMs, chunkRows = 5_000 } = dependencies;
  const sql = compileVerify(entityNamed(name));
  let after = await resumeAt(name, runId, pass, db);
  if (after === '') await updateStatistics(name, db);
  while (after !== null) {
    if (timeLeftMs() <= MARGIN_MS) return false;
    const [chunk] = await db.query<Row & { next_key: string | null }>(sql, {
      run: runId,
      pass,
      after,
      limit: chunkRows,
      repair: repairRows,
    });
    // No row: this chunk was recorded before (a repeated call), so go on where the record stands.
    after = chunk === undefined ? await resumeAt(name, runId, pass, db) : chunk.next_key;
  }
  return true;
}

/**
 * Tables that have just been filled have no statistics until autovacuum comes by: joins of them are planned for a few rows and take n² steps. At 20,000
 * rows a check ran into the limit of 45 s.
 */
async function updateStatistics(name: string, db: DataApi): Promise<void> {
  const { table } = entityNamed(name).target;
  await db.query(
    `analyze video_platform.${table}, video_platform.migration_status, video_platform.entity_mapping, video_platform.change_log`,
  );
}

/** The key after which to go on, or null when the entity has been verified in this pass. */
async function resumeAt(name: string, runId: string, pass: number, db: DataApi): Promise<string | null> {
  const [row] = await db.query<{ after_key: string | null }>(
    `insert into video_platform.verification_run as v (run_id, entity_type, pass) values (:run::uuid, :entity, :pass)
     on conflict (run_id, entity_type, pass) do update set entity_type = excluded.entity_type
     returning case when v.finished_at is null then v.after_key end as after_key`,
    { run: runId, entity: name, pass },
  );
  return row?.after_key ?? null;
}

async function differences(db: DataApi, runId: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    'select coalesce(sum(missing + extra + different), 0)::int as count from video_platform.verification_run where run_id = :run::uuid',
    { run: runId },
  );
  return row?.count ?? 0;
}
