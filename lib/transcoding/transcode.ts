import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Database } from '../database/database.ts';
import { EnvironmentStack } from '../environment-stack.ts';
import { LambdaStep } from '../lambda-step.ts';
import { NamedStateMachine } from '../named-state-machine.ts';

export interface TranscodeProps {
  readonly database: Database;
  readonly videos: s3.IBucket;
}

/** Makes every object that arrives under `originals/` a playable video. */
export class Transcode extends Construct {
  readonly stateMachine: sfn.StateMachine;

  constructor(scope: Construct, id: string, { database, videos }: TranscodeProps) {
    super(scope, id);
    const stack = EnvironmentStack.of(this);
    const step = (name: string, entry: string, timeout: Duration): LambdaStep => {
      const lambdaStep = new LambdaStep(this, name, { entry: `transcoding/${entry}`, environment: database.environment, timeout });
      database.grantDataApi(lambdaStep);
      return lambdaStep;
    };
    const inspectUpload = step('InspectUpload', 'inspect-upload', Duration.minutes(2));
    const publishVideo = step('PublishVideo', 'publish-video', Duration.minutes(5));
    const failUpload = step('FailUpload', 'fail-upload', Duration.minutes(2));
    videos.grantRead(inspectUpload, 'originals/*');
    inspectUpload.addToRolePolicy(new iam.PolicyStatement({ actions: ['mediaconvert:Probe'], resources: ['*'] })); // takes no resource
    NamedStateMachine.grantDescribe('transcode', inspectUpload);
    for (const prefix of ['encoded/*', 'thumbnails/*']) videos.grantRead(publishVideo, prefix);

    const encoderRole = new iam.Role(this, 'EncoderRole', { assumedBy: new iam.ServicePrincipal('mediaconvert.amazonaws.com') });
    videos.grantRead(encoderRole, 'originals/*');
    for (const prefix of ['encoded/*', 'thumbnails/*', 'previews/*']) videos.grantPut(encoderRole, prefix);

    this.stateMachine = new NamedStateMachine(this, 'StateMachine', {
      name: 'transcode',
      steps: { InspectUpload: inspectUpload, PublishVideo: publishVideo, FailUpload: failUpload },
      substitutions: { MediaConvertRoleArn: encoderRole.roleArn },
    });
    allowEncoding(this.stateMachine, encoderRole, stack);

    new events.Rule(this, 'UploadArrived', {
      description: 'An object under originals/ starts its transcode',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [videos.bucketName] }, object: { key: [{ prefix: 'originals/' }] } },
      },
      targets: [new targets.SfnStateMachine(this.stateMachine)],
    });
  }
}

/** What `mediaconvert:createJob.sync` needs. Source: Step Functions guide, MediaConvert integration. */
function allowEncoding(stateMachine: sfn.StateMachine, encoderRole: iam.Role, stack: EnvironmentStack): void {
  const arn = (service: string, resource: string) => stack.formatArn({ service, resource });
  const allow = (statement: iam.PolicyStatementProps) => stateMachine.addToRolePolicy(new iam.PolicyStatement(statement));
  allow({ actions: ['mediaconvert:CreateJob'], resources: [arn('mediaconvert', 'queues/Default')] });
  allow({
    actions: ['mediaconvert:GetJob', 'mediaconvert:CancelJob'],
    resources: [arn('mediaconvert', 'jobs/*')],
    conditions: { StringEquals: { 'aws:ResourceTag/ManagedByService': 'AWSStepFunctions' } },
  });
  allow({
    actions: ['iam:PassRole'],
    resources: [encoderRole.roleArn],
    conditions: { StringEquals: { 'iam:PassedToService': 'mediaconvert.amazonaws.com' } },
  });
  allow({
    actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
    resources: [arn('events', 'rule/StepFunctionsGetEventsForMediaConvertJobRule')],
  });
}
