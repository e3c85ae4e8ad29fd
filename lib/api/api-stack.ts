import { CfnOutput } from 'aws-cdk-lib';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { FlagsEnv, NoticesEnv } from '../../lambdas/rollout/api/flags-in-force.ts';
import { openApiDocument } from '../../lambdas/rollout/api/openapi.ts';
import { OPENAPI_FILE } from '../../lambdas/rollout/api/openapi-file.ts';
import { OPERATIONS } from '../../lambdas/rollout/api/operations.ts';
import type { StreamEnv } from '../../lambdas/rollout/api/stream-config.ts';
import { addTextToBundle } from '../bundle.ts';
import type { Database } from '../database/database.ts';
import type { SigningKeys } from '../delivery/signing-keys.ts';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.ts';
import { LambdaStep } from '../lambda-step.ts';
import type { FlagsStack } from '../rollout/flags-stack.ts';
import { UploadApi } from '../transcoding/upload-api.ts';
import { ANSWER_WITHIN, AppApi } from './app-api.ts';

export interface ApiStackProps extends EnvironmentStackProps {
  readonly database: Database;
  readonly flags: FlagsStack;
  readonly signingKeys: SigningKeys;
  readonly videos: s3.IBucket;
}

/** What the app asks: which flags are on, what to play, where to upload. */
export class ApiStack extends EnvironmentStack {
  readonly api: AppApi;

  constructor(scope: Construct, id: string, { database, flags, signingKeys, videos, ...props }: ApiStackProps) {
    super(scope, id, props);
    this.api = new AppApi(this, 'AppApi');
    new UploadApi(this, 'UploadApi', { api: this.api, database, flags, videos });

    const { FLAGS_PATH, NOTICES_PATH } = flags.environmentVariables;
    const readRollout = new LambdaStep(this, 'ReadRollout', {
      entry: 'rollout/api/read-rollout',
      environment: { FLAGS_PATH, NOTICES_PATH } satisfies FlagsEnv & NoticesEnv,
      timeout: ANSWER_WITHIN,
    });
    flags.grantReadFlags(readRollout);
    flags.grantReadNotices(readRollout);
    this.api.route(['GET /api/rollout'], readRollout);

    const readStream = new LambdaStep(this, 'ReadStream', {
      entry: 'rollout/api/read-stream',
      environment: { ...database.environment, ...signingKeys.environment, FLAGS_PATH } satisfies StreamEnv,
      timeout: ANSWER_WITHIN,
    });
    database.grantDataApi(readStream);
    flags.grantReadFlags(readStream);
    signingKeys.grantSign(readStream);
    this.api.route(['GET /api/videos/{id}/stream'], readStream);

    addTextToBundle('rollout/api/describe-api', OPENAPI_FILE, JSON.stringify(openApiDocument(OPERATIONS)));
    const describeApi = new LambdaStep(this, 'DescribeApi', {
      entry: 'rollout/api/describe-api',
      environment: {},
      timeout: ANSWER_WITHIN,
      memoryMb: 256,
    });
    this.api.route(['GET /api/openapi.json'], describeApi);
    new CfnOutput(this, 'ApiId', { value: this.api.apiId });
  }
}
