import { CfnOutput } from 'aws-cdk-lib';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { EnvironmentStack } from '../environment-stack.ts';

/**
 * `rollout`: for those who follow how phases open. `hotline`: for those who are called when something was turned back. Subscribe with
 * `aws sns subscribe --protocol email`. Only roles of this application publish, so the key that AWS manages for SNS will do.
 */
export class RolloutTopics extends Construct {
  readonly rollout: sns.Topic;
  readonly hotline: sns.Topic;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const masterKey = kms.Alias.fromAliasName(this, 'Key', 'alias/aws/sns');
    this.rollout = this.#topic('Rollout', 'rollout', masterKey);
    this.hotline = this.#topic('Hotline', 'hotline', masterKey);
  }

  #topic(id: string, name: string, masterKey: kms.IAlias): sns.Topic {
    const stack = EnvironmentStack.of(this);
    const topic = new sns.Topic(this, id, {
      topicName: stack.nameOf(name),
      displayName: `VideoPick ${stack.environmentConfig.name} ${name}`,
      masterKey,
      enforceSSL: true,
    });
    new CfnOutput(this, `${id}Arn`, { value: topic.topicArn }).overrideLogicalId(`${id}TopicArn`);
    return topic;
  }
}
