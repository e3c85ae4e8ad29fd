import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type * as sfn from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { deadLetters } from '../dead-letters.ts';
import { EnvironmentStack } from '../environment-stack.ts';
import { NamedStateMachine } from '../named-state-machine.ts';
import { TRANSCODE, type TranscodingSteps } from './transcoding-steps.ts';

/** What streams through leaves garbage behind, which V8 lets grow to 48 MB before it looks: with a semi-space of 1 MB, memory is flat in a video's size. */
const SMALL_YOUNG_GENERATION = '--max-semi-space-size=1';

export interface TranscodeProps {
  readonly steps: TranscodingSteps;
  readonly videos: s3.IBucket;
}

/** Makes every object that arrives under `originals/` a playable video. */
export class Transcode extends Construct {
  readonly stateMachine: sfn.StateMachine;

  constructor(scope: Construct, id: string, { steps, videos }: TranscodeProps) {
    super(scope, id);
    const inspectUpload = steps.make('InspectUpload', 'inspect-upload', {
      timeout: Duration.minutes(2),
      readsSettings: true,
      readsFlags: true,
    });
    const judgeFailure = steps.make('JudgeFailure', 'judge-failure', { timeout: Duration.minutes(1), database: false });
    const noteEncoded = steps.make('NoteEncoded', 'note-encoded', { timeout: Duration.minutes(2) });
    const checkOutput = steps.make('CheckOutput', 'check-output', {
      timeout: Duration.minutes(15),
      database: false,
      nodeOptions: [SMALL_YOUNG_GENERATION],
    });
    const publishVideo = steps.make('PublishVideo', 'publish-video', { timeout: Duration.minutes(5) });
    const failUpload = steps.make('FailUpload', 'fail-upload', { timeout: Duration.minutes(2) });
    for (const step of [inspectUpload, judgeFailure]) videos.grantRead(step, 'originals/*');
    inspectUpload.addToRolePolicy(new iam.PolicyStatement({ actions: ['mediaconvert:Probe'], resources: ['*'] })); // takes no resource
    NamedStateMachine.grantDescribe(TRANSCODE, inspectUpload);
    videos.grantRead(checkOutput, 'encoded/*');
    for (const prefix of ['encoded/*', 'thumbnails/*']) videos.grantRead(publishVideo, prefix);
    publishVideo.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['s3:PutObject'],
        resources: ['index.m3u8', 'storyboard.vtt'].map((file) => videos.arnForObjects(`encoded/*/${file}`)),
      }),
    );

    const encoderRole = new iam.Role(this, 'EncoderRole', { assumedBy: new iam.ServicePrincipal('mediaconvert.amazonaws.com') });
    videos.grantRead(encoderRole, 'originals/*');
    for (const prefix of ['encoded/*', 'thumbnails/*', 'previews/*']) videos.grantPut(encoderRole, prefix);

    this.stateMachine = new NamedStateMachine(this, 'StateMachine', {
      name: TRANSCODE,
      steps: {
        InspectUpload: inspectUpload,
        JudgeFailure: judgeFailure,
        NoteEncoded: noteEncoded,
        CheckOutput: checkOutput,
        PublishVideo: publishVideo,
        FailUpload: failUpload,
      },
      substitutions: { MediaConvertRoleArn: encoderRole.roleArn },
    });
    allowEncoding(this.stateMachine, encoderRole, EnvironmentStack.of(this));

    new events.Rule(this, 'UploadArrived', {
      description: 'An object under originals/ starts its transcode',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [videos.bucketName] }, object: { key: [{ prefix: 'originals/' }] } },
      },
      targets: [new targets.SfnStateMachine(this.stateMachine, { deadLetterQueue: deadLetters(this) })],
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
