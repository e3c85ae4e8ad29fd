import { Duration } from 'aws-cdk-lib';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { deadLetters } from '../dead-letters.ts';
import { EnvironmentStack } from '../environment-stack.ts';
import type { LambdaStep } from '../lambda-step.ts';
import { NamedStateMachine } from '../named-state-machine.ts';

export interface CatchUpProps {
  readonly catchUp: LambdaStep;
}

/** Applies what changed on the legacy side, every few minutes. */
export class CatchUp extends Construct {
  readonly stateMachine: sfn.StateMachine;

  constructor(scope: Construct, id: string, { catchUp }: CatchUpProps) {
    super(scope, id);
    this.stateMachine = new NamedStateMachine(this, 'StateMachine', { name: 'catch-up', steps: { CatchUp: catchUp } });
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
