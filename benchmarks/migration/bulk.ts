import { columnNames, projectionName } from '../../lambdas/migration/compile/projection.ts';
import { entityNamed } from '../../lambdas/migration/entities/index.ts';
import { type Findings, median, promised, round } from '../common/promise.ts';
import type { Bench } from './bench.ts';
import type { Database } from './databases.ts';

/** The copy of many rows against the least the database can do, and the verification of them against their copy. */
export async function measureBulk(bench: Bench): Promise<Findings> {
  const rows = bench.sizes.bulkRows;
  const rawMs: number[] = [];
  const copyMs: number[] = [];
  const verifyMs: number[] = [];
  for (let index = 1; index <= bench.rounds; index++) {
    rawMs.push(await bench.withCampaigns(rows, insertSelect));
    const day = await bench.withCampaigns(rows, async (database) => bench.copyCampaigns(database, { verify: true }));
    copyMs.push(day.copyMs);
    verifyMs.push(day.verifyMs);
    bench.say(
      `bulk ${index}: insert … select ${Math.round(rawMs.at(-1) ?? 0)} ms, copy ${Math.round(day.copyMs)} ms, verify ${Math.round(day.verifyMs)} ms`,
    );
  }
  const text = rows.toLocaleString('en');
  const ratio = (above: readonly number[], below: readonly number[]) => above.map((value, index) => value / (below[index] ?? Number.NaN));
  return {
    promised: [
      promised('bulk', `rows a second at ${text} rows, copy ÷ raw insert … select`, ratio(rawMs, copyMs), { atLeast: 0.6 }),
      promised('verification', `time of verifying ${text} rows ÷ time of copying them`, ratio(verifyMs, copyMs), { atMost: 0.15 }),
    ],
    facts: {
      rawRowsPerSecond: round(rows / (median(rawMs) / 1_000)),
      bulkCopyRowsPerSecond: round(rows / (median(copyMs) / 1_000)),
      verifyRowsPerSecond: round(rows / (median(verifyMs) / 1_000)),
    },
  };
}

/** The same values into the same table, in one statement, without tracking and without looking for rows that cannot be projected. */
export async function insertSelect({ client }: Database): Promise<number> {
  const video = entityNamed('video');
  const columns = columnNames(video).join(', ');
  const startedMs = performance.now();
  await client.query(`insert into video_platform.${video.target.table} (${columns}) select ${columns} from ${projectionName(video)}`);
  return performance.now() - startedMs;
}
