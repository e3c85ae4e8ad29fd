import type { DataApi, Row } from '../data-api/data-api.ts';
import type { BatchSizeLimits } from './batch-size.ts';
import { byKey } from './by-key.ts';
import { type ChunkedCheck, compileChecks, type NamedCheck, type SumCheck } from './compile/checks.ts';
import { entities } from './entities/index.ts';
import { sumUp } from './sum-up.ts';

/** Runs the named checks of a kind side by side and keeps their results with the run. Safe to repeat: the later result counts. */
export async function runChecks(db: DataApi, runId: string, reads: NamedCheck['reads']): Promise<void> {
  await Promise.all(
    compileChecks(entities)
      .filter((check) => check.reads === reads)
      .map(async ({ name, ...check }) => {
        if ('sql' in check) return keep(db, check.sql, { run: runId, name });
        const { value, expected } = 'chunks' in check ? await addUp(db, check) : { value: await countWrongSums(db, check), expected: 0 };
        const counted = { value: String(value), expected: String(expected) };
        return keep(db, 'select :value::text as value, :expected::text as expected', { run: runId, name, ...counted });
      }),
  );
}

/** Keeps the one row, `value` and `expected`, that `sql` answers. */
async function keep(db: DataApi, sql: string, parameters: Readonly<Record<string, string>>): Promise<void> {
  await db.query(
    `insert into video_platform.verification_check (run_id, name, passed, value, expected)
     select :run::uuid, :name, value = expected, value, expected from (${sql}) check_result
     on conflict (run_id, name) do update set passed = excluded.passed, value = excluded.value, expected = excluded.expected`,
    parameters,
  );
}

/** Rows a statement. */
const CHUNK: BatchSizeLimits = { first: 100_000, max: 5_000_000, targetMs: 2_000 };

async function addUp(db: DataApi, { chunks }: ChunkedCheck): Promise<{ readonly value: number; readonly expected: number }> {
  const sums = { value: 0, expected: 0 };
  for (const sql of chunks) {
    await byKey(CHUNK, async (next) => {
      const [chunk] = await db.query<Row & typeof sums & { next_key: string | null }>(sql, { ...next });
      if (chunk === undefined) throw new Error('the chunk of a check answered no row; expected one');
      sums.value += chunk.value;
      sums.expected += chunk.expected;
      return chunk.next_key;
    });
  }
  return sums;
}

/** How often a chunk is looked at before its sums count as wrong. */
const LOOKS = 3;

/**
 * Rows whose sums are wrong although they were brought up to date: catch-up writes rows batch by batch and sums up at its end, so that between the two sums
 * are late, not wrong. Asked chunk by chunk under the lock that changes are applied under, which is held as long as a chunk takes. A batch of a copy step that has
 * outlived its time-out, and a video that a user opens, take no lock and may come between the two statements: then sums are taken and looked at once more.
 */
async function countWrongSums(db: DataApi, { of, wrongSums }: SumCheck): Promise<number> {
  let wrong = 0;
  await sumUp(db, of, async (query, { after, upto }, sumAgain) => {
    let found = 0;
    for (let look = 1; look <= LOOKS; look++) {
      if (look > 1) await sumAgain();
      const [chunk] = await query<{ wrong: number }>(wrongSums, { after, upto });
      found = chunk?.wrong ?? 0;
      if (found === 0) break;
    }
    wrong += found;
  });
  return wrong;
}
