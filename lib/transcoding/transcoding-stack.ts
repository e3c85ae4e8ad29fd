import { CfnOutput } from 'aws-cdk-lib';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Database } from '../database/database.ts';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.ts';
import type { FlagsStack } from '../rollout/flags-stack.ts';
import { Progress } from './progress.ts';
import { Sweep } from './sweep.ts';
import { Transcode } from './transcode.ts';
import { TranscodingSteps } from './transcoding-steps.ts';

export interface TranscodingStackProps extends EnvironmentStackProps {
  readonly database: Database;
  readonly flags: FlagsStack;
  readonly videos: s3.IBucket;
}

/** Everything between an upload and a playing video. */
export class TranscodingStack extends EnvironmentStack {
  constructor(scope: Construct, id: string, props: TranscodingStackProps) {
    super(scope, id, props);
    const steps = new TranscodingSteps(this, 'Steps', { database: props.database, flags: props.flags });
    const transcode = new Transcode(this, 'Transcode', { steps, videos: props.videos });
    new Progress(this, 'Progress', { steps });
    new Sweep(this, 'Sweep', { steps, videos: props.videos });
    new CfnOutput(this, 'TranscodeArn', { value: transcode.stateMachine.stateMachineArn });
  }
}
