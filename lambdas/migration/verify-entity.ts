import { z } from 'zod';
import type { DataApi, Row } from '../data-api/data-api.ts';
import { compileVerify, MAX_FINDINGS } from './compile/verify.ts';
import { entities, entityNamed } from './entities/index.ts';

export const VerifyEntityInput = z.looseObject({
  runId: z.uuid(),
  runDate: z.iso.date(),
  /** What is still to be verified, absent at first: all entities. */
  toVerify: z.array(z.string()).optional(),
});
export type VerifyEntityInput = z.output<typeof VerifyEntityInput>;

export interface VerifyEntityOutput {
  readonly runId: string;
  readonly runDate: string;
  readonly toVerify: readonly string[];
  readonly continue: boolean;
}

export interface VerifyEntityDependencies {
  readonly db: DataApi;
  readonly timeLeftMs: () => number;
  /** Legacy rows a chunk. @default 5000: about 50 ms a statement, far below the 45 s limit even for wide rows */
  readonly chunkRows?: number;
}

const MARGIN_MS = 60_000;

/** Verifies one entity after another, chunk by chunk, until all are done or the time ends. What a chunk found and where it ended is kept together. */
export async function verifyEntity(
  input: VerifyEntityInput,
  { db, timeLeftMs, chunkRows = 5_000 }: VerifyEntityDependencies,
): Promise<VerifyEntityOutput> {
  let toVerify = input.toVerify ?? entities.map(({ name }) => name);
  for (const name of toVerify) {
    const done = await verify(name, input.runId, db, chunkRows, timeLeftMs);
    if (!done) break;
    toVerify = toVerify.slice(1);
  }
  return { runId: input.runId, runDate: input.runDate, toVerify, continue: toVerify.length > 0 };
}

interface Chunk extends Row {
  readonly next_key: string | null;
}

async function verify(name: string, runId: string, db: DataApi, chunkRows: number, timeLeftMs: () => number): Promise<boolean> {
  const sql = record(compileVerify(entityNamed(name)), name);
  let after = await resumeAt(name, runId, db);
  while (after !== null) {
    if (timeLeftMs() <= MARGIN_MS) return false;
    const [chunk] = await db.query<Chunk>(sql, { run: runId, after, limit: chunkRows });
    // No row: this chunk was recorded before (a repeated call), so go on where the record stands.
    after = chunk === undefined ? await resumeAt(name, runId, db) : chunk.next_key;
  }
  return true;
}

/** The key after which to go on, or null when the entity has been verified in this run. */
async function resumeAt(name: string, runId: string, db: DataApi): Promise<string | null> {
  const [row] = await db.query<{ after_key: string | null }>(
    `insert into video_platform.verification_run as v (run_id, entity_type) values (:run::uuid, :entity)
     on conflict (run_id, entity_type) do update set entity_type = excluded.entity_type
     returning case when v.finished_at is null then v.after_key end as after_key`,
    { run: runId, entity: name },
  );
  return row?.after_key ?? null;
}

/** Adds the chunk's findings to the run's in the statement that made them: a repeated call goes on where the recorded chunk ended. */
function record(verifyStatement: string, entity: string): string {
  return `with found as (
${verifyStatement}
)
update video_platform.verification_run v
set compared = v.compared + found.compared, missing = v.missing + found.missing, extra = v.extra + found.extra,
  different = v.different + found.different,
  findings = (select coalesce(jsonb_agg(finding), '[]') from (
    select finding from jsonb_array_elements(v.findings || found.findings) finding limit ${MAX_FINDINGS}) first_findings),
  after_key = coalesce(found.next_key, v.after_key),
  finished_at = case when found.next_key is null then now() end
from found
where v.run_id = :run::uuid and v.entity_type = '${entity}' and v.after_key = :after::text and v.finished_at is null
returning found.next_key`;
}
