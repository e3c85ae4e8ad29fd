import { CfnOutput, Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { alertsName } from '../alerts.ts';
import { deadLettersName } from '../dead-letters.ts';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.ts';

/** As long as SQS keeps a message: whoever is away for a week finds what was not delivered. */
const KEPT = Duration.days(14);

/**
 * What nobody waits for and somebody has to hear of: events and schedules that could not be delivered, and those at which the function behind them failed,
 * each with the error beside it, in a queue whose first message raises an alarm. All alarms speak on the topic `alerts`; subscribe with
 * `aws sns subscribe --protocol email`.
 */
export class AlertsStack extends EnvironmentStack {
  constructor(scope: Construct, id: string, props: EnvironmentStackProps) {
    super(scope, id, props);
    // A key of its own: alarms cannot publish under the one that AWS manages for SNS.
    const key = new kms.Key(this, 'Key', {
      description: 'Alerts of VideoPick',
      enableKeyRotation: true,
      removalPolicy: this.dataRemovalPolicy,
    });
    key.grant(new iam.ServicePrincipal('cloudwatch.amazonaws.com'), 'kms:Decrypt', 'kms:GenerateDataKey*');
    const topic = new sns.Topic(this, 'Topic', {
      topicName: alertsName(this),
      displayName: `VideoPick ${this.environmentConfig.name} alerts`,
      masterKey: key,
      enforceSSL: true,
    });
    // With a policy of its own, as `enforceSSL` gives it, a topic loses the one that lets its account publish.
    topic.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    const queue = new sqs.Queue(this, 'DeadLetters', {
      queueName: deadLettersName(this),
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: KEPT,
    });
    // The rules are in stacks that come after this one: by this account's rules, not by name, or the stacks would depend on each other in a circle.
    queue.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [queue.queueArn],
        conditions: { ArnLike: { 'aws:SourceArn': this.formatArn({ service: 'events', resource: 'rule', resourceName: '*' }) } },
      }),
    );
    const alarm = new cloudwatch.Alarm(this, 'NotDelivered', {
      alarmName: this.nameOf('dead-letters'),
      alarmDescription: 'An event or a schedule was not delivered, or its function failed: docs/runbook.md#dead-letters',
      metric: queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5), statistic: cloudwatch.Stats.MAXIMUM }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new actions.SnsAction(topic));
    new CfnOutput(this, 'AlertsTopicArn', { value: topic.topicArn });
    new CfnOutput(this, 'DeadLettersQueueUrl', { value: queue.queueUrl });
  }
}
