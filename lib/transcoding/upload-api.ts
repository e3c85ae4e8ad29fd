import * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { MAX_UPLOAD_MIB } from '../../lambdas/transcoding/upload.ts';
import { UPLOAD_ROUTES } from '../../lambdas/transcoding/uploads/answer-upload.ts';
import type { UploadEnv } from '../../lambdas/transcoding/uploads/upload-config.ts';
import { ANSWER_WITHIN, type AppApi, type RouteThrottle } from '../api/app-api.ts';
import type { Database } from '../database/database.ts';
import { LambdaStep } from '../lambda-step.ts';
import type { FlagsStack } from '../rollout/flags-stack.ts';

export interface UploadApiProps {
  readonly api: AppApi;
  readonly database: Database;
  readonly flags: FlagsStack;
  readonly videos: s3.IBucket;
}

/** An upload of 10 GiB asks about 650 times in its hours; a few at once stay far below. */
const THROTTLE: RouteThrottle = { ratePerSecond: 50, burst: 100 };

/** Uploads, as routes of the app's API. Parts go to the bucket, not through here. */
export class UploadApi extends Construct {
  constructor(scope: Construct, id: string, { api, database, flags, videos }: UploadApiProps) {
    super(scope, id);
    const environment: UploadEnv = {
      ...database.environment,
      FLAGS_PATH: flags.environmentVariables.FLAGS_PATH,
      VIDEOS_BUCKET: videos.bucketName,
      MAX_VIDEO_SIZE_MB: String(MAX_UPLOAD_MIB),
    };
    const handler = new LambdaStep(this, 'Handler', { entry: 'transcoding/upload-api', environment, timeout: ANSWER_WITHIN });
    database.grantDataApi(handler);
    flags.grantReadFlags(handler);
    for (const prefix of ['temp', 'originals']) {
      handler.addToRolePolicy(
        new iam.PolicyStatement({
          // Reading: the source of a copy, and whether a copy whose answer was lost is there.
          actions: ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:GetObject'],
          resources: [videos.arnForObjects(`${prefix}/*`)],
        }),
      );
    }
    api.route(UPLOAD_ROUTES, handler, THROTTLE);
  }
}
