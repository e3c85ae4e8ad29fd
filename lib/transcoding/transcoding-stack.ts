import { CfnOutput } from 'aws-cdk-lib';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Database } from '../database/database.ts';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.ts';
import { Progress } from './progress.ts';
import { Sweep } from './sweep.ts';
import { Transcode } from './transcode.ts';
import { TranscodingSteps } from './transcoding-steps.ts';
import { UploadApi } from './upload-api.ts';

export interface TranscodingStackProps extends EnvironmentStackProps {
  readonly database: Database;
  readonly videos: s3.IBucket;
}

/** Everything between an upload and a playing video. */
export class TranscodingStack extends EnvironmentStack {
  readonly uploadApi: UploadApi;

  constructor(scope: Construct, id: string, props: TranscodingStackProps) {
    super(scope, id, props);
    this.uploadApi = new UploadApi(this, 'UploadApi', { database: props.database, videos: props.videos });
    const steps = new TranscodingSteps(this, 'Steps', { database: props.database });
    const transcode = new Transcode(this, 'Transcode', { steps, videos: props.videos });
    new Progress(this, 'Progress', { steps });
    new Sweep(this, 'Sweep', { steps, videos: props.videos });
    new CfnOutput(this, 'TranscodeArn', { value: transcode.stateMachine.stateMachineArn });
  }
}
