import { CfnOutput, Duration } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { ConsoleEnv } from '../../lambdas/operations/config.ts';
import { addBrowserScript, addToBundle } from '../bundle.ts';
import type { Database } from '../database/database.ts';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.ts';
import { LambdaStep } from '../lambda-step.ts';
import type { DailyMigration } from '../migration/daily-migration.ts';
import { DELIVERED_STATIC_PREFIXES, DELIVERED_VIDEO_PREFIXES } from '../storage/storage-stack.ts';
import type { UploadApi } from '../transcoding/upload-api.ts';
import { operatorsOnly } from './operators-only.ts';

export interface DeliveryStackProps extends EnvironmentStackProps {
  readonly database: Database;
  readonly uploadApi: UploadApi;
  readonly videos: s3.IBucket;
  readonly statics: s3.IBucket;
  /** What the console's repair starts. */
  readonly daily: DailyMigration;
  /** Where the console finds the pages of closed runs. */
  readonly reports: s3.IBucket;
}

/** CloudFront in front of everything viewers see: media for all, the console for operators. */
export class DeliveryStack extends EnvironmentStack {
  constructor(scope: Construct, id: string, { database, uploadApi, videos, statics, daily, reports, ...props }: DeliveryStackProps) {
    super(scope, id, props);
    const headers = this.#mediaHeaders();
    const console = this.#console({ database, videos, daily, reports });
    const media = (bucket: s3.IBucket, bucketId: string): cloudfront.BehaviorOptions => ({
      // Imported by name: the bucket's policy already lets this account's distributions in (storage stack).
      origin: origins.S3BucketOrigin.withOriginAccessControl(s3.Bucket.fromBucketName(this, bucketId, bucket.bucketName)),
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: cloudfront.AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
      cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED,
      responseHeadersPolicy: headers,
      compress: true,
    });
    const videoBehavior = media(videos, 'VideosOrigin');
    const staticBehavior = media(statics, 'StaticsOrigin');
    const behaviorsOf = (prefixes: readonly string[], behavior: cloudfront.BehaviorOptions) =>
      Object.fromEntries(prefixes.map((prefix) => [`${prefix}/*`, behavior]));
    const distribution = new cloudfront.Distribution(this, 'Distribution', {
      comment: `VideoPick ${this.environmentConfig.name}`,
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      enableIpv6: false, // operators' networks are IPv4
      minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
      defaultBehavior: console.page,
      additionalBehaviors: {
        'api/uploads*': { ...console.api, origin: uploadApi.origin() }, // before the pattern that matches it too
        'api/*': console.api,
        ...behaviorsOf(DELIVERED_VIDEO_PREFIXES, videoBehavior),
        ...behaviorsOf(DELIVERED_STATIC_PREFIXES, staticBehavior),
      },
    });
    new CfnOutput(this, 'DistributionDomainName', { value: distribution.distributionDomainName });
  }

  /**
   * The operators' page, its data and its commands: one function, reached through the distribution alone, from the operators' networks alone.
   * A function URL behind access control takes a body only with its SHA-256 in `x-amz-content-sha256`; the page sends it.
   */
  #console({ database, videos, daily, reports }: Pick<DeliveryStackProps, 'database' | 'videos' | 'daily' | 'reports'>): {
    readonly page: cloudfront.BehaviorOptions;
    readonly api: cloudfront.BehaviorOptions;
  } {
    addToBundle('operations/console', 'page', 'lambdas/operations/page');
    addBrowserScript('operations/console', 'page', 'lambdas/operations/page/page.ts');
    const page = new LambdaStep(this, 'Console', {
      entry: 'operations/console',
      environment: {
        ...database.environment,
        REPORT_BUCKET: reports.bucketName,
        UPLOAD_ORIGIN: `https://${videos.bucketRegionalDomainName}`,
        DAILY_MIGRATION_ARN: daily.stateMachine.stateMachineArn,
      } satisfies ConsoleEnv,
      timeout: Duration.seconds(30),
    });
    database.grantDataApi(page);
    daily.grantStart(page);
    // The pages alone, by key: what may be asked for is in the runs' rows.
    page.addToRolePolicy(
      new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [reports.arnForObjects('daily-migration/*.html')] }),
    );
    const url = page.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });
    const api: cloudfront.BehaviorOptions = {
      origin: origins.FunctionUrlOrigin.withOriginAccessControl(url),
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL, // there is no smaller set with POST; the function refuses the others
      cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
      originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      responseHeadersPolicy: this.#consoleHeaders(),
      functionAssociations: [
        {
          function: operatorsOnly(this, 'OperatorsOnly', this.environmentConfig.operatorNetworks),
          eventType: cloudfront.FunctionEventType.VIEWER_REQUEST,
        },
      ],
      compress: true,
    };
    return { api, page: { ...api, allowedMethods: cloudfront.AllowedMethods.ALLOW_GET_HEAD } };
  }

  /** No CORS: whoever is inside the operators' networks may open any page, and no other page is to read what the console says. */
  #consoleHeaders(): cloudfront.ResponseHeadersPolicy {
    return new cloudfront.ResponseHeadersPolicy(this, 'ConsoleHeaders', {
      comment: 'Security headers of the console',
      securityHeadersBehavior: securityHeaders(cloudfront.HeadersFrameOption.DENY),
    });
  }

  #mediaHeaders(): cloudfront.ResponseHeadersPolicy {
    return new cloudfront.ResponseHeadersPolicy(this, 'ResponseHeaders', {
      comment: 'CORS for players on any page; security headers',
      corsBehavior: {
        accessControlAllowCredentials: false,
        accessControlAllowHeaders: ['*'],
        accessControlAllowMethods: ['GET', 'HEAD', 'OPTIONS'],
        accessControlAllowOrigins: ['*'],
        accessControlExposeHeaders: ['Content-Length', 'Content-Range', 'ETag'],
        accessControlMaxAge: Duration.hours(1),
        originOverride: true,
      },
      securityHeadersBehavior: securityHeaders(cloudfront.HeadersFrameOption.SAMEORIGIN),
    });
  }
}

function securityHeaders(frameOption: cloudfront.HeadersFrameOption): cloudfront.ResponseSecurityHeadersBehavior {
  return {
    contentTypeOptions: { override: true },
    frameOptions: { frameOption, override: true },
    referrerPolicy: { referrerPolicy: cloudfront.HeadersReferrerPolicy.STRICT_ORIGIN_WHEN_CROSS_ORIGIN, override: true },
    strictTransportSecurity: { accessControlMaxAge: Duration.days(365), includeSubdomains: true, override: true },
  };
}
