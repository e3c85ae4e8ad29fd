import { TimeZone } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { alarmOnFailures } from '../alarm-on-failures.ts';
import { deadLetters } from '../dead-letters.ts';
import { EnvironmentStack } from '../environment-stack.ts';
import type { LambdaStep } from '../lambda-step.ts';
import { NamedStateMachine } from '../named-state-machine.ts';
import type { MigrationSteps } from './migration-steps.ts';

export interface DailyMigrationProps {
  readonly steps: MigrationSteps;
  readonly catchUp: LambdaStep;
}

/**
 * Moves legacy rows into video_platform, a day's quota at a time, every night at 02:00 in Seoul. A run tells how it ended by its notice; one that never opened, or
 * whose machine timed out, has none, so an alarm tells `alerts` of every execution that failed.
 */
export class DailyMigration extends Construct {
  readonly stateMachine: sfn.StateMachine;

  constructor(scope: Construct, id: string, { steps, catchUp }: DailyMigrationProps) {
    super(scope, id);
    const openRun = steps.make('OpenRun', 'open-run');
    const closeRun = steps.make('CloseRun', 'close-run');
    steps.reports.grantPut(closeRun);
    steps.notices.grantPublish(closeRun);
    this.stateMachine = new NamedStateMachine(this, 'StateMachine', {
      name: 'daily-migration',
      steps: {
        OpenRun: openRun,
        CatchUp: catchUp,
        CopyEntity: steps.make('CopyEntity', 'copy-entity'),
        VerifyEntity: steps.make('VerifyEntity', 'verify-entity'),
        CloseRun: closeRun,
      },
    });
    NamedStateMachine.grantDescribe('daily-migration', openRun);
    alarmOnFailures(this, {
      stateMachine: this.stateMachine,
      name: 'daily-migration-failures',
      description: 'A run of the migration failed, or never opened: docs/runbook.md#the-nightly-run-fails',
    });
    new scheduler.Schedule(this, 'Nightly', {
      schedule: scheduler.ScheduleExpression.cron({ minute: '0', hour: '2', timeZone: TimeZone.ASIA_SEOUL }),
      target: new targets.StepFunctionsStartExecution(this.stateMachine, {
        input: scheduler.ScheduleTargetInput.fromObject({}),
        deadLetterQueue: deadLetters(this),
      }),
      enabled: EnvironmentStack.of(this).environmentConfig.migration.scheduled,
      description: 'Starts the daily migration at 02:00 in Seoul',
    });
  }

  grantStart(grantee: iam.IGrantable): iam.Grant {
    return this.stateMachine.grantStartExecution(grantee);
  }
}
