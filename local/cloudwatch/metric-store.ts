import { type Metric, metricKey, type Sample } from './metric.ts';

/** One statistic of a metric, and how long it is asked for. */
export interface Watched {
  readonly metric: Metric;
  readonly statistic: Statistic;
  readonly resolutionMs: number;
  readonly retentionMs: number;
}

export type Statistic = 'Sum' | 'Maximum' | 'Minimum' | 'Average' | 'SampleCount' | `p${number}`;

export function isStatistic(text: string): text is Statistic {
  return ['Sum', 'Maximum', 'Minimum', 'Average', 'SampleCount'].includes(text) || /^p(100|\d{1,2})(\.\d+)?$/.test(text);
}

interface Bucket {
  count: number;
  sum: number;
  min: number;
  max: number;
  /** Value → how often; of metrics with a percentile only. */
  readonly values?: Map<number, number>;
}

interface Series {
  readonly resolutionMs: number;
  readonly retentionMs: number;
  readonly percentiles: boolean;
  /** By the start of their time, epoch milliseconds. */
  readonly buckets: Map<number, Bucket>;
}

/** Keeps what alarms ask for, for as long as they ask for it; samples of other metrics are dropped. So memory does not grow with time. */
export class MetricStore {
  readonly #series = new Map<string, Series>();

  constructor(watched: readonly Watched[]) {
    for (const { metric, statistic, resolutionMs, retentionMs } of watched) {
      const key = metricKey(metric);
      const before = this.#series.get(key);
      this.#series.set(key, {
        resolutionMs: Math.min(resolutionMs, before?.resolutionMs ?? resolutionMs),
        retentionMs: Math.max(retentionMs, before?.retentionMs ?? retentionMs),
        percentiles: statistic.startsWith('p') || before?.percentiles === true,
        buckets: new Map(),
      });
    }
  }

  record({ atMs, values, ...metric }: Sample): void {
    const series = this.#series.get(metricKey(metric));
    if (series === undefined) return;
    const startMs = Math.floor(atMs / series.resolutionMs) * series.resolutionMs;
    let bucket = series.buckets.get(startMs);
    if (bucket === undefined) {
      bucket = {
        count: 0,
        sum: 0,
        min: Number.POSITIVE_INFINITY,
        max: Number.NEGATIVE_INFINITY,
        ...(series.percentiles && { values: new Map() }),
      };
      series.buckets.set(startMs, bucket);
    }
    for (const [value, count] of values) {
      bucket.count += count;
      bucket.sum += value * count;
      bucket.min = Math.min(bucket.min, value);
      bucket.max = Math.max(bucket.max, value);
      bucket.values?.set(value, (bucket.values.get(value) ?? 0) + count);
    }
  }

  /** Of the samples from a time to another; undefined when there are none. */
  read(metric: Metric, statistic: Statistic, fromMs: number, toMs: number): number | undefined {
    const { buckets = new Map<number, Bucket>() } = this.#series.get(metricKey(metric)) ?? {};
    const inside = [...buckets].filter(([startMs]) => startMs >= fromMs && startMs < toMs).map(([, bucket]) => bucket);
    const count = inside.reduce((total, bucket) => total + bucket.count, 0);
    if (count === 0) return undefined;
    const sum = inside.reduce((total, bucket) => total + bucket.sum, 0);
    switch (statistic) {
      case 'Sum':
        return sum;
      case 'SampleCount':
        return count;
      case 'Average':
        return sum / count;
      case 'Maximum':
        return Math.max(...inside.map(({ max }) => max));
      case 'Minimum':
        return Math.min(...inside.map(({ min }) => min));
      default:
        return percentile(inside, Number(statistic.slice(1)), count);
    }
  }

  forgetBefore(nowMs: number): void {
    for (const { buckets, retentionMs } of this.#series.values())
      for (const startMs of buckets.keys()) if (startMs < nowMs - retentionMs) buckets.delete(startMs);
  }
}

/** The smallest value that is not less than so many percent of all. */
function percentile(buckets: readonly Bucket[], percent: number, count: number): number | undefined {
  const sorted = buckets.flatMap(({ values }) => [...(values ?? [])]).sort(([a], [b]) => a - b);
  let seen = 0;
  for (const [value, times] of sorted) {
    seen += times;
    if (seen >= (count * percent) / 100) return value;
  }
  return sorted.at(-1)?.[0];
}
