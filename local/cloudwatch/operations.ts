import { z } from 'zod';
import type { Alarm } from './alarm.ts';
import type { AlarmBook } from './alarm-book.ts';
import { invalid, notFound } from './errors.ts';
import type { Evaluator } from './evaluator.ts';
import type { Sample } from './metric.ts';

// Members are spelled as the API spells them, in and out; times are ISO 8601, as Step Functions gives them.

const State = z.enum(['OK', 'ALARM', 'INSUFFICIENT_DATA']);
const AlarmType = z.enum(['MetricAlarm', 'CompositeAlarm']);
const Name = z.string().min(1).max(255);
/** Epoch seconds on the wire, text from a state machine. */
const Time = z.union([
  z.number().transform((seconds) => seconds * 1000),
  z.iso.datetime({ offset: true }).transform((text) => Date.parse(text)),
]);
const paging = {
  MaxRecords: z.number().int().min(1).max(100).default(50),
  NextToken: z.string().regex(/^\d+$/, 'expected a token of this list').optional(),
};

const DescribeAlarmsInput = z
  .strictObject({
    AlarmNames: z.array(Name).max(100).optional(),
    AlarmNamePrefix: Name.optional(),
    AlarmTypes: z.array(AlarmType).default(['MetricAlarm']),
    StateValue: State.optional(),
    ActionPrefix: z.string().min(1).max(1024).optional(),
    ...paging,
  })
  .refine(
    ({ AlarmNames, AlarmNamePrefix }) => AlarmNames === undefined || AlarmNamePrefix === undefined,
    'expected AlarmNames or AlarmNamePrefix, not both',
  );

const SetAlarmStateInput = z.strictObject({
  AlarmName: Name,
  StateValue: State,
  StateReason: z.string().max(1023),
  StateReasonData: z.string().max(4000).optional(),
});

const HistoryInput = z.strictObject({
  AlarmName: Name.optional(),
  AlarmTypes: z.array(AlarmType).default(['MetricAlarm']),
  HistoryItemType: z.enum(['ConfigurationUpdate', 'StateUpdate', 'Action']).optional(),
  StartDate: Time.optional(),
  EndDate: Time.optional(),
  ScanBy: z.enum(['TimestampDescending', 'TimestampAscending']).default('TimestampDescending'),
  ...paging,
});

const ActionsInput = z.strictObject({ AlarmNames: z.array(Name).max(100) });

const Value = z.number();
const PutMetricDataInput = z.strictObject({
  Namespace: z
    .string()
    .regex(/^[^:]{1,255}$/)
    .refine((name) => !name.startsWith('AWS/'), 'expected a namespace that does not begin with AWS/'),
  MetricData: z
    .array(
      z
        .strictObject({
          MetricName: Name,
          Dimensions: z
            .array(z.strictObject({ Name: Name, Value: z.string().min(1).max(1024) }))
            .max(30)
            .default([]),
          Timestamp: Time.optional(),
          Value: Value.optional(),
          Values: z.array(Value).max(150).optional(),
          Counts: z.array(Value).max(150).optional(),
          Unit: z.string().optional(),
          StorageResolution: z.number().int().optional(),
        })
        .refine(
          (datum) => (datum.Value === undefined) !== (datum.Values === undefined),
          'expected Value or Values; StatisticValues has no stand-in',
        )
        .refine(({ Values = [], Counts = Values }) => Values.length === Counts.length, 'expected as many Counts as Values'),
    )
    .min(1)
    .max(1000),
});

/** Alarms by name, prefix and state. @throws {AwsError} ValidationError */
export function describeAlarms(book: AlarmBook, input: unknown) {
  const { AlarmNames: names, AlarmNamePrefix: prefix = '', ...wanted } = parse(DescribeAlarmsInput, input);
  const found = book.alarms().filter((alarm) => {
    if (!wanted.AlarmTypes.includes(typeOf(alarm)) || !alarm.name.startsWith(prefix)) return false;
    if (names !== undefined && !names.includes(alarm.name)) return false;
    if (wanted.ActionPrefix !== undefined && !alarm.actions.ALARM.some((arn) => arn.startsWith(wanted.ActionPrefix ?? ''))) return false;
    return wanted.StateValue === undefined || book.status(alarm).state === wanted.StateValue;
  });
  const { items, ...next } = page(found, wanted);
  const described = (kind: Alarm['kind']) => items.filter((alarm) => alarm.kind === kind).map((alarm) => describe(book, alarm));
  return { MetricAlarms: described('metric'), CompositeAlarms: described('composite'), ...next };
}

/** How a person, or a test, forces an alarm. @throws {AwsError} ResourceNotFound, ValidationError */
export function setAlarmState(book: AlarmBook, input: unknown): Record<string, never> {
  const { AlarmName, StateValue, StateReason, StateReasonData } = parse(SetAlarmStateInput, input);
  const alarm = book.find(AlarmName);
  if (alarm === undefined || alarm.name !== AlarmName) throw notFound(`The alarm ${AlarmName} does not exist.`);
  book.set(alarm, { state: StateValue, reason: StateReason, reasonData: StateReasonData });
  return {};
}

/** @throws {AwsError} ValidationError */
export function describeAlarmHistory(book: AlarmBook, input: unknown) {
  const {
    AlarmName,
    AlarmTypes,
    HistoryItemType,
    StartDate = 0,
    EndDate = Number.POSITIVE_INFINITY,
    ScanBy,
    ...paging
  } = parse(HistoryInput, input);
  const newestFirst = book
    .history()
    .filter(
      (item) =>
        (AlarmName === undefined || item.alarmName === AlarmName) &&
        AlarmTypes.includes(item.alarmType) &&
        (HistoryItemType === undefined || item.type === HistoryItemType) &&
        item.atMs >= StartDate &&
        item.atMs <= EndDate,
    );
  const { items, ...next } = page(ScanBy === 'TimestampAscending' ? newestFirst.toReversed() : newestFirst, paging);
  const AlarmHistoryItems = items.map(({ alarmName, alarmType, atMs, type, summary, data }) => ({
    AlarmName: alarmName,
    AlarmType: alarmType,
    Timestamp: new Date(atMs).toISOString(),
    HistoryItemType: type,
    HistorySummary: summary,
    HistoryData: data,
  }));
  return { AlarmHistoryItems, ...next };
}

/** Names that no alarm has are passed over, as the service does. @throws {AwsError} ValidationError */
export function enableAlarmActions(book: AlarmBook, input: unknown, enabled: boolean): Record<string, never> {
  for (const name of parse(ActionsInput, input).AlarmNames) {
    const alarm = book.find(name);
    if (alarm !== undefined) book.enableActions(alarm, enabled);
  }
  return {};
}

/** @throws {AwsError} ValidationError */
export function putMetricData(evaluator: Evaluator, input: unknown, nowMs: number): Record<string, never> {
  const { Namespace: namespace, MetricData } = parse(PutMetricDataInput, input);
  for (const { MetricName: name, Dimensions, Timestamp: atMs = nowMs, Value: single, Values = [single ?? 0], Counts } of MetricData) {
    const dimensions = Object.fromEntries(Dimensions.map((dimension) => [dimension.Name, dimension.Value]));
    const values: Sample['values'] = Values.map((value, index) => [value, Counts?.[index] ?? 1]);
    evaluator.record({ namespace, name, dimensions, atMs, values });
  }
  return {};
}

function describe(book: AlarmBook, alarm: Alarm) {
  const { state, reason, reasonData, actionsEnabled, updatedAtMs, transitionedAtMs } = book.status(alarm);
  return {
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    ...alarm.properties,
    ActionsEnabled: actionsEnabled,
    StateValue: state,
    StateReason: reason,
    ...(reasonData !== undefined && { StateReasonData: reasonData }),
    StateUpdatedTimestamp: new Date(updatedAtMs).toISOString(),
    StateTransitionedTimestamp: new Date(transitionedAtMs).toISOString(),
  };
}

function typeOf({ kind }: Alarm): z.output<typeof AlarmType> {
  return kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm';
}

/** A token is the number of items before it. */
function page<T>(all: readonly T[], { MaxRecords, NextToken }: { MaxRecords: number; NextToken?: string | undefined }) {
  const start = Number(NextToken ?? 0);
  const end = start + MaxRecords;
  return { items: all.slice(start, end), ...(end < all.length && { NextToken: String(end) }) };
}

function parse<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`)).join('; '));
}
