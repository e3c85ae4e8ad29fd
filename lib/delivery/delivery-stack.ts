import { CfnOutput, Duration } from 'aws-cdk-lib';
import * as acm from 'aws-cdk-lib/aws-certificatemanager';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import * as origins from 'aws-cdk-lib/aws-cloudfront-origins';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { ConsoleEnv } from '../../lambdas/operations/config.ts';
import type { AppApi } from '../api/app-api.ts';
import { addBrowserScript, addToBundle } from '../bundle.ts';
import type { Database } from '../database/database.ts';
import { EnvironmentStack, type EnvironmentStackProps } from '../environment-stack.ts';
import { LambdaStep } from '../lambda-step.ts';
import type { DailyMigration } from '../migration/daily-migration.ts';
import { accessLogBucket } from './access-logs.ts';
import { edgeFunction, parseNetwork } from './edge-code.ts';
import type { EdgeStack } from './edge-stack.ts';
import { MediaBehaviors } from './media-behaviors.ts';
import { operatorsOnly } from './operators-only.ts';
import { LEGACY_ORIGIN_ID, pageRouter } from './page-router.ts';
import { grantOperateRollout, type RolloutAccess, rolloutEnvironment } from './rollout-access.ts';
import { securityHeaders } from './security-headers.ts';

export interface DeliveryStackProps extends EnvironmentStackProps, RolloutAccess {
  readonly database: Database;
  /** The store that the edge's functions read, and the keys of private videos. */
  readonly edge: Pick<EdgeStack, 'store' | 'signingKeys'>;
  readonly api: AppApi;
  readonly videos: s3.IBucket;
  readonly statics: s3.IBucket;
  /** What the console's repair starts. */
  readonly daily: DailyMigration;
  /** Where the console finds the pages of closed runs. */
  readonly reports: s3.IBucket;
}

/** Errors are forgotten soon: what is missing now may be there in a moment. */
const ERROR_TTL = Duration.seconds(5);
/** What the app's pages ask for, below the same API as uploads. */
const APP_API_PATTERNS = ['api/rollout', 'api/videos/*', 'api/openapi.json'];

/** CloudFront in front of everything viewers see: media for all, the app's API, the console for operators, LinkPick's site when it must. */
export class DeliveryStack extends EnvironmentStack {
  constructor(
    scope: Construct,
    id: string,
    { database, edge, api, videos, statics, daily, reports, flags, rollout, ...props }: DeliveryStackProps,
  ) {
    super(scope, id, props);
    const { delivery, operatorNetworks } = this.environmentConfig;
    const console = this.#console({ database, videos, daily, reports, flags, rollout }, edge.store);
    // Imported by name: the bucket's policy already lets this account's distributions in (storage stack).
    const bucketOrigin = (bucket: s3.IBucket, bucketId: string) =>
      origins.S3BucketOrigin.withOriginAccessControl(s3.Bucket.fromBucketName(this, bucketId, bucket.bucketName));
    const media = new MediaBehaviors(this, 'Media', {
      videos: bucketOrigin(videos, 'VideosOrigin'),
      statics: bucketOrigin(statics, 'StaticsOrigin'),
      store: edge.store,
      keyGroup: edge.signingKeys.keyGroup,
    });
    const apiOrigin = api.origin();
    const uploadsFunction = operatorsOnly(this, 'UploadsOperatorsOnly', operatorNetworks);
    const aliases = [...delivery.domains, ...delivery.oldDomains];
    const distribution = new cloudfront.Distribution(this, 'Distribution', {
      comment: `VideoPick ${this.environmentConfig.name}`,
      httpVersion: cloudfront.HttpVersion.HTTP2_AND_3,
      enableIpv6: false, // operators' networks are IPv4
      // With a certificate of ours; CloudFront's own, for its own name, has a policy that nobody can choose.
      minimumProtocolVersion: cloudfront.SecurityPolicyProtocol.TLS_V1_2_2021,
      ...(delivery.certificateArn !== undefined && {
        domainNames: aliases,
        certificate: acm.Certificate.fromCertificateArn(this, 'Certificate', delivery.certificateArn),
      }),
      logBucket: accessLogBucket(this, 'AccessLogs'),
      logFilePrefix: 'distribution/',
      logIncludesCookies: false, // signed cookies open private videos
      // Another status or page would be for the API and the console as well: error responses know no path.
      errorResponses: [403, 404].map((httpStatus) => ({ httpStatus, ttl: ERROR_TTL })),
      defaultBehavior: console,
      additionalBehaviors: {
        // The first pattern that matches counts.
        'api/uploads*': { ...console, origin: apiOrigin, functionAssociations: [onRequest(uploadsFunction)] },
        ...this.#appApi(apiOrigin),
        'api/*': console,
        ...media.behaviors,
        ...this.#legacyAssets(),
      },
    });
    new CfnOutput(this, 'DistributionDomainName', { value: delivery.domains[0] ?? distribution.distributionDomainName });
  }

  /** For everybody. Nothing is cached: flags are per user, and an answer may carry cookies. */
  #appApi(origin: cloudfront.IOrigin): Record<string, cloudfront.BehaviorOptions> {
    const { delivery, operatorNetworks } = this.environmentConfig;
    const { appOrigins } = delivery;
    const nameHost = edgeFunction(this, 'NameViewerHost', {
      name: 'name-viewer-host',
      comment: 'Tells the API the name its viewers typed, and who is an operator',
      files: ['operators-only', 'name-viewer-host'],
      constants: { NETWORKS: operatorNetworks.map(parseNetwork) },
    });
    const behavior: cloudfront.BehaviorOptions = {
      origin,
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      allowedMethods: cloudfront.AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
      cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
      originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      responseHeadersPolicy: new cloudfront.ResponseHeadersPolicy(this, 'AppApiHeaders', {
        comment: 'CORS with cookies for the app; security headers',
        ...(appOrigins.length > 0 && {
          corsBehavior: {
            accessControlAllowCredentials: true,
            accessControlAllowHeaders: ['content-type'],
            accessControlAllowMethods: ['GET', 'HEAD', 'OPTIONS'],
            accessControlAllowOrigins: [...appOrigins],
            accessControlMaxAge: Duration.hours(1),
            originOverride: true,
          },
        }),
        securityHeadersBehavior: securityHeaders(cloudfront.HeadersFrameOption.DENY),
      }),
      functionAssociations: [onRequest(nameHost)],
      compress: true,
    };
    return Object.fromEntries(APP_API_PATTERNS.map((pattern) => [pattern, behavior]));
  }

  /** Scripts and styles of LinkPick's pages, whatever the switch says: nothing else has this path, and the origin is there to be selected. */
  #legacyAssets(): Record<string, cloudfront.BehaviorOptions> {
    const { legacy } = this.environmentConfig.delivery;
    if (legacy === undefined) return {};
    return {
      '_next/*': {
        origin: new origins.HttpOrigin(legacy.origin, {
          originId: LEGACY_ORIGIN_ID,
          protocolPolicy: cloudfront.OriginProtocolPolicy.HTTPS_ONLY,
          originSslProtocols: [cloudfront.OriginSslPolicy.TLS_V1_2],
        }),
        viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
        allowedMethods: cloudfront.AllowedMethods.ALLOW_GET_HEAD,
        cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED,
        compress: true,
      },
    };
  }

  /**
   * The operators' page, its data and its commands: one function, reached through the distribution alone, from the operators' networks alone.
   * A function URL behind access control takes a body only with its SHA-256 in `x-amz-content-sha256`; the page sends it.
   */
  #console(
    {
      database,
      videos,
      daily,
      reports,
      ...access
    }: Pick<DeliveryStackProps, 'database' | 'videos' | 'daily' | 'reports' | keyof RolloutAccess>,
    store: cloudfront.IKeyValueStore,
  ): cloudfront.BehaviorOptions {
    addToBundle('operations/console', 'page', 'lambdas/operations/page');
    addBrowserScript('operations/console', 'page', 'lambdas/operations/page/page.ts');
    const page = new LambdaStep(this, 'Console', {
      entry: 'operations/console',
      environment: {
        ...database.environment,
        REPORT_BUCKET: reports.bucketName,
        UPLOAD_ORIGIN: `https://${videos.bucketRegionalDomainName}`,
        DAILY_MIGRATION_ARN: daily.stateMachine.stateMachineArn,
        ...rolloutEnvironment(this, access),
      } satisfies ConsoleEnv,
      timeout: Duration.seconds(30),
    });
    database.grantDataApi(page);
    daily.grantStart(page);
    grantOperateRollout(page, access);
    // The pages alone, by key: what may be asked for is in the runs' rows.
    page.addToRolePolicy(
      new iam.PolicyStatement({ actions: ['s3:GetObject'], resources: [reports.arnForObjects('daily-migration/*.html')] }),
    );
    const url = page.addFunctionUrl({ authType: lambda.FunctionUrlAuthType.AWS_IAM });
    return {
      origin: origins.FunctionUrlOrigin.withOriginAccessControl(url),
      viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
      // There is no smaller set with POST, which forms of LinkPick's pages need; the console's function refuses the others.
      allowedMethods: cloudfront.AllowedMethods.ALLOW_ALL,
      cachePolicy: cloudfront.CachePolicy.CACHING_DISABLED,
      originRequestPolicy: cloudfront.OriginRequestPolicy.ALL_VIEWER_EXCEPT_HOST_HEADER,
      responseHeadersPolicy: this.#consoleHeaders(),
      functionAssociations: [onRequest(pageRouter(this, 'PageRouter', this.environmentConfig, store))],
      compress: true,
    };
  }

  /** No CORS: whoever is inside the operators' networks may open any page, and no other page is to read what the console says. */
  #consoleHeaders(): cloudfront.ResponseHeadersPolicy {
    return new cloudfront.ResponseHeadersPolicy(this, 'ConsoleHeaders', {
      comment: 'Security headers of the console',
      securityHeadersBehavior: securityHeaders(cloudfront.HeadersFrameOption.DENY),
    });
  }
}

function onRequest(edge: cloudfront.IFunction): cloudfront.FunctionAssociation {
  return { function: edge, eventType: cloudfront.FunctionEventType.VIEWER_REQUEST };
}
