import { App, Duration, Stack } from 'aws-cdk-lib';
import { CfnEnvironment } from 'aws-cdk-lib/aws-appconfig';
import {
  Alarm,
  AlarmRule,
  AlarmState,
  ComparisonOperator,
  CompositeAlarm,
  Dashboard,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { expect, it } from 'vitest';
import { readAssembly } from '../../local/assembly/read-assembly.ts';
import { localCloudWatch, PLACEMENT } from './local-cloudwatch.ts';

/** What CDK makes of alarms as a stack declares them. */
function synthesized() {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, 'operations', { env: { region: PLACEMENT.region, account: PLACEMENT.accountId } });
  const metric = (metricName: string) =>
    new Metric({ namespace: 'VideoPick/Rollout', metricName, statistic: 'Sum', period: Duration.minutes(1) });
  const topic = new Topic(stack, 'Hotline', { topicName: 'hotline' });
  const quiet = {
    evaluationPeriods: 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
  };
  const errors = new Alarm(stack, 'Errors', { alarmName: 'errors', metric: metric('Errors'), threshold: 0, ...quiet });
  errors.addAlarmAction(new SnsAction(topic));
  const rate = new MathExpression({
    expression: 'errors / requests',
    usingMetrics: { errors: metric('Errors'), requests: metric('Requests') },
    period: Duration.minutes(1),
  });
  const rateAlarm = new Alarm(stack, 'Rate', { alarmName: 'rate', metric: rate, threshold: 0.01, ...quiet });
  const alarmRule = AlarmRule.anyOf(AlarmRule.fromAlarm(errors, AlarmState.ALARM), AlarmRule.fromAlarm(rateAlarm, AlarmState.ALARM));
  new CompositeAlarm(stack, 'Any', { compositeAlarmName: 'any', alarmRule });
  new Dashboard(stack, 'Dashboard');
  new CfnEnvironment(stack, 'Environment', { applicationId: 'app0001', name: 'dev', monitors: [{ alarmArn: errors.alarmArn }] });
  return readAssembly(app.synth().directory);
}

it('takes the alarms that CDK synthesizes: metrics, math, rules and topics', async () => {
  const { resources } = synthesized();
  const alarms = resources.filter(({ type }) => type.startsWith('AWS::CloudWatch::') && !type.endsWith('Dashboard'));
  const { cloudWatch, notices, states } = localCloudWatch(alarms);
  expect(cloudWatch.stateOf('errors')).toBe('INSUFFICIENT_DATA');
  cloudWatch.evaluate();
  expect(states()).toEqual({ errors: 'OK', rate: 'OK', any: 'OK' });
  cloudWatch.setAlarmState({ AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'drill' });
  expect(states()).toEqual({ errors: 'ALARM', rate: 'OK', any: 'ALARM' });
  expect(notices.map(({ topicArn }) => topicArn)).toEqual([expect.stringMatching(/:hotline$/)]);
  const environment = resources.find(({ type }) => type === 'AWS::AppConfig::Environment');
  expect(environment?.properties.Monitors).toEqual([{ AlarmArn: alarms.find(({ ref }) => ref === 'errors')?.attributes.Arn }]);
});
