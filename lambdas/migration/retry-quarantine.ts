import type { DataApi } from '../data-api/data-api.ts';
import { BatchSize } from './batch-size.ts';
import { APPLY_LOCK } from './compile/apply.ts';
import { compileRefusedAgain, compileRetry } from './compile/retry.ts';
import type { Entity } from './entities/entity.ts';
import { refusalOf } from './refusal.ts';
import { withColumn } from './refused-column.ts';
import type { Settings } from './settings.ts';
import { isStatementTimeout } from './statement-timeout.ts';
import { MARGIN_MS } from './time-margin.ts';

const RETRY_ROWS = 1_000;

export interface RetryDependencies {
  readonly db: DataApi;
  readonly settings: Settings;
  readonly timeLeftMs: () => number;
}

/** Tries every quarantined row of the entity again, once a run; a row that the database refuses again keeps its place with one more attempt. */
export async function retryQuarantine(entity: Entity, runId: string, { db, settings, timeLeftMs }: RetryDependencies): Promise<void> {
  if ((await nextTried(db, entity, runId)) === undefined) return;
  const sql = compileRetry(entity);
  const size = new BatchSize({ first: RETRY_ROWS, max: RETRY_ROWS, targetMs: settings.statementTargetMs });
  let passed: string | null = null;
  while (timeLeftMs() > MARGIN_MS) {
    const limit = size.rows;
    // One that is tried alone is named: whatever moves meanwhile, its refusal is noted for no other.
    const only = limit === 1 ? await nextTried(db, entity, runId) : null;
    if (only === undefined) return;
    const startedMs = performance.now();
    try {
      const tried = await retry(db, sql, { run: runId, limit, only });
      // Nothing was tried: all were, the run may not move rows any more, or somebody has dealt with the one that was named; then the next is another.
      if (tried === 0 && (only === null || only === passed)) return;
      if (tried === 0) passed = only;
      size.succeeded(tried, performance.now() - startedMs);
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal !== undefined) size.refused(limit);
      else if (isStatementTimeout(error) && limit > 1) size.timedOut();
      else throw error;
      if (refusal !== undefined && only !== null) {
        const reason = JSON.stringify(await withColumn(db, entity, only, refusal));
        await db.query(compileRefusedAgain(entity), { run: runId, only, reason });
      }
    }
  }
}

/** Under the lock of everything that re-derives rows, so that its snapshot is younger than what was applied before. */
function retry(
  db: DataApi,
  sql: string,
  parameters: { readonly run: string; readonly limit: number; readonly only: string | null },
): Promise<number> {
  return db.transaction(async (query) => {
    await query(APPLY_LOCK);
    const [result] = await query<{ tried: number }>(sql, parameters);
    return result?.tried ?? 0;
  });
}

/** The legacy key of the first row not tried in this run. */
async function nextTried(db: DataApi, { name }: Entity, runId: string): Promise<string | undefined> {
  const [row] = await db.query<{ legacy_id: string }>(
    `select legacy_id from video_platform.migration_status
     where entity_type = :entity and status = 'failed' and run_id <> :run::uuid order by legacy_id limit 1`,
    { entity: name, run: runId },
  );
  return row?.legacy_id;
}
