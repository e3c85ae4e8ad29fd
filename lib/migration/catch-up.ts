import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { alertsTopic } from '../alerts.ts';
import { deadLetters } from '../dead-letters.ts';
import { EnvironmentStack } from '../environment-stack.ts';
import type { LambdaStep } from '../lambda-step.ts';
import { NamedStateMachine } from '../named-state-machine.ts';

export interface CatchUpProps {
  readonly catchUp: LambdaStep;
}

/** Applies what changed on the legacy side, every few minutes. Nobody waits for it, so an alarm tells `alerts` when it fails. */
export class CatchUp extends Construct {
  readonly stateMachine: sfn.StateMachine;

  constructor(scope: Construct, id: string, { catchUp }: CatchUpProps) {
    super(scope, id);
    this.stateMachine = new NamedStateMachine(this, 'StateMachine', { name: 'catch-up', steps: { CatchUp: catchUp } });
    const failures = new cloudwatch.Alarm(this, 'Failures', {
      alarmName: EnvironmentStack.of(this).nameOf('catch-up-failures'),
      alarmDescription: 'Legacy changes are not applied, or not all: docs/runbook.md#catch-up-failures',
      metric: this.stateMachine.metricFailed({ period: Duration.minutes(5), statistic: cloudwatch.Stats.SUM }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    failures.addAlarmAction(new actions.SnsAction(alertsTopic(this)));
    new scheduler.Schedule(this, 'EveryFewMinutes', {
      schedule: scheduler.ScheduleExpression.rate(Duration.minutes(5)),
      target: new targets.StepFunctionsStartExecution(this.stateMachine, {
        input: scheduler.ScheduleTargetInput.fromObject({}),
        deadLetterQueue: deadLetters(this),
      }),
      enabled: EnvironmentStack.of(this).environmentConfig.migration.scheduled,
      description: 'Applies legacy changes every five minutes',
    });
  }
}
