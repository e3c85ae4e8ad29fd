import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { alertsTopic } from './alerts.ts';
import { EnvironmentStack } from './environment-stack.ts';

export interface FailuresAlarmProps {
  /** Nobody waits for its executions: a schedule starts them. */
  readonly stateMachine: sfn.StateMachine;
  /** `catch-up-failures`; the alarm is `videopick-<env>-catch-up-failures`. */
  readonly name: string;
  /** What it means, and the heading of the runbook that says what to do: `…: docs/runbook.md#catch-up-failures`. */
  readonly description: string;
}

/** Tells `alerts` of a machine of which an execution failed or timed out within five minutes. One that was aborted does not count: somebody did that on purpose. */
export function alarmOnFailures(scope: Construct, { stateMachine, name, description }: FailuresAlarmProps): cloudwatch.Alarm {
  const fiveMinutes = { period: Duration.minutes(5), statistic: cloudwatch.Stats.SUM };
  const alarm = new cloudwatch.Alarm(scope, 'Failures', {
    alarmName: EnvironmentStack.of(scope).nameOf(name),
    alarmDescription: description,
    metric: new cloudwatch.MathExpression({
      // Each of the two is missing most of the time, and a sum with something missing is missing, too.
      expression: 'FILL(failed, 0) + FILL(timedOut, 0)',
      usingMetrics: { failed: stateMachine.metricFailed(fiveMinutes), timedOut: stateMachine.metricTimedOut(fiveMinutes) },
      period: fiveMinutes.period,
      label: 'Executions that failed or timed out',
    }),
    threshold: 1,
    evaluationPeriods: 1,
    comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
  });
  alarm.addAlarmAction(new actions.SnsAction(alertsTopic(scope)));
  return alarm;
}
