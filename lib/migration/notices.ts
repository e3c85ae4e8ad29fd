import { CfnOutput } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { EnvironmentStack } from '../environment-stack.ts';

/**
 * Where a run says how it ended: `videopick-<env>-migration-notices`. Operators subscribe with `aws sns subscribe --protocol email`.
 *
 * Encrypted at rest with the key that AWS manages for SNS: it costs nothing and lets every publisher of the account that may publish here use
 * it. Its policy cannot be changed, so AWS services (alarms, EventBridge rules) cannot publish here; give them a topic with a key of its own.
 */
export class Notices extends Construct {
  readonly topic: sns.Topic;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.topic = new sns.Topic(this, 'Topic', {
      topicName: EnvironmentStack.of(this).nameOf('migration-notices'),
      // The sender's name in mails: tells environments apart where the subject does not.
      displayName: `VideoPick ${EnvironmentStack.of(this).environmentConfig.name} migration`,
      masterKey: kms.Alias.fromAliasName(this, 'Key', 'alias/aws/sns'),
      enforceSSL: true,
    });
    const output = new CfnOutput(this, 'TopicArn', { value: this.topic.topicArn, description: 'Subscribe here to hear how runs end' });
    output.overrideLogicalId('MigrationNoticesTopicArn');
  }

  grantPublish(grantee: iam.IGrantable): iam.Grant {
    return this.topic.grantPublish(grantee);
  }
}
