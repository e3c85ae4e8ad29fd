import { z } from 'zod';
import type { Resource } from '../assembly/template.ts';
import { UserError } from '../errors.ts';
import type { Alarm, AlarmState, CompositeAlarm, MetricAlarm, Query } from './alarm.ts';
import { compileRule } from './alarm-rule.ts';
import type { Metric } from './metric.ts';
import { compileExpression } from './metric-math.ts';
import { isStatistic, type Statistic } from './metric-store.ts';

const Actions = z
  .array(z.string().regex(/^arn:aws[\w-]*:sns:/, 'expected the ARN of an SNS topic; other actions have no stand-in'))
  .max(5)
  .default([]);
const text = z.string().min(1);
const Dimensions = z
  .array(z.strictObject({ Name: text, Value: text }))
  .max(30)
  .default([]);
// A template may give numbers as text.
const integer = z.coerce.number().int().min(1);

const common = {
  AlarmName: z.string().optional(),
  AlarmDescription: z.string().max(1024).optional(),
  ActionsEnabled: z.boolean().default(true),
  AlarmActions: Actions,
  OKActions: Actions,
  InsufficientDataActions: Actions,
  Tags: z.unknown().optional(),
};

const Period = integer.refine(
  (period) => [10, 20, 30].includes(period) || period % 60 === 0,
  'expected 10, 20, 30 or a multiple of 60 seconds',
);
const StatisticName = z.string().refine(isStatistic, 'expected Sum, Maximum, Minimum, Average, SampleCount or a percentile such as p99');

const MetricQuery = z.strictObject({
  Id: z.string().regex(/^[a-z]\w*$/),
  Label: z.string().optional(),
  ReturnData: z.boolean().optional(),
  Expression: text.optional(),
  Period: Period.optional(),
  MetricStat: z
    .strictObject({
      Metric: z.strictObject({ Namespace: text, MetricName: text, Dimensions }),
      Period,
      Stat: StatisticName,
      Unit: z.string().optional(),
    })
    .optional(),
});

const MetricProperties = z.strictObject({
  ...common,
  Namespace: text.optional(),
  MetricName: text.optional(),
  Dimensions,
  Statistic: StatisticName.optional(),
  ExtendedStatistic: StatisticName.optional(),
  Period: Period.optional(),
  Unit: z.string().optional(),
  Metrics: z.array(MetricQuery).min(1).max(20).optional(),
  EvaluationPeriods: integer,
  DatapointsToAlarm: integer.optional(),
  Threshold: z.coerce.number(),
  ComparisonOperator: z.enum(['GreaterThanOrEqualToThreshold', 'GreaterThanThreshold', 'LessThanThreshold', 'LessThanOrEqualToThreshold']),
  TreatMissingData: z.enum(['breaching', 'notBreaching', 'ignore', 'missing']).default('missing'),
});
type MetricProperties = z.output<typeof MetricProperties>;

const CompositeProperties = z.strictObject({ ...common, AlarmRule: text });

/** The template's alarms. @throws {UserError} naming what could not be evaluated: unknown functions, anomaly bands, actions that are no topic… */
export function readAlarms(resources: readonly Resource[]): readonly Alarm[] {
  const alarms = resources.flatMap((resource): Alarm[] => {
    if (resource.type === 'AWS::CloudWatch::Alarm') return [metricAlarm(resource)];
    if (resource.type === 'AWS::CloudWatch::CompositeAlarm') return [compositeAlarm(resource)];
    return [];
  });
  const known = new Set(alarms.flatMap(({ name, arn }) => [name, arn]));
  for (const alarm of alarms) {
    const missing = alarm.kind === 'composite' ? alarm.rule.alarms.find((name) => !known.has(name)) : undefined;
    if (missing !== undefined) throw new UserError(`the rule of the alarm ${alarm.name} names ${missing}, which no template declares`);
  }
  return alarms;
}

function metricAlarm(resource: Resource): MetricAlarm {
  const properties = parse(MetricProperties, resource);
  const { EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods, Metrics } = properties;
  const source = Metrics === undefined ? singleMetric(resource, properties) : metricMath(resource, Metrics);
  return {
    ...shared(resource, properties),
    kind: 'metric',
    ...source,
    evaluationPeriods: EvaluationPeriods,
    datapointsToAlarm: DatapointsToAlarm,
    threshold: properties.Threshold,
    comparison: properties.ComparisonOperator,
    missingData: properties.TreatMissingData,
  };
}

type Source = Pick<MetricAlarm, 'queries' | 'returned' | 'periodSeconds'>;

function singleMetric(resource: Resource, properties: MetricProperties): Source {
  const { Namespace, MetricName, Period: period, Statistic = properties.ExtendedStatistic } = properties;
  if (Namespace === undefined || MetricName === undefined || period === undefined || Statistic === undefined)
    throw refused(resource, 'expected Namespace, MetricName, Period and Statistic, or Metrics');
  const metric = metricOf({ Namespace, MetricName, Dimensions: properties.Dimensions });
  return { queries: [{ id: 'm1', metric, statistic: Statistic as Statistic }], returned: 'm1', periodSeconds: period };
}

function metricMath(resource: Resource, metrics: readonly z.output<typeof MetricQuery>[]): Source {
  const queries = metrics.map(({ Id: id, Expression, MetricStat }): Query => {
    if (MetricStat !== undefined) return { id, metric: metricOf(MetricStat.Metric), statistic: MetricStat.Stat as Statistic };
    if (Expression === undefined) throw refused(resource, `Metrics "${id}" has neither MetricStat nor Expression`);
    try {
      return { id, expression: compileExpression(Expression) };
    } catch (error) {
      throw refused(resource, (error as Error).message);
    }
  });
  const returned = metrics.filter(({ ReturnData = true }) => ReturnData);
  const periods = new Set(metrics.flatMap(({ MetricStat, Period: period }) => MetricStat?.Period ?? period ?? []));
  const [periodSeconds] = periods;
  if (returned.length !== 1 || periods.size !== 1 || periodSeconds === undefined)
    throw refused(resource, `found ${returned.length} Metrics with ReturnData and ${periods.size} periods; expected one of each`);
  return { queries, returned: returned[0]?.Id ?? '', periodSeconds };
}

function metricOf({
  Namespace,
  MetricName,
  Dimensions: dimensions,
}: {
  Namespace: string;
  MetricName: string;
  Dimensions: z.output<typeof Dimensions>;
}): Metric {
  return { namespace: Namespace, name: MetricName, dimensions: Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value])) };
}

function compositeAlarm(resource: Resource): CompositeAlarm {
  const properties = parse(CompositeProperties, resource);
  try {
    return { ...shared(resource, properties), kind: 'composite', rule: compileRule(properties.AlarmRule) };
  } catch (error) {
    throw refused(resource, (error as Error).message);
  }
}

function shared(resource: Resource, properties: z.output<typeof CompositeProperties> | MetricProperties) {
  const { Tags: _, AlarmName: __, ...kept } = properties;
  const actions: Record<AlarmState, readonly string[]> = {
    ALARM: properties.AlarmActions,
    OK: properties.OKActions,
    INSUFFICIENT_DATA: properties.InsufficientDataActions,
  };
  return { name: resource.ref, arn: resource.attributes.Arn ?? resource.ref, properties: kept, actions };
}

function parse<Schema extends z.ZodType>(schema: Schema, resource: Resource): z.output<Schema> {
  const parsed = schema.safeParse(resource.properties);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`));
  throw refused(resource, faults.join('; '));
}

function refused({ stack, logicalId, type }: Resource, what: string): UserError {
  return new UserError(`the stand-in for CloudWatch cannot take ${stack}/${logicalId} (${type}): ${what} (docs/parity.md)`);
}
