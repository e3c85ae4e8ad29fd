import { Duration } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as scheduler from 'aws-cdk-lib/aws-scheduler';
import * as targets from 'aws-cdk-lib/aws-scheduler-targets';
import { Construct } from 'constructs';
import { deadLetters } from '../dead-letters.ts';
import { NamedStateMachine } from '../named-state-machine.ts';
import { TRANSCODE, type TranscodingSteps } from './transcoding-steps.ts';

export interface SweepProps {
  readonly steps: TranscodingSteps;
  readonly videos: s3.IBucket;
}

/** Every quarter of an hour: what waited starts, stuck uploads get a reason, and output that nothing plays any more goes. */
export class Sweep extends Construct {
  constructor(scope: Construct, id: string, { steps, videos }: SweepProps) {
    super(scope, id);
    const sweepVideos = steps.make('SweepVideos', 'sweep-videos', { timeout: Duration.minutes(10), readsSettings: true, readsFlags: true });
    sweepVideos.keepFailures();
    NamedStateMachine.grantDescribe(TRANSCODE, sweepVideos);
    NamedStateMachine.grantStart(TRANSCODE, sweepVideos);
    sweepVideos.addToRolePolicy(new iam.PolicyStatement({ actions: ['s3:ListBucketVersions'], resources: [videos.bucketArn] }));
    sweepVideos.addToRolePolicy(
      new iam.PolicyStatement({
        actions: ['s3:DeleteObject', 's3:DeleteObjectVersion'],
        resources: ['encoded/*', 'thumbnails/*', 'previews/*'].map((pattern) => videos.arnForObjects(pattern)),
      }),
    );
    new scheduler.Schedule(this, 'EveryQuarterHour', {
      schedule: scheduler.ScheduleExpression.rate(Duration.minutes(15)),
      target: new targets.LambdaInvoke(sweepVideos, {
        input: scheduler.ScheduleTargetInput.fromObject({}),
        retryAttempts: 0,
        deadLetterQueue: deadLetters(this),
      }),
      description: 'Finds stuck uploads and removes superseded output every 15 minutes',
    });
  }
}
