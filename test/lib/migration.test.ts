import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { expectSchedule } from './expect-schedule.ts';
import { useSynthesizedApp } from './synthesized-app.ts';

const synthesized = useSynthesizedApp();

describe('what starts by itself', () => {
  it.each([
    ['DailyMigrationArn', 'cron(0 2 * * ? *)', 'Asia/Seoul'],
    ['CatchUpArn', 'rate(5 minutes)', 'Etc/UTC'],
  ])('is %s at %s in %s, with empty input', (output, expression, zone) => {
    expectSchedule(synthesized, synthesized.assembly.outputs[output], expression, zone);
  });
});

it('a catch-up that fails raises an alarm on the topic of alerts, which links its part of the runbook', () => {
  const alarm = synthesized
    .resources('AWS::CloudWatch::Alarm')
    .find(({ properties }) => properties.AlarmName === 'videopick-dev-catch-up-failures');
  expect(alarm?.properties).toMatchObject({
    Namespace: 'AWS/States',
    MetricName: 'ExecutionsFailed',
    Statistic: 'Sum',
    Period: 300,
    Threshold: 1,
    TreatMissingData: 'notBreaching',
    Dimensions: [{ Name: 'StateMachineArn', Value: synthesized.assembly.outputs.CatchUpArn }],
    AlarmActions: ['arn:aws:sns:ap-northeast-2:000000000000:videopick-dev-alerts'],
    AlarmDescription: expect.stringContaining('docs/runbook.md#catch-up-failures'),
  });
  expect(readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8')).toContain('\n## Catch-up failures\n');
});
