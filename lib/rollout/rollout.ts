import { ArnFormat } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { deadLetters } from '../dead-letters.ts';
import { EnvironmentStack } from '../environment-stack.ts';
import { NamedStateMachine } from '../named-state-machine.ts';
import type { FlagsStack } from './flags-stack.ts';
import type { RolloutAlarms } from './rollout-alarms.ts';
import type { RolloutEnvironment } from './rollout-environment.ts';
import type { RolloutSteps } from './rollout-steps.ts';
import type { RolloutTopics } from './rollout-topics.ts';

export interface RolloutProps {
  readonly steps: RolloutSteps;
  readonly flags: FlagsStack;
  readonly target: RolloutEnvironment;
  readonly alarms: RolloutAlarms;
  readonly topics: RolloutTopics;
}

const ROLLOUT = 'rollout';

/** Opens one phase after the other: gates, flags with a time to bake, notice. What an execution leaves behind that was stopped is taken back. */
export class Rollout extends Construct {
  readonly stateMachine: sfn.StateMachine;

  constructor(scope: Construct, id: string, { steps, flags, target, alarms, topics }: RolloutProps) {
    super(scope, id);
    const openRollout = steps.make('OpenRollout', 'open-rollout', 'read', 'stop');
    NamedStateMachine.grantDescribe(ROLLOUT, openRollout);
    const releaseRollout = steps.make('ReleaseRollout', 'release-rollout', 'stop').keepFailures();
    topics.hotline.grantPublish(releaseRollout);
    this.stateMachine = new NamedStateMachine(this, 'StateMachine', {
      name: ROLLOUT,
      steps: {
        OpenRollout: openRollout,
        CheckGates: steps.make('CheckGates', 'check-gates'),
        PlanRollout: steps.make('PlanRollout', 'plan-rollout', 'read'),
        StoreVersion: steps.make('StoreVersion', 'store-version', 'store'),
        CloseRollout: steps.make('CloseRollout', 'close-rollout', 'stop'),
      },
      substitutions: {
        ApplicationId: flags.application.applicationId,
        EnvironmentId: target.environment.environmentId,
        FlagsProfileId: flags.flags.configurationProfileId,
        NoticesProfileId: flags.notices.configurationProfileId,
        StrategyId: target.gradually.deploymentStrategyId,
        AtOnceStrategyId: target.atOnce.deploymentStrategyId,
        TranscodeAlarmName: alarms.transcode.alarmName,
        VerificationAlarmName: alarms.verification.alarmName,
        ApiAlarmName: alarms.api.alarmName,
        RolloutTopicArn: topics.rollout.topicArn,
        HotlineTopicArn: topics.hotline.topicArn,
      },
    });
    for (const topic of [topics.rollout, topics.hotline]) topic.grantPublish(this.stateMachine);
    allowDeploying(this.stateMachine, { flags, target });

    new events.Rule(this, 'ExecutionEnded', {
      description: 'A rollout whose execution ended without closing it is taken back: AppConfig would go on by itself',
      eventPattern: {
        source: ['aws.states'],
        detailType: ['Step Functions Execution Status Change'],
        detail: { stateMachineArn: [this.stateMachine.stateMachineArn], status: ['ABORTED', 'TIMED_OUT', 'FAILED'] },
      },
      targets: [new targets.LambdaFunction(releaseRollout, { deadLetterQueue: deadLetters(this) })],
    });
  }
}

function allowDeploying(stateMachine: sfn.StateMachine, { flags, target }: Pick<RolloutProps, 'flags' | 'target'>): void {
  const stack = EnvironmentStack.of(stateMachine);
  const arn = (resource: string, resourceName: string) =>
    stack.formatArn({ service: 'appconfig', resource, resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
  const { applicationId } = flags.application;
  const environment = `${applicationId}/environment/${target.environment.environmentId}`;
  const inEnvironment = [applicationId, environment, `${environment}/deployment/*`].map((name) => arn('application', name));
  const profiles = [flags.flags, flags.notices].map(({ configurationProfileId }) =>
    arn('application', `${applicationId}/configurationprofile/${configurationProfileId}`),
  );
  const strategies = [target.gradually, target.atOnce].map(({ deploymentStrategyId }) => arn('deploymentstrategy', deploymentStrategyId));
  stateMachine.addToRolePolicy(
    new iam.PolicyStatement({ actions: ['appconfig:StartDeployment'], resources: [...inEnvironment, ...profiles, ...strategies] }),
  );
  stateMachine.addToRolePolicy(new iam.PolicyStatement({ actions: ['appconfig:GetDeployment'], resources: inEnvironment }));
  stateMachine.addToRolePolicy(new iam.PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] }));
}
