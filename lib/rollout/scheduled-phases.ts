import { CfnOutput, TimeZone } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { deadLetters } from '../dead-letters.ts';
import { EnvironmentStack } from '../environment-stack.ts';

/**
 * Phases that begin at a time in Seoul: those of the environment's configuration, and any that a person adds to the group with
 * `aws scheduler create-schedule`, by the role in the outputs. A schedule only starts the machine; its gates still decide.
 */
export class ScheduledPhases extends Construct {
  constructor(scope: Construct, id: string, { stateMachine }: { readonly stateMachine: sfn.StateMachine }) {
    super(scope, id);
    const stack = EnvironmentStack.of(this);
    const group = new scheduler.ScheduleGroup(this, 'Group', { scheduleGroupName: stack.nameOf('rollout') });
    const role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('scheduler.amazonaws.com'),
      description: 'Lets a schedule start the rollout of a phase',
    });
    stateMachine.grantStartExecution(role);
    const undelivered = deadLetters(this);
    for (const { phase, at, percent } of stack.environmentConfig.rollout.scheduled) {
      new scheduler.Schedule(this, `Phase${phase.replace('.', '')}At${at.replaceAll(/\D/g, '')}`, {
        scheduleGroup: group,
        schedule: scheduler.ScheduleExpression.expression(`at(${at})`, TimeZone.ASIA_SEOUL),
        target: new targets.StepFunctionsStartExecution(stateMachine, {
          role,
          input: scheduler.ScheduleTargetInput.fromObject({ phase, percent }),
          // A rollout that comes late is not the one that was planned.
          retryAttempts: 0,
          deadLetterQueue: undelivered,
        }),
        description: `Starts the rollout of phase ${phase} at ${at} in Seoul`,
      });
    }
    new CfnOutput(this, 'GroupName', { value: group.scheduleGroupName }).overrideLogicalId('RolloutScheduleGroupName');
    new CfnOutput(this, 'RoleArn', { value: role.roleArn }).overrideLogicalId('RolloutScheduleRoleArn');
  }
}
