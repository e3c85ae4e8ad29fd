import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { EnvironmentStack } from './environment-stack.ts';

/** The queue of lib/operations/alerts-stack.ts. */
export function deadLettersName(stack: EnvironmentStack): string {
  return stack.nameOf('dead-letters');
}

/**
 * Where an event or a schedule goes that could not be delivered to its target, or at which its function failed. By name, so that stacks need not be given it; a target adds nothing to its policy,
 * which lets in all rules of the account.
 */
export function deadLetters(scope: Construct): sqs.IQueue {
  const stack = EnvironmentStack.of(scope);
  const queueArn = stack.formatArn({ service: 'sqs', resource: deadLettersName(stack) });
  return sqs.Queue.fromQueueArn(scope, 'DeadLetters', queueArn);
}
