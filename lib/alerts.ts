import * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { EnvironmentStack } from './environment-stack.ts';

/** The topic of lib/operations/alerts-stack.ts. */
export function alertsName(stack: EnvironmentStack): string {
  return stack.nameOf('alerts');
}

/** What alarms publish to. By name, so that stacks need not be given it; its policy lets in all alarms of the account. */
export function alertsTopic(scope: Construct): sns.ITopic {
  const stack = EnvironmentStack.of(scope);
  return sns.Topic.fromTopicArn(scope, 'Alerts', stack.formatArn({ service: 'sns', resource: alertsName(stack) }));
}
