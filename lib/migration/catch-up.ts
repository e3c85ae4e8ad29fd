import { Duration } from 'aws-cdk-lib';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { alarmOnFailures } from '../alarm-on-failures.ts';
import { deadLetters } from '../dead-letters.ts';
import type { LambdaStep } from '../lambda-step.ts';
import { NamedStateMachine } from '../named-state-machine.ts';

export interface CatchUpProps {
  readonly catchUp: LambdaStep;
}

/**
 * Applies what changed on the legacy side, every few minutes. Nobody waits for it, so an alarm tells `alerts` when it fails.
 *
 * On in every environment, also where runs are started by hand: the first run's triggers record changes from then on, and nothing else takes them off
 * the log. It keeps no cluster awake that would pause without it: the edge asks the database as often (lib/delivery/edge-stack.ts).
 */
export class CatchUp extends Construct {
  readonly stateMachine: sfn.StateMachine;

  constructor(scope: Construct, id: string, { catchUp }: CatchUpProps) {
    super(scope, id);
    this.stateMachine = new NamedStateMachine(this, 'StateMachine', { name: 'catch-up', steps: { CatchUp: catchUp } });
    alarmOnFailures(this, {
      stateMachine: this.stateMachine,
      name: 'catch-up-failures',
      description: 'Legacy changes are not applied, or not all: docs/runbook.md#catch-up-failures',
    });
    new scheduler.Schedule(this, 'EveryFewMinutes', {
      schedule: scheduler.ScheduleExpression.rate(Duration.minutes(5)),
      target: new targets.StepFunctionsStartExecution(this.stateMachine, {
        input: scheduler.ScheduleTargetInput.fromObject({}),
        deadLetterQueue: deadLetters(this),
      }),
      description: 'Applies legacy changes every five minutes',
    });
  }
}
