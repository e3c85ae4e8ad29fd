import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { AlarmChange } from '../../local/cloudwatch/alarm.ts';
import { stateChangeEvent } from '../../local/cloudwatch/state-change-event.ts';
import { AwsError } from '../../local/gateway/aws-error.ts';
import { alarm, arnOf, compositeAlarm, HOTLINE, localCloudWatch, mathAlarm, REFUSALS } from './local-cloudwatch.ts';

const force = (StateValue: string, AlarmName = 'errors') => ({ AlarmName, StateValue, StateReason: 'drill' });

it('begins without data and is evaluated at the start: quiet where missing data does not breach', () => {
  const { cloudWatch, states } = localCloudWatch([
    alarm('errors'),
    alarm('silent', { TreatMissingData: 'missing' }),
    alarm('heartbeat', { TreatMissingData: 'breaching' }),
    alarm('elsewhere', { Namespace: 'AWS/CloudFront', MetricName: '5xxErrorRate' }),
  ]);
  expect(new Set(Object.values(states()))).toEqual(new Set(['INSUFFICIENT_DATA']));
  cloudWatch.evaluate();
  expect(states()).toEqual({ errors: 'OK', silent: 'INSUFFICIENT_DATA', heartbeat: 'ALARM', elsewhere: 'OK' });
});

it('goes to ALARM at the end of the period that breaches, and back when its evaluation range is quiet', () => {
  const { refuse, pass, states, cloudWatch } = localCloudWatch([alarm('errors')]);
  cloudWatch.evaluate();
  refuse();
  expect(states()).toEqual({ errors: 'OK' });
  pass(1);
  expect(states()).toEqual({ errors: 'ALARM' });
  pass(2);
  expect(states()).toEqual({ errors: 'ALARM' });
  pass(1);
  expect(states()).toEqual({ errors: 'OK' });
});

it.each([
  ['Sum', 6],
  ['Average', 2],
  ['Maximum', 4],
  ['Minimum', 0],
  ['SampleCount', 3],
])('compares the %s of a period', (Statistic, value) => {
  const atLeast = (Threshold: number) => ({ Statistic, Threshold, ComparisonOperator: 'GreaterThanOrEqualToThreshold' });
  const { refuse, pass, states } = localCloudWatch([alarm('reached', atLeast(value)), alarm('missed', atLeast(value + 0.1))]);
  for (const refused of [0, 2, 4]) refuse(refused);
  pass(1);
  expect(states()).toEqual({ reached: 'ALARM', missed: 'OK' });
});

it('compares a percentile', () => {
  const p99 = (Threshold: number) => ({ Statistic: undefined, ExtendedStatistic: 'p99', Threshold });
  const { refuse, pass, states } = localCloudWatch([alarm('slow', p99(98)), alarm('slower', p99(99))]);
  for (let value = 1; value <= 100; value += 1) refuse(value);
  pass(1);
  expect(states()).toEqual({ slow: 'ALARM', slower: 'OK' });
});

it('adds up a period of several minutes that ends at any minute', () => {
  const { refuse, pass, states, cloudWatch } = localCloudWatch([alarm('errors', { Period: 300, Threshold: 1 })]);
  cloudWatch.evaluate();
  pass(3);
  refuse();
  pass(2);
  expect(states()).toEqual({ errors: 'OK' });
  refuse();
  pass(1);
  expect(states()).toEqual({ errors: 'ALARM' });
});

it('counts a metric by all of its dimensions, in any order', () => {
  const dimensions = [
    { Name: 'phase', Value: '4.1' },
    { Name: 'gate', Value: 'lag' },
  ];
  const { cloudWatch, clock, pass, states, refuse } = localCloudWatch([alarm('errors', { Dimensions: dimensions })]);
  refuse();
  pass(1);
  expect(states()).toEqual({ errors: 'OK' });
  cloudWatch.record({ ...REFUSALS, dimensions: { gate: 'lag', phase: '4.1' }, atMs: clock(), values: [[1, 1]] });
  pass(1);
  expect(states()).toEqual({ errors: 'ALARM' });
});

it('evaluates a rate by metric math, and nothing where nothing was counted', () => {
  const stat = (Id: string, MetricName: string) => ({
    Id,
    ReturnData: false,
    MetricStat: { Metric: { Namespace: 'VideoPick/Rollout', MetricName, Dimensions: [] }, Period: 60, Stat: 'Sum' },
  });
  const rate = { Id: 'rate', Expression: '100 * (FILL(errors, 0) / requests)', Label: 'Error rate' };
  const rateAlarm = mathAlarm('rate', [stat('errors', 'Errors'), stat('requests', 'Requests'), rate], { Threshold: 1 });
  const { cloudWatch, clock, pass, states } = localCloudWatch([rateAlarm]);
  const count = (name: string, value: number) =>
    cloudWatch.record({ namespace: 'VideoPick/Rollout', name, dimensions: {}, atMs: clock(), values: [[value, 1]] });
  pass(1);
  expect(states()).toEqual({ rate: 'OK' });
  count('Requests', 200);
  count('Errors', 2);
  pass(1);
  expect(states()).toEqual({ rate: 'OK' });
  count('Requests', 200);
  count('Errors', 3);
  pass(1);
  expect(states()).toEqual({ rate: 'ALARM' });
});

it('holds a forced state for a minute, then evaluates again', () => {
  const { cloudWatch, clock, pass, states } = localCloudWatch([alarm('errors')]);
  cloudWatch.evaluate();
  clock.advance(59_000);
  cloudWatch.setAlarmState(force('ALARM'));
  clock.advance(1000);
  cloudWatch.evaluate();
  expect(states()).toEqual({ errors: 'ALARM' });
  pass(1);
  expect(states()).toEqual({ errors: 'OK' });
});

it('leaves an alarm on a metric that nobody records here as it was set', () => {
  const { cloudWatch, pass, states } = localCloudWatch([alarm('errors', { Namespace: 'AWS/CloudFront' })]);
  cloudWatch.evaluate();
  cloudWatch.setAlarmState(force('ALARM'));
  pass(30);
  expect(states()).toEqual({ errors: 'ALARM' });
});

it('publishes a change to the topics of its new state', () => {
  const topics = { AlarmActions: [HOTLINE], OKActions: [`${HOTLINE}-ok`] };
  const { cloudWatch, notices, refuse, pass } = localCloudWatch([
    alarm('errors', { ...topics, AlarmDescription: 'docs/runbook.md#errors' }),
  ]);
  refuse(5);
  pass(2);
  expect(notices).toMatchObject([{ topicArn: HOTLINE, subject: 'ALARM: "errors" in ap-northeast-2' }]);
  expect(JSON.parse(notices[0]?.message ?? '')).toMatchObject({
    AlarmName: 'errors',
    AlarmDescription: 'docs/runbook.md#errors',
    OldStateValue: 'INSUFFICIENT_DATA',
    NewStateValue: 'ALARM',
    NewStateReason: expect.stringContaining('[5 ('),
    Trigger: { MetricName: 'Refusals', Dimensions: [{ name: 'phase', value: '4.1' }], Period: 60, Threshold: 0 },
  });
  pass(2);
  expect(notices.map(({ topicArn }) => topicArn)).toEqual([HOTLINE, `${HOTLINE}-ok`]);
  expect(cloudWatch.describeAlarmHistory({ HistoryItemType: 'Action' }).AlarmHistoryItems).toHaveLength(2);
});

it('records an action that failed, and goes on', () => {
  const publish = () => {
    throw new AwsError('NotFound', 'Topic does not exist', { status: 404 });
  };
  const { cloudWatch, states } = localCloudWatch([alarm('errors', { AlarmActions: [HOTLINE] })], { publish });
  cloudWatch.setAlarmState(force('ALARM'));
  expect(states()).toEqual({ errors: 'ALARM' });
  expect(cloudWatch.describeAlarmHistory({ AlarmName: 'errors', HistoryItemType: 'Action' }).AlarmHistoryItems).toMatchObject([
    { HistorySummary: expect.stringContaining('Topic does not exist') },
  ]);
});

it('tells its listeners each change once, in the shape of the event on the bus', () => {
  const { cloudWatch, pass } = localCloudWatch([alarm('errors', { ActionsEnabled: false, AlarmActions: [HOTLINE] })]);
  const changes: AlarmChange[] = [];
  const off = cloudWatch.onAlarm((change) => changes.push(change));
  pass(2);
  cloudWatch.setAlarmState(force('ALARM'));
  cloudWatch.setAlarmState(force('ALARM'));
  off();
  cloudWatch.setAlarmState(force('OK'));
  expect(changes.map(({ previousState, state }) => `${previousState}→${state}`)).toEqual(['INSUFFICIENT_DATA→OK', 'OK→ALARM']);
  expect(changes[1]).toMatchObject({ alarmArn: arnOf('errors'), reason: 'drill', actionsEnabled: false });
  expect(stateChangeEvent(changes[1] as AlarmChange)).toMatchObject({
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm State Change',
    resources: [arnOf('errors')],
    detail: { alarmName: 'errors', state: { value: 'ALARM' }, previousState: { value: 'OK' } },
  });
});

it('follows the alarms that a rule names', () => {
  const rule = `ALARM("errors") AND (NOT OK("${arnOf('lag')}") OR FALSE)`;
  const { cloudWatch, states } = localCloudWatch([alarm('errors'), alarm('lag'), compositeAlarm('both', rule)]);
  cloudWatch.evaluate();
  cloudWatch.setAlarmState(force('ALARM'));
  expect(states()).toMatchObject({ both: 'OK' });
  cloudWatch.setAlarmState(force('INSUFFICIENT_DATA', 'lag'));
  expect(states()).toMatchObject({ both: 'ALARM' });
  expect(cloudWatch.describeAlarms({})).toMatchObject({
    CompositeAlarms: [],
    MetricAlarms: [{ AlarmName: 'errors' }, { AlarmName: 'lag' }],
  });
  expect(cloudWatch.describeAlarms({ AlarmTypes: ['CompositeAlarm'] })).toMatchObject({
    CompositeAlarms: [{ AlarmName: 'both', AlarmRule: rule, StateValue: 'ALARM' }],
    MetricAlarms: [],
  });
});

it('pages its lists', () => {
  const { cloudWatch } = localCloudWatch(['a', 'b', 'c'].map((name) => alarm(name)));
  const first = cloudWatch.describeAlarms({ MaxRecords: 2 });
  expect(first.MetricAlarms.map(({ AlarmName }) => AlarmName)).toEqual(['a', 'b']);
  expect(cloudWatch.describeAlarms({ MaxRecords: 2, NextToken: first.NextToken })).toMatchObject({ MetricAlarms: [{ AlarmName: 'c' }] });
});

it('keeps states and history over a restart, and publishes nothing twice', () => {
  const folder = mkdtempSync(join(tmpdir(), 'videopick-cloudwatch-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const stateFile = join(folder, 'cloudwatch', 'alarms.json');
  const resources = [alarm('errors', { OKActions: [HOTLINE] }), alarm('edge', { Namespace: 'AWS/CloudFront' })];
  const before = localCloudWatch(resources, { stateFile });
  before.pass(1);
  before.cloudWatch.setAlarmState(force('ALARM', 'edge'));
  const after = localCloudWatch(resources, { stateFile });
  after.pass(5);
  expect(after.states()).toEqual({ errors: 'OK', edge: 'ALARM' });
  expect([before.notices.length, after.notices.length]).toEqual([1, 0]);
  expect(after.cloudWatch.describeAlarmHistory({ AlarmName: 'edge' }).AlarmHistoryItems).toHaveLength(2);
  writeFileSync(stateFile, 'half a fi');
  expect(() => localCloudWatch(resources, { stateFile })).toThrow(/does not hold the alarms' states.*remove the file/);
});

it.each([
  [
    'an action that is no topic',
    alarm('x', { AlarmActions: ['arn:aws:lambda:ap-northeast-2:123456789012:function:f'] }),
    /AlarmActions\.0.*SNS topic/,
  ],
  ['an anomaly band', alarm('x', { ThresholdMetricId: 'band' }), /ThresholdMetricId/],
  ['a period that is none', alarm('x', { Period: 45 }), /Period.*multiple of 60/],
  [
    'a function of metric math',
    mathAlarm('x', [{ Id: 'a', Expression: 'RATE(m1)', Period: 60 }]),
    /the function RATE is not evaluated here/,
  ],
  ['a rule over an alarm that is nowhere', compositeAlarm('x', 'ALARM(gone)'), /names gone/],
  ['a rule that is none', compositeAlarm('x', 'ALARM(x) XOR TRUE'), /XOR was not expected/],
])('refuses a template with %s', (_, resource, message) => {
  expect(() => localCloudWatch([resource])).toThrow(message);
});

it.each([
  ['a value and a list of values', { Value: 1, Values: [1] }, /Value or Values/],
  ['statistics', { StatisticValues: {} }, /StatisticValues/],
  ['a count too few', { Values: [1, 2], Counts: [1] }, /as many Counts/],
])('refuses a metric with %s', async (_, datum, message) => {
  const { cloudWatch } = localCloudWatch([alarm('errors')]);
  const body = Buffer.from(JSON.stringify({ Namespace: 'VideoPick', MetricData: [{ MetricName: 'M', ...datum }] }));
  const headers = { 'x-amz-target': 'GraniteServiceVersion20100801.PutMetricData' };
  const { status, body: answer } = await cloudWatch.handle({ method: 'POST', path: '/', query: new URLSearchParams(), headers, body });
  expect({ status, answer }).toMatchObject({ status: 400, answer: { message: expect.stringMatching(message) } });
});
