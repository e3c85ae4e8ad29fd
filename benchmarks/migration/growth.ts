import { type Findings, median, promised, round } from '../common/promise.ts';
import type { Bench } from './bench.ts';
import type { Traffic } from './data-api-endpoint.ts';
import type { Day } from './migration-day.ts';

const KIBIBYTE = 1_024;
const MEBIBYTE = 1_048_576;
/** Of AWS: events in the history of a standard execution, a result of the Data API, the state of an execution. */
const LIMITS = { historyEvents: 25_000, responseKib: 1_024, stateKib: 256 };
/** One range for both sizes: a second one would help the large size only. */
const ONE_RANGE = { parallelRanges: 1 };

/** Whether a row costs more when there are more of them, and what a million takes in calls, transitions, payload and memory. */
export async function measureGrowth(bench: Bench): Promise<Findings> {
  const { small, large } = bench.sizes.growthRows;
  const ratios: number[] = [];
  const memoryMb: number[] = [];
  const historyEvents: number[] = [];
  const responseKib: number[] = [];
  const stateKib: number[] = [];
  let last: { day: Day; traffic: Traffic } | undefined;
  for (let index = 1; index <= bench.rounds; index++) {
    const few = await bench.withCampaigns(small, (database) => bench.copyCampaigns(database, { settings: ONE_RANGE }));
    const { day: many, traffic } = await bench.withCampaigns(large, async (database) => {
      bench.api.resetTraffic();
      const day = await bench.copyCampaigns(database, { verify: true, settings: ONE_RANGE });
      return { day, traffic: bench.api.traffic };
    });
    last = { day: many, traffic };
    ratios.push(many.copyMs / many.rows / (few.copyMs / few.rows));
    memoryMb.push(memorySpread(many));
    historyEvents.push(many.historyEvents);
    responseKib.push(traffic.largestResponseBytes / KIBIBYTE);
    stateKib.push(many.largestStateBytes / KIBIBYTE);
    const perRow = (day: Day) => ((day.copyMs * 1_000) / day.rows).toFixed(1);
    bench.say(`growth ${index}: ${perRow(few)} µs a row of ${few.rows}, ${perRow(many)} µs a row of ${many.rows}`);
  }
  if (last === undefined) throw new RangeError('growth was measured in no rounds; expected at least one');
  const { day, traffic } = last;
  const million = 1_000_000 / large;
  return {
    promised: [
      promised('growth', `time per row at ${large.toLocaleString('en')} rows ÷ at ${small.toLocaleString('en')}`, ratios, { atMost: 1.2 }),
      promised('memory', 'MB between the least and the most memory of the steps after 10 % of the rows', memoryMb, { atMost: 20 }),
      promised('history', `events in the history of a day of ${large.toLocaleString('en')} rows`, historyEvents, {
        under: LIMITS.historyEvents,
      }),
      promised('response', 'KiB of the largest answer of the Data API', responseKib, { under: LIMITS.responseKib }),
      promised('state', 'KiB of the largest state of the execution', stateKib, { under: LIMITS.stateKib }),
    ],
    facts: {
      dataApiCallsPerMillionRows: Math.round(traffic.calls * million),
      copyInvocations: day.copyInvocations,
      stateTransitions: day.stateTransitions,
      largestRequestBytes: traffic.largestRequestBytes,
      largestBatchRows: day.largestBatchRows,
      slowestBatchMs: Math.round(day.slowestBatchMs),
      rssMb: round(median(day.memory.map(({ rssBytes }) => rssBytes)) / MEBIBYTE),
    },
  };
}

/** Of resident memory; the heap is part of it. */
function memorySpread({ memory, rows }: Day): number {
  const settled = memory.filter((sample) => sample.rows >= rows / 10).map(({ rssBytes }) => rssBytes);
  return (Math.max(...settled) - Math.min(...settled)) / MEBIBYTE;
}
