import { readFileSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { executionSamples } from '../../local/cloudwatch/aws-samples.ts';
import { localCloudWatch } from '../cloudwatch/local-cloudwatch.ts';
import { expectSchedule } from './expect-schedule.ts';
import { synthesizeApp, useSynthesizedApp } from './synthesized-app.ts';

const synthesized = useSynthesizedApp();

describe('what starts by itself', () => {
  it.each([
    ['DailyMigrationArn', 'cron(0 2 * * ? *)', 'Asia/Seoul'],
    ['CatchUpArn', 'rate(5 minutes)', 'Etc/UTC'],
  ])('is %s at %s in %s, with empty input', (output, expression, zone) => {
    expectSchedule(synthesized, synthesized.assembly.outputs[output], expression, zone);
  });

  it('is catch-up also in prod, where runs are not: what the first run captures must not pile up', () => {
    const prod = synthesizeApp('prod');
    onTestFinished(prod.remove);
    const schedules = prod.resources('AWS::Scheduler::Schedule').map(({ properties }) => properties);
    const stateOf = (output: string) =>
      schedules.find(({ Target }) => (Target as { Arn: string }).Arn === prod.assembly.outputs[output])?.State;
    expect(stateOf('DailyMigrationArn')).toBe('DISABLED');
    expect(stateOf('CatchUpArn')).toBe('ENABLED');
  }, 120_000);
});

const alarms = [
  ['a nightly run', 'daily-migration-failures', 'DailyMigrationArn', 'The nightly run fails'],
  ['a catch-up', 'catch-up-failures', 'CatchUpArn', 'Catch-up failures'],
] as const;

describe.each(alarms)('the alarm of %s', (_what, name, output, heading) => {
  const alarm = () => synthesized.resources('AWS::CloudWatch::Alarm').filter(({ ref }) => ref === `videopick-dev-${name}`);

  it('links its part of the runbook', () => {
    expect(alarm().map(({ properties }) => properties.AlarmDescription)).toEqual([
      expect.stringMatching(new RegExp(`docs/runbook\\.md#${heading.toLowerCase().replaceAll(' ', '-')}$`)),
    ]);
    expect(readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8')).toContain(`\n## ${heading}\n`);
  });

  it.each([
    ['failed', 'FAILED', 1],
    ['timed out', 'TIMED_OUT', 1],
    ['was aborted, which somebody did on purpose', 'ABORTED', 0],
    ['succeeded', 'SUCCEEDED', 0],
  ] as const)('tells the topic of alerts whether an execution failed: one that %s', (_ended, status, times) => {
    const { cloudWatch, clock, notices, pass } = localCloudWatch(alarm());
    const stateMachineArn = synthesized.assembly.outputs[output] ?? '';
    const [startDate, stopDate] = [clock() / 1000 - 60, clock() / 1000];
    for (const sample of executionSamples({ status, stateMachineArn, startDate, stopDate }, clock())) cloudWatch.record(sample);
    pass(2);
    const topicArn = 'arn:aws:sns:ap-northeast-2:000000000000:videopick-dev-alerts';
    expect(notices).toEqual(Array.from({ length: times }, () => expect.objectContaining({ topicArn })));
    pass(10);
    expect(notices, 'it is over by itself, without a word').toHaveLength(times);
    expect(cloudWatch.stateOf(`videopick-dev-${name}`)).toBe('OK');
  });
});
