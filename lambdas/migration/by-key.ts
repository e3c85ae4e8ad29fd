import { BatchSize, type BatchSizeLimits } from './batch-size.ts';

/** What comes next of the rows in the order of their keys. */
export interface NextChunk {
  /** Exclusive; null for the first. */
  readonly after: string | null;
  /** Rows at most. */
  readonly limit: number;
}

/**
 * Goes through rows by key, in chunks that grow and shrink to keep the time, and are made smaller when a statement times out. `take` deals with a chunk and gives the key
 * that it ends with, null for the last; one that timed out has done nothing. Begins after `start`, null for the first row.
 */
export async function byKey(
  limits: BatchSizeLimits,
  take: (next: NextChunk) => Promise<string | null>,
  start: string | null = null,
): Promise<void> {
  const size = new BatchSize(limits);
  let after = start;
  const takeNext = (limit: number) => take({ after, limit });
  for (let more = true; more; ) {
    const end = await size.send(takeNext);
    if (end === undefined) continue;
    after = end;
    more = end !== null;
  }
}
