import type { DataApi } from '../data-api/data-api.ts';
import { BatchSize } from './batch-size.ts';
import { APPLY_LOCK } from './compile/apply.ts';
import { compileQueueChanges } from './compile/capture.ts';
import { entities } from './entities/index.ts';

const CHANGES = { first: 5_000, max: 50_000 };

/**
 * Moves what the triggers logged to the queue that catch-up works on, up to the present: writers who never rest do not keep it from ending. Answers whether the
 * time sufficed. A change leaves the log in the transaction that queues it, and under the lock of everything that applies changes: of two that take the same rows
 * of the log, the later would find them gone, and take that for the log's end.
 */
export async function queueChanges(
  db: DataApi,
  { targetMs, outOfTime }: { readonly targetMs: number; readonly outOfTime: () => boolean },
): Promise<boolean> {
  const sql = compileQueueChanges(entities);
  const size = new BatchSize({ ...CHANGES, targetMs });
  while (!outOfTime()) {
    const reachedPresent = await size.send((limit) =>
      db.transaction(async (query) => {
        await query(APPLY_LOCK);
        const [batch] = await query<{ moved: number }>(sql, { limit });
        return (batch?.moved ?? 0) < limit;
      }),
    );
    if (reachedPresent === true) return true;
  }
  return false;
}
