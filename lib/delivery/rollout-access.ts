import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { ConsoleEnv } from '../../lambdas/operations/config.ts';
import { EnvironmentStack } from '../environment-stack.ts';
import type { LambdaStep } from '../lambda-step.ts';
import type { FlagsStack } from '../rollout/flags-stack.ts';
import type { RolloutStack } from '../rollout/rollout-stack.ts';

export interface RolloutAccess {
  readonly flags: FlagsStack;
  readonly rollout: RolloutStack;
}

/** What the console needs to find the rollout. */
export function rolloutEnvironment(
  stack: EnvironmentStack,
  { flags, rollout }: RolloutAccess,
): Pick<ConsoleEnv, 'ROLLOUT_ARN' | 'APPLICATION_ID' | 'ENVIRONMENT_ID' | 'FLAGS_PROFILE_ID' | 'NOTICES_PROFILE_ID' | 'THRESHOLDS'> {
  return {
    ROLLOUT_ARN: rollout.rollout.stateMachine.stateMachineArn,
    APPLICATION_ID: flags.application.applicationId,
    ENVIRONMENT_ID: rollout.target.environment.environmentId,
    FLAGS_PROFILE_ID: flags.flags.configurationProfileId,
    NOTICES_PROFILE_ID: flags.notices.configurationProfileId,
    THRESHOLDS: JSON.stringify(stack.environmentConfig.rollout.thresholds),
  };
}

/** Lets the console read what is deployed, start a rollout, and look at or stop its executions. What is deployed, the machine alone changes. */
export function grantOperateRollout(page: LambdaStep, { flags, rollout }: RolloutAccess): void {
  const { stateMachine } = rollout.rollout;
  stateMachine.grantStartExecution(page);
  const executions = Stack.of(page).formatArn({
    service: 'states',
    resource: 'execution',
    resourceName: `${EnvironmentStack.of(rollout).nameOf('rollout')}:*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  page.addToRolePolicy(new iam.PolicyStatement({ actions: ['states:DescribeExecution', 'states:StopExecution'], resources: [executions] }));

  const { applicationId } = flags.application;
  const arn = (resourceName: string) =>
    Stack.of(page).formatArn({ service: 'appconfig', resource: 'application', resourceName, arnFormat: ArnFormat.SLASH_RESOURCE_NAME });
  const environment = `${applicationId}/environment/${rollout.target.environment.environmentId}`;
  page.addToRolePolicy(
    new iam.PolicyStatement({
      actions: ['appconfig:ListDeployments'],
      resources: [applicationId, environment, `${environment}/deployment/*`].map(arn),
    }),
  );
  const profiles = [flags.flags, flags.notices].map(
    ({ configurationProfileId }) => `${applicationId}/configurationprofile/${configurationProfileId}`,
  );
  page.addToRolePolicy(
    new iam.PolicyStatement({
      actions: ['appconfig:GetHostedConfigurationVersion'],
      resources: [applicationId, ...profiles.flatMap((profile) => [profile, `${profile}/hostedconfigurationversion/*`])].map(arn),
    }),
  );
}
