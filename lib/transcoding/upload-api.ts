import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import * as apigateway from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaAuthorizer, HttpLambdaResponseType } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { UPLOAD_ROUTES } from '../../lambdas/transcoding/uploads/answer-upload.ts';
import { ORIGIN_HEADER } from '../../lambdas/transcoding/uploads/is-from-origin.ts';
import type { UploadEnv } from '../../lambdas/transcoding/uploads/upload-config.ts';
import type { Database } from '../database/database.ts';
import { EnvironmentStack } from '../environment-stack.ts';
import { LambdaStep } from '../lambda-step.ts';

export interface UploadApiProps {
  readonly database: Database;
  readonly videos: s3.IBucket;
  /** In MiB. @default 10240 */
  readonly maxVideoSizeMb?: number;
}

/** An upload of 10 GiB asks about 650 times in its hours; a few at once stay far below. */
const REQUESTS_A_SECOND = 50;
const REQUESTS_AT_ONCE = 100;
/** The service cuts an answer off at 30 s; the function answers before. */
const ANSWER_WITHIN = Duration.seconds(29);

/** The API of uploads: reached through the distribution alone, whose secret header it asks for. Parts go to the bucket, not through here. */
export class UploadApi extends Construct {
  readonly #api: apigateway.HttpApi;
  readonly #secret: secretsmanager.Secret;

  constructor(scope: Construct, id: string, { database, videos, maxVideoSizeMb = 10_240 }: UploadApiProps) {
    super(scope, id);
    const stack = EnvironmentStack.of(this);
    const environment: UploadEnv = {
      ...database.environment,
      VIDEOS_BUCKET: videos.bucketName,
      MAX_VIDEO_SIZE_MB: String(maxVideoSizeMb),
    };
    const handler = new LambdaStep(this, 'Handler', { entry: 'transcoding/upload-api', environment, timeout: ANSWER_WITHIN });
    database.grantDataApi(handler);
    for (const prefix of ['temp', 'originals']) {
      handler.addToRolePolicy(
        new iam.PolicyStatement({
          // Reading: the source of a copy, and whether a copy whose answer was lost is there.
          actions: ['s3:PutObject', 's3:AbortMultipartUpload', 's3:ListMultipartUploadParts', 's3:GetObject'],
          resources: [videos.arnForObjects(`${prefix}/*`)],
        }),
      );
    }
    this.#secret = new secretsmanager.Secret(this, 'OriginSecret', {
      secretName: stack.nameOf('upload-origin'),
      description: 'What the distribution sends to the upload API and nobody else knows',
      generateSecretString: { excludePunctuation: true, passwordLength: 64 },
    });
    this.#api = new apigateway.HttpApi(this, 'Api', {
      apiName: stack.nameOf('uploads'),
      description: 'Uploads of videos, behind the distribution',
      createDefaultStage: false,
    });
    this.#route(handler);
    this.#stage();
  }

  /** Of the metrics it is watched by. */
  get apiId(): string {
    return this.#api.apiId;
  }

  /** The origin of a distribution that may ask the API. */
  origin(): cloudfront.IOrigin {
    const { region, urlSuffix } = EnvironmentStack.of(this);
    return new origins.HttpOrigin(`${this.#api.apiId}.execute-api.${region}.${urlSuffix}`, {
      protocolPolicy: cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
      originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2],
      customHeaders: { [ORIGIN_HEADER]: this.#secret.secretValue.unsafeUnwrap() },
    });
  }

  #route(handler: LambdaStep): void {
    const authorize = new LambdaStep(this, 'AuthorizeOrigin', {
      entry: 'transcoding/uploads/authorize-origin',
      environment: { ORIGIN_SECRET: this.#secret.secretValue.unsafeUnwrap() },
      timeout: Duration.seconds(5),
      memoryMb: 128,
    });
    const authorizer = new HttpLambdaAuthorizer('Origin', authorize, {
      authorizerName: EnvironmentStack.of(this).nameOf('origin'),
      responseTypes: [HttpLambdaResponseType.SIMPLE],
      identitySource: [`$request.header.${ORIGIN_HEADER}`],
      resultsCacheTtl: Duration.minutes(5),
    });
    const integration = new HttpLambdaIntegration('Handler', handler);
    for (const key of UPLOAD_ROUTES) {
      const [method = '', path = ''] = key.split(' ');
      this.#api.addRoutes({ path, methods: [method as apigateway.HttpMethod], integration, authorizer });
    }
  }

  #stage(): void {
    const format = {
      requestId: '$context.requestId',
      time: '$context.requestTime',
      route: '$context.routeKey',
      status: '$context.status',
      latencyMs: '$context.responseLatency',
      integrationError: '$context.integrationErrorMessage',
      authorizerError: '$context.authorizer.error',
    };
    const logGroup = new logs.LogGroup(this, 'AccessLogs', {
      logGroupName: `/aws/vendedlogs/${EnvironmentStack.of(this).nameOf('uploads')}`,
      retention: logs.RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    new apigateway.HttpStage(this, 'Stage', {
      httpApi: this.#api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: REQUESTS_A_SECOND, burstLimit: REQUESTS_AT_ONCE },
      accessLogSettings: {
        destination: new apigateway.LogGroupLogDestination(logGroup),
        // Neither addresses nor paths: what is needed to see that it works.
        format: AccessLogFormat.custom(JSON.stringify(format)),
      },
    });
  }
}
