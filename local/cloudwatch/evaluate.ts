import type { AlarmState, Comparison, MetricAlarm } from './alarm.ts';

/** A value with the start of its period, epoch milliseconds; undefined where there is no data. */
export interface Datapoint {
  readonly startMs: number;
  readonly value: number | undefined;
}

export interface Verdict {
  readonly state: AlarmState;
  readonly reason: string;
}

/** Of an evaluation the periods that are looked at: two more than are asked for, as in the service's tables of missing data. *(choice)* */
export function evaluationRange({ evaluationPeriods }: Pick<MetricAlarm, 'evaluationPeriods'>): number {
  return evaluationPeriods + 2;
}

const BREACHES: Readonly<Record<Comparison, (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

const WORDS: Readonly<Record<Comparison, string>> = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
};

/**
 * The state an alarm goes to. With data for as many periods as it asks for, the newest of them decide and gaps are passed over; with less, the
 * gaps count as `missingData` says. Undefined: it stays where it is. Source: CloudWatch user guide, how alarms treat missing data.
 * @param range newest first
 */
export function evaluate(alarm: MetricAlarm, range: readonly Datapoint[]): Verdict | undefined {
  const { evaluationPeriods, datapointsToAlarm, missingData } = alarm;
  const breaches = (value: number) => BREACHES[alarm.comparison](value, alarm.threshold);
  const found = range.flatMap(({ startMs, value }, index) => (value === undefined ? [] : [{ startMs, value, index }]));
  const counted = found.slice(0, evaluationPeriods);
  const filled = evaluationPeriods - counted.length;
  const breaching = counted.filter(({ value }) => breaches(value));
  const crossed = (state: AlarmState): Verdict => ({ state, reason: thresholdReason(alarm, counted, breaching.length, filled) });

  if (breaching.length >= datapointsToAlarm) return crossed('ALARM');
  if (filled === 0) return crossed('OK');
  if (missingData === 'breaching') return crossed(breaching.length + filled >= datapointsToAlarm ? 'ALARM' : 'OK');
  if (missingData === 'notBreaching' || counted.length > breaching.length) return crossed('OK');
  if (missingData === 'ignore') return undefined;
  if (counted.length === 0)
    return {
      state: 'INSUFFICIENT_DATA',
      reason: `Insufficient Data: ${count(evaluationPeriods, 'datapoint')} ${filled === 1 ? 'was' : 'were'} unknown.`,
    };
  // All there is breaches: an alarm as soon as the oldest of it is as old as the datapoints that are asked for.
  return (counted.at(-1)?.index ?? 0) + 1 >= datapointsToAlarm ? crossed('ALARM') : undefined;
}

function thresholdReason(
  alarm: MetricAlarm,
  counted: readonly { startMs: number; value: number }[],
  breaching: number,
  filled: number,
): string {
  const { threshold, comparison, missingData } = alarm;
  const treated = `${count(filled, 'missing datapoint')} ${filled === 1 ? 'was' : 'were'} treated as [${missingData === 'breaching' ? 'Breaching' : 'NonBreaching'}]`;
  if (counted.length === 0) return `Threshold Crossed: no datapoints were received for ${count(filled, 'period')} and ${treated}.`;
  const listed = counted.map(({ value, startMs }) => `${value} (${new Date(startMs).toISOString()})`).join(', ');
  const rest = filled > 0 && (missingData === 'breaching' || missingData === 'notBreaching') ? ` and ${treated}` : '';
  return `Threshold Crossed: ${breaching} out of the last ${count(counted.length, 'datapoint')} [${listed}] ${breaching === 1 ? 'was' : 'were'} ${WORDS[comparison]} the threshold (${threshold})${rest} (minimum ${count(alarm.datapointsToAlarm, 'datapoint')} for ALARM).`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
