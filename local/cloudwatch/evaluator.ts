import type { Alarm, MetricAlarm, Query } from './alarm.ts';
import type { AlarmBook } from './alarm-book.ts';
import { type Datapoint, evaluate, evaluationRange } from './evaluate.ts';
import { isRecorded, type Sample } from './metric.ts';
import { MetricStore, type Watched } from './metric-store.ts';

const MINUTE_MS = 60_000;
/** Of alarms with a period below a minute. */
const HIGH_RESOLUTION_MS = 10_000;

/**
 * Evaluates alarms over what was recorded: each period is a window that ends at the last full interval, a minute or, for periods below one, ten
 * seconds. Source: CloudWatch user guide, alarm evaluation.
 */
export class Evaluator {
  readonly #book: AlarmBook;
  readonly #store: MetricStore;

  constructor(book: AlarmBook) {
    this.#book = book;
    this.#store = new MetricStore(book.alarms().flatMap((alarm) => (alarm.kind === 'metric' ? watchedBy(alarm) : [])));
  }

  record(sample: Sample): void {
    this.#store.record(sample);
  }

  /** The time of the next evaluation after one. */
  nextMs(afterMs: number): number {
    const intervalMs = Math.min(MINUTE_MS, ...this.#metricAlarms().map(intervalOf));
    return (Math.floor(afterMs / intervalMs) + 1) * intervalMs;
  }

  run(nowMs: number): void {
    for (const alarm of this.#metricAlarms()) {
      // Of what nothing here records only the first evaluation says anything: after it the state is what somebody set.
      if (!isEvaluated(alarm) && this.#book.status(alarm).checked) continue;
      const endMs = Math.floor(nowMs / intervalOf(alarm)) * intervalOf(alarm);
      const range = Array.from({ length: evaluationRange(alarm) }, (_, index) =>
        this.#datapoint(alarm, endMs - index * alarm.periodSeconds * 1000),
      );
      const verdict = evaluate(alarm, range);
      this.#book.evaluated(alarm, verdict && { ...verdict, reasonData: reasonData(alarm, range, nowMs) });
    }
    this.#store.forgetBefore(nowMs);
  }

  #metricAlarms(): readonly MetricAlarm[] {
    return this.#book.alarms().filter((alarm): alarm is MetricAlarm => alarm.kind === 'metric');
  }

  #datapoint({ queries, returned, periodSeconds }: MetricAlarm, endMs: number): Datapoint {
    const startMs = endMs - periodSeconds * 1000;
    const known = new Map<string, Query>(queries.map((query) => [query.id, query]));
    const lookup = (id: string): number | undefined => {
      const query = known.get(id);
      if (query === undefined) return undefined;
      // Taken out meanwhile, so that expressions which name each other end.
      known.delete(id);
      const value = 'expression' in query ? query.expression(lookup) : this.#store.read(query.metric, query.statistic, startMs, endMs);
      known.set(id, query);
      return value;
    };
    return { startMs, value: lookup(returned) };
  }
}

/** Whether all that the alarm looks at is recorded here. Without that its state is the one that somebody set. */
export function isEvaluated(alarm: Alarm): boolean {
  return alarm.kind === 'composite' || alarm.queries.every((query) => 'expression' in query || isRecorded(query.metric));
}

function intervalOf({ periodSeconds }: MetricAlarm): number {
  return periodSeconds < 60 ? HIGH_RESOLUTION_MS : MINUTE_MS;
}

function watchedBy(alarm: MetricAlarm): readonly Watched[] {
  const resolutionMs = intervalOf(alarm);
  const retentionMs = (evaluationRange(alarm) + 1) * alarm.periodSeconds * 1000 + resolutionMs;
  return alarm.queries.flatMap((query) =>
    'expression' in query ? [] : [{ metric: query.metric, statistic: query.statistic, resolutionMs, retentionMs }],
  );
}

function reasonData(alarm: MetricAlarm, range: readonly Datapoint[], nowMs: number): string {
  const found = range.filter(({ value }) => value !== undefined).slice(0, alarm.evaluationPeriods);
  return JSON.stringify({
    version: '1.0',
    queryDate: new Date(nowMs).toISOString(),
    ...(found[0] && { startDate: new Date(found.at(-1)?.startMs ?? found[0].startMs).toISOString() }),
    period: alarm.periodSeconds,
    recentDatapoints: found.map(({ value }) => value).reverse(),
    threshold: alarm.threshold,
    evaluatedDatapoints: found.map(({ startMs, value }) => ({ timestamp: new Date(startMs).toISOString(), value })),
  });
}
