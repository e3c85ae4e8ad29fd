import type { AlarmRule } from './alarm-rule.ts';
import type { Metric } from './metric.ts';
import type { MetricExpression } from './metric-math.ts';
import type { Statistic } from './metric-store.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

interface CommonAlarm {
  readonly name: string;
  readonly arn: string;
  /** As the template gives them: answered as they are. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** ARNs of SNS topics, by the state that is entered. */
  readonly actions: Readonly<Record<AlarmState, readonly string[]>>;
}

/** One line of an alarm: a statistic of a metric, or an expression over other lines. */
export type Query =
  | { readonly id: string; readonly metric: Metric; readonly statistic: Statistic }
  | { readonly id: string; readonly expression: MetricExpression };

export type Comparison = 'GreaterThanOrEqualToThreshold' | 'GreaterThanThreshold' | 'LessThanThreshold' | 'LessThanOrEqualToThreshold';
export type MissingData = 'breaching' | 'notBreaching' | 'ignore' | 'missing';

export interface MetricAlarm extends CommonAlarm {
  readonly kind: 'metric';
  readonly queries: readonly Query[];
  /** The query that is compared. */
  readonly returned: string;
  readonly periodSeconds: number;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly threshold: number;
  readonly comparison: Comparison;
  readonly missingData: MissingData;
}

export interface CompositeAlarm extends CommonAlarm {
  readonly kind: 'composite';
  readonly rule: AlarmRule;
}

export type Alarm = MetricAlarm | CompositeAlarm;

/** What listeners are told when an alarm goes to another state. */
export interface AlarmChange {
  readonly alarmName: string;
  readonly alarmArn: string;
  readonly state: AlarmState;
  readonly previousState: AlarmState;
  readonly reason: string;
  /** JSON, as the service gives it. */
  readonly reasonData: string | undefined;
  readonly actionsEnabled: boolean;
  /** Epoch milliseconds. */
  readonly atMs: number;
}
