import { BatchSize, type BatchSizeLimits } from './batch-size.ts';
import { isStatementTimeout } from './statement-timeout.ts';

/** What comes next of the rows in the order of their keys. */
export interface NextChunk {
  /** Exclusive; null for the first. */
  readonly after: string | null;
  /** Rows at most. */
  readonly limit: number;
}

/**
 * Goes through rows by key, in chunks that grow and shrink to keep the time, and are made smaller when a statement times out. `take` deals with a chunk and gives the key
 * that it ends with, null for the last; one that timed out has done nothing.
 */
export async function byKey(limits: BatchSizeLimits, take: (next: NextChunk) => Promise<string | null>): Promise<void> {
  const size = new BatchSize(limits);
  for (let after: string | null = null, more = true; more; ) {
    const limit = size.rows;
    const startedMs = performance.now();
    try {
      after = await take({ after, limit });
      size.succeeded(limit, performance.now() - startedMs);
      more = after !== null;
    } catch (error) {
      if (!isStatementTimeout(error) || limit === 1) throw error;
      size.timedOut();
    }
  }
}
