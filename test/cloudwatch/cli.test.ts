import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { alarm, arnOf, localCloudWatch, serveCloudWatch } from './local-cloudwatch.ts';

const hasCli = spawnSync('aws', ['--version']).status === 0;

/** Version 1 prints the time as it came, version 2 as ISO 8601. */
function timeOf(printed: number | string): number {
  return typeof printed === 'number' ? printed * 1000 : Date.parse(printed);
}

describe.skipIf(!hasCli)('by the AWS CLI (skipped where there is none)', () => {
  it('describes alarms by name, prefix and state, with their times', async () => {
    const { cloudWatch } = localCloudWatch([alarm('rollout-errors'), alarm('rollout-stops'), alarm('uploads')]);
    cloudWatch.evaluate();
    cloudWatch.setAlarmState({ AlarmName: 'rollout-stops', StateValue: 'ALARM', StateReason: 'drill' });
    const { aws } = await serveCloudWatch(cloudWatch);
    const all = await aws('describe-alarms');
    expect(all.MetricAlarms.map(({ AlarmName }: { AlarmName: string }) => AlarmName)).toEqual([
      'rollout-errors',
      'rollout-stops',
      'uploads',
    ]);
    expect(all.MetricAlarms[0]).toMatchObject({
      AlarmArn: arnOf('rollout-errors'),
      StateValue: 'OK',
      Threshold: 0,
      EvaluationPeriods: 1,
      Dimensions: [{ Name: 'phase', Value: '4.1' }],
    });
    expect(timeOf(all.MetricAlarms[0].StateUpdatedTimestamp)).toBe(Date.parse('2026-11-23T00:00:00Z'));
    expect((await aws('describe-alarms', '--alarm-names', 'uploads', 'nothing')).MetricAlarms).toMatchObject([{ AlarmName: 'uploads' }]);
    const firing = await aws('describe-alarms', '--alarm-name-prefix', 'rollout-', '--state-value', 'ALARM');
    expect(firing.MetricAlarms).toMatchObject([{ AlarmName: 'rollout-stops', StateReason: 'drill' }]);
  }, 60_000);

  it('forces an alarm, tells its history, and takes a metric', async () => {
    const { cloudWatch, pass, states } = localCloudWatch([alarm('rollout-errors')]);
    cloudWatch.evaluate();
    const { aws } = await serveCloudWatch(cloudWatch);
    await aws('set-alarm-state', '--alarm-name', 'rollout-errors', '--state-value', 'ALARM', '--state-reason', 'drill');
    expect(states()).toEqual({ 'rollout-errors': 'ALARM' });
    const { AlarmHistoryItems: history } = await aws(
      'describe-alarm-history',
      '--alarm-name',
      'rollout-errors',
      '--history-item-type',
      'StateUpdate',
    );
    expect(history.map(({ HistorySummary }: { HistorySummary: string }) => HistorySummary)).toEqual([
      'Alarm updated from OK to ALARM',
      'Alarm updated from INSUFFICIENT_DATA to OK',
    ]);
    pass(1);
    expect(states()).toEqual({ 'rollout-errors': 'OK' });
    const metric = ['--namespace', 'VideoPick/Rollout', '--metric-name', 'Refusals', '--dimensions', 'phase=4.1', '--value', '3'];
    await aws('put-metric-data', ...metric);
    pass(1);
    expect(states()).toEqual({ 'rollout-errors': 'ALARM' });
  }, 60_000);

  it("answers the service's errors by their names", async () => {
    const { aws } = await serveCloudWatch(localCloudWatch([alarm('rollout-errors')]).cloudWatch);
    const forced = ['set-alarm-state', '--state-value', 'OK', '--state-reason', 'x', '--alarm-name', 'nothing'];
    await expect(aws(...forced)).rejects.toThrow(/\(ResourceNotFound\).*nothing does not exist/);
    await expect(aws('describe-alarms', '--alarm-names', 'a', '--alarm-name-prefix', 'b')).rejects.toThrow(/\(ValidationError\).*not both/);
    await expect(aws('list-metrics')).rejects.toThrow(/ListMetrics has no stand-in/);
  }, 60_000);
});
