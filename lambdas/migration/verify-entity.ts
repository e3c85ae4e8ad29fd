import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import { runChecks } from './checks.ts';
import { compareEntity, type Pass } from './compare-entity.ts';
import { entities, entityNamed } from './entities/index.ts';

export const VerifyEntityInput = z.looseObject({
  runId: z.uuid(),
  runDate: z.iso.date(),
  /** What is still to be verified, absent at first: all entities. */
  toVerify: z.array(z.string()).optional(),
  /** Counts up from 1: a repair is followed by a second pass. */
  pass: z.number().int().min(1).default(1),
  /** Whether what differs is to be derived anew, as far as `REPAIR_ROWS` goes. */
  repair: z.boolean().default(false),
  /** Whether to compare the values of every row, also of those whose versions are the ones that were compared when they were copied. */
  recompute: z.boolean().default(false),
});
export type VerifyEntityInput = z.input<typeof VerifyEntityInput>;

export interface VerifyEntityOutput {
  readonly runId: string;
  readonly runDate: string;
  readonly toVerify: readonly string[] | undefined;
  readonly pass: number;
  readonly repair: boolean;
  readonly recompute: boolean;
  readonly continue: boolean;
  /** Keys were put in the change queue: catch up, then verify again. */
  readonly repaired: boolean;
}

export interface VerifyEntityDependencies {
  readonly db: DataApi;
  readonly timeLeftMs: () => number;
  /** Legacy rows of the first chunks; later ones take up to ten times as many. @default 5000: about 20 ms a statement, far below the 45 s limit */
  readonly chunkRows?: number;
}

const FIRST_CHUNK_ROWS = 5_000;
/**
 * Keys that a repair takes on of each chunk, the first of them: a systematic fault is looked at, not rewritten. The bound is of a chunk (`chunkRows`, up to ten times as
 * many), not of an entity or a run: a table of many chunks is repaired a part of each. The second pass tells of the rest.
 */
const REPAIR_ROWS = 1_000;

/** Verifies one entity after another, chunk by chunk, until all are done or the time ends, and the named checks beside them. */
export async function verifyEntity(input: VerifyEntityInput, dependencies: VerifyEntityDependencies): Promise<VerifyEntityOutput> {
  const { runId, runDate, pass = 1, repair = false, recompute = false } = input;
  const { db } = dependencies;
  const repairs = repair && pass === 1;
  const carried = { runId, runDate, repair, recompute };
  // A repair changes what the checks find: they run after it.
  const checksBeside = input.toVerify === undefined && !repairs ? runChecks(db, runId, 'tables') : undefined;
  const [toVerify] = await Promise.all([
    compareRows(
      input.toVerify ?? entities.map(({ name }) => name),
      { ...carried, pass, repairRows: repairs ? REPAIR_ROWS : 0 },
      dependencies,
    ),
    checksBeside,
  ]);
  if (toVerify.length > 0) return { ...carried, toVerify, pass, continue: true, repaired: false };
  if (repairs && (await differences(db, runId)) > 0) return { ...carried, toVerify: undefined, pass: 2, continue: false, repaired: true };
  if (repairs) await runChecks(db, runId, 'tables');
  await runChecks(db, runId, 'row diff');
  return { ...carried, toVerify, pass, continue: false, repaired: false };
}

/** The entities left when the time ended. */
async function compareRows(
  names: readonly string[],
  pass: Pass,
  { db, timeLeftMs, chunkRows = FIRST_CHUNK_ROWS }: VerifyEntityDependencies,
): Promise<readonly string[]> {
  for (const [index, name] of names.entries()) {
    if (!(await compareEntity(entityNamed(name), pass, { db, timeLeftMs, chunkRows }))) return names.slice(index);
  }
  return [];
}

async function differences(db: DataApi, runId: string): Promise<number> {
  const [row] = await db.query<{ count: number }>(
    'select coalesce(sum(missing + extra + different), 0)::int as count from video_platform.verification_run where run_id = :run::uuid',
    { run: runId },
  );
  return row?.count ?? 0;
}
