import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../config/index.ts';
import { UPLOAD_ROUTES } from '../../lambdas/transcoding/uploads/answer-upload.ts';
import type { Resource } from '../../local/assembly/template.ts';
import { Specs } from '../../local/cloud/specs.ts';
import { type SynthesizedApp, synthesizeApp } from './synthesized-app.ts';

let synthesized: SynthesizedApp;
beforeAll(() => {
  synthesized = synthesizeApp();
});
afterAll(() => synthesized?.remove());

const all = (type: string) => synthesized.resources(type);
function only(type: string): Resource {
  const [resource, ...others] = all(type);
  if (resource === undefined || others.length > 0)
    throw new Error(`${others.length + (resource ? 1 : 0)} resources of type ${type}, expected one`);
  return resource;
}
const named = (resource: Resource) => `${resource.stack}/${resource.logicalId}`;

interface Statement {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Principal?: unknown;
  readonly Resource: string | readonly string[];
  readonly Condition?: unknown;
}
const statementsOf = ({ properties }: Resource) => (properties.PolicyDocument as { Statement: readonly Statement[] }).Statement;
const bucketPolicies = () =>
  all('AWS::S3::BucketPolicy').map((policy) => ({ bucket: policy.properties.Bucket, statements: statementsOf(policy) }));

/** Access logs of the distribution, which are written by an access list and forgotten after a month. */
const isLogs = ({ logicalId }: Resource) => logicalId.startsWith('AccessLogs');
const dataBuckets = () => all('AWS::S3::Bucket').filter((bucket) => !isLogs(bucket));

describe('buckets', () => {
  it('are four: videos, static pictures, reports, access logs', () => {
    expect(all('AWS::S3::Bucket')).toHaveLength(4);
  });

  it('of access logs is closed to the public, open to the service’s access list, and forgets after a month', () => {
    expect(all('AWS::S3::Bucket').find(isLogs)?.properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerPreferred' }] },
      LifecycleConfiguration: { Rules: [{ Status: 'Enabled', ExpirationInDays: 30 }] },
    });
  });

  it('close every way to the public, belong to their owner, are encrypted and versioned', () => {
    for (const bucket of dataBuckets()) {
      expect(bucket.properties, named(bucket)).toMatchObject({
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            { ServerSideEncryptionByDefault: { SSEAlgorithm: expect.stringMatching(/^(AES256|aws:kms)$/) } },
          ],
        },
        VersioningConfiguration: { Status: 'Enabled' },
      });
      expect(bucket.properties.AccessControl, named(bucket)).toBeUndefined();
    }
  });

  it('refuse every request without TLS 1.2, for the bucket and all its objects', () => {
    const policies = bucketPolicies();
    for (const { ref, attributes } of all('AWS::S3::Bucket')) {
      const denied = policies
        .filter(({ bucket }) => bucket === ref)
        .flatMap(({ statements }) => statements.filter(({ Effect }) => Effect === 'Deny'));
      const whole = { Action: 's3:*', Principal: { AWS: '*' }, Resource: [attributes.Arn, `${attributes.Arn}/*`] };
      expect(denied, ref).toContainEqual({ Effect: 'Deny', ...whole, Condition: { Bool: { 'aws:SecureTransport': 'false' } } });
      expect(denied, ref).toContainEqual({ Effect: 'Deny', ...whole, Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } });
    }
  });

  it('keep neither abandoned uploads nor the old versions of what expires', () => {
    interface Rule {
      readonly Status: string;
      readonly Prefix?: string;
      readonly ExpirationInDays?: number;
      readonly NoncurrentVersionExpiration?: { readonly NoncurrentDays: number };
      readonly AbortIncompleteMultipartUpload?: { readonly DaysAfterInitiation: number };
    }
    for (const bucket of dataBuckets()) {
      const { Rules: rules } = bucket.properties.LifecycleConfiguration as { Rules: readonly Rule[] };
      expect(
        rules.every(({ Status }) => Status === 'Enabled'),
        named(bucket),
      ).toBe(true);
      expect(
        rules.filter((rule) => rule.AbortIncompleteMultipartUpload !== undefined && rule.Prefix === undefined),
        named(bucket),
      ).toHaveLength(1);
      expect(
        rules.some((rule) => rule.NoncurrentVersionExpiration !== undefined),
        named(bucket),
      ).toBe(true);
      for (const rule of rules.filter(({ ExpirationInDays }) => ExpirationInDays !== undefined)) {
        expect(rule.NoncurrentVersionExpiration?.NoncurrentDays, `${named(bucket)} ${rule.Prefix}`).toBeGreaterThan(0);
      }
    }
  });

  it('let nobody in but the distributions of the account, and those only to what is delivered', () => {
    const allowed = bucketPolicies().flatMap(({ statements }) => statements.filter(({ Effect }) => Effect === 'Allow'));
    expect(allowed).toHaveLength(2);
    for (const statement of allowed) {
      expect(statement).toMatchObject({
        Action: 's3:GetObject',
        Principal: { Service: 'cloudfront.amazonaws.com' },
        Condition: { ArnLike: { 'aws:SourceArn': 'arn:aws:cloudfront::000000000000:distribution/*' } },
      });
    }
    const prefixes = allowed.flatMap(({ Resource: resources }) => [resources].flat()).map((arn) => arn.replace(/^[^/]*/, ''));
    expect(prefixes.sort()).toEqual([
      '/channel-avatars/*',
      '/channel-banners/*',
      '/community-images/*',
      '/encoded/*',
      '/previews/*',
      '/thumbnails/*',
    ]);
  });

  it('send events to EventBridge from the videos bucket alone', () => {
    const sending = new Specs(synthesized.assembly).buckets().filter(({ eventBridge }) => eventBridge);
    expect(sending.map(({ name }) => name)).toEqual([synthesized.assembly.outputs.VideosBucketName]);
  });
});

it('every rule and schedule has a place for what could not be delivered', () => {
  const targets = [
    ...all('AWS::Events::Rule').flatMap(({ properties }) => properties.Targets as readonly { DeadLetterConfig?: { Arn?: string } }[]),
    ...all('AWS::Scheduler::Schedule').map(({ properties }) => properties.Target as { DeadLetterConfig?: { Arn?: string } }),
  ];
  expect(targets.length).toBeGreaterThan(5);
  for (const { DeadLetterConfig } of targets)
    expect(DeadLetterConfig?.Arn).toBe('arn:aws:sqs:ap-northeast-2:000000000000:videopick-dev-dead-letters');
});

describe('delivery', () => {
  interface Origin {
    readonly Id: string;
    readonly DomainName: string;
    readonly OriginAccessControlId?: string;
    readonly S3OriginConfig?: unknown;
    readonly CustomOriginConfig?: unknown;
  }
  interface Behavior {
    readonly PathPattern?: string;
    readonly TargetOriginId: string;
    readonly ViewerProtocolPolicy: string;
    readonly ResponseHeadersPolicyId?: string;
    readonly AllowedMethods: readonly string[];
    readonly FunctionAssociations?: readonly { readonly EventType: string; readonly FunctionARN: string }[];
    readonly TrustedKeyGroups?: readonly string[];
    readonly CachePolicyId: string;
  }
  interface Distribution {
    readonly Origins: readonly Origin[];
    readonly DefaultCacheBehavior: Behavior;
    readonly CacheBehaviors: readonly Behavior[];
  }
  const distribution = () => only('AWS::CloudFront::Distribution').properties.DistributionConfig as Distribution;
  const behaviors = () => [distribution().DefaultCacheBehavior, ...distribution().CacheBehaviors];

  const isApi = ({ DomainName }: Origin) => DomainName.includes('.execute-api.');
  const isLegacy = ({ Id }: Origin) => Id === 'legacy';

  it('signs every request to every origin but the API and LinkPick’s site: access control of the right kind on each, no access identity', () => {
    const controls = new Map(
      all('AWS::CloudFront::OriginAccessControl').map(({ ref, properties }) => [ref, properties.OriginAccessControlConfig]),
    );
    const origins = distribution().Origins.filter((origin) => !isApi(origin) && !isLegacy(origin));
    expect(origins).toHaveLength(3);
    for (const origin of origins) {
      expect(controls.get(origin.OriginAccessControlId ?? ''), origin.DomainName).toMatchObject({
        SigningBehavior: 'always',
        SigningProtocol: 'sigv4',
        OriginAccessControlOriginType: origin.S3OriginConfig === undefined ? 'lambda' : 's3',
      });
      if (origin.S3OriginConfig !== undefined) expect(origin.S3OriginConfig).toEqual({ OriginAccessIdentity: '' });
    }
    expect(all('AWS::CloudFront::CloudFrontOriginAccessIdentity')).toEqual([]);
  });

  it('sends the app’s API a secret that its authorizer wants on every route, and nobody else knows', () => {
    const api = only('AWS::ApiGatewayV2::Api');
    const secret = all('AWS::SecretsManager::Secret').find(({ stack }) => stack.endsWith('-api'));
    const reference = `{{resolve:secretsmanager:${secret?.ref}:SecretString:::}}`;
    const [origin, ...others] = distribution().Origins.filter(isApi);
    expect(others).toEqual([]);
    expect(origin).toMatchObject({
      DomainName: new URL(api.attributes.ApiEndpoint ?? '').host,
      OriginCustomHeaders: [{ HeaderName: 'x-videopick-origin', HeaderValue: reference }],
    });
    const authorizer = only('AWS::ApiGatewayV2::Authorizer');
    expect(authorizer.properties).toMatchObject({
      IdentitySource: ['$request.header.x-videopick-origin'],
      EnableSimpleResponses: true,
      AuthorizerPayloadFormatVersion: '2.0',
    });
    const authorize = all('AWS::Lambda::Function').find(({ ref }) => ref === 'videopick-dev-authorize-origin');
    expect(authorize?.properties.Environment).toMatchObject({ Variables: { ORIGIN_SECRET: reference } });
    expect(String(authorizer.properties.AuthorizerUri)).toContain(`${authorize?.attributes.Arn}/invocations`);
    const routes = all('AWS::ApiGatewayV2::Route').map(({ properties }) => properties);
    expect(routes.map(({ RouteKey }) => RouteKey).sort()).toEqual([
      'DELETE /api/uploads/{id}',
      'GET /api/openapi.json',
      'GET /api/rollout',
      'GET /api/uploads/{id}',
      'GET /api/videos/{id}/stream',
      'POST /api/uploads',
      'POST /api/uploads/{id}/complete',
      'POST /api/uploads/{id}/parts',
    ]);
    for (const route of routes) expect(route).toMatchObject({ AuthorizationType: 'CUSTOM', AuthorizerId: authorizer.ref });
  });

  it('throttles the app’s API, its uploads sooner, logs requests without addresses, and lets no other site read it', () => {
    const stage = only('AWS::ApiGatewayV2::Stage').properties;
    expect(stage).toMatchObject({
      StageName: '$default',
      DefaultRouteSettings: { ThrottlingRateLimit: 1_000, ThrottlingBurstLimit: 2_000 },
    });
    const settings = stage.RouteSettings as Readonly<Record<string, unknown>>;
    expect(Object.keys(settings).sort()).toEqual([...UPLOAD_ROUTES].sort());
    for (const route of Object.values(settings)) expect(route).toEqual({ ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 });
    const { Format: format } = stage.AccessLogSettings as { Format: string };
    expect(JSON.parse(format)).toMatchObject({ requestId: '$context.requestId', status: '$context.status' });
    expect(format).not.toMatch(/sourceIp|\.path|userAgent/);
    expect(only('AWS::ApiGatewayV2::Api').properties).not.toHaveProperty('CorsConfiguration');
  });

  it('lets the upload page alone send parts to the bucket', () => {
    const cors = all('AWS::S3::Bucket').map(({ properties }) => properties.CorsConfiguration);
    expect(cors.filter((configuration) => configuration !== undefined)).toEqual([
      {
        CorsRules: [
          {
            AllowedOrigins: readEnvironment('dev').uploadOrigins,
            AllowedMethods: ['PUT'],
            AllowedHeaders: ['x-amz-checksum-sha256', 'content-type'],
            ExposedHeaders: ['ETag'],
            MaxAge: 3600,
          },
        ],
      },
    ]);
  });

  it('has no origin that the public reaches by itself', () => {
    expect(all('AWS::Lambda::Url').map(({ properties }) => properties.AuthType)).toEqual(['AWS_IAM']);
    const rules = all('AWS::Events::Rule').map(({ ref }) => `arn:aws:events:ap-northeast-2:000000000000:rule/${ref}`);
    const sources: Readonly<Record<string, readonly string[]>> = {
      'events.amazonaws.com': rules,
      'cloudfront.amazonaws.com': [`arn:aws:cloudfront::000000000000:distribution/${only('AWS::CloudFront::Distribution').ref}`],
      'apigateway.amazonaws.com': [`arn:aws:execute-api:ap-northeast-2:000000000000:${only('AWS::ApiGatewayV2::Api').ref}/`],
    };
    for (const { properties } of all('AWS::Lambda::Permission')) {
      const known = sources[String(properties.Principal)] ?? [];
      expect(
        known.some((source) => String(properties.SourceArn).startsWith(source)),
        JSON.stringify(properties),
      ).toBe(true);
    }
    expect(synthesized.assembly.resources.filter(({ properties }) => properties.WebsiteConfiguration !== undefined)).toEqual([]);
  });

  it('speaks TLS 1.2 to its origins and only HTTPS to viewers', () => {
    const custom = distribution().Origins.filter(({ CustomOriginConfig }) => CustomOriginConfig !== undefined);
    expect(custom).toHaveLength(3);
    for (const { CustomOriginConfig: config } of custom) {
      expect(config).toEqual({ OriginProtocolPolicy: 'https-only', OriginSSLProtocols: ['TLSv1.2'] });
    }
    expect(new Set(behaviors().map(({ ViewerProtocolPolicy }) => ViewerProtocolPolicy))).toEqual(new Set(['redirect-to-https']));
  });

  it('takes media from the bucket that holds it, by reading only', () => {
    const { outputs } = synthesized.assembly;
    const domainOf = new Map(distribution().Origins.map(({ Id, DomainName }) => [Id, DomainName]));
    const routes = distribution().CacheBehaviors.map(({ PathPattern, TargetOriginId }) => [
      PathPattern,
      domainOf.get(TargetOriginId)?.split('.')[0],
    ]);
    const ofVideos = ['private', 'encoded', 'thumbnails', 'previews'].flatMap((prefix) =>
      ['*.m3u8', '*.vtt', '*'].map((rest) => `${prefix}/${rest}`),
    );
    expect(Object.fromEntries(routes.filter(([pattern]) => !pattern?.startsWith('api/')))).toEqual({
      ...Object.fromEntries(ofVideos.map((pattern) => [pattern, outputs.VideosBucketName])),
      '_next/*': 'linkpick',
      'channel-banners/*': outputs.StaticBucketName,
      'channel-avatars/*': outputs.StaticBucketName,
      'community-images/*': outputs.StaticBucketName,
    });
    const methods = new Set(media().flatMap(({ AllowedMethods }) => AllowedMethods));
    expect([...methods].sort()).toEqual(['GET', 'HEAD', 'OPTIONS']);
  });

  const media = () => distribution().CacheBehaviors.filter(({ PathPattern }) => !/^(api|_next)\//.test(PathPattern ?? ''));
  const isPrivate = ({ PathPattern }: Behavior) => PathPattern?.startsWith('private/') ?? false;
  const nameOfFunction = (arn: string) => arn.split('/videopick-dev-').at(-1);
  const functionsOf = ({ FunctionAssociations = [] }: Behavior) =>
    FunctionAssociations.map(({ EventType, FunctionARN }) => `${EventType} ${nameOfFunction(FunctionARN)}`);
  /** The page and its API. */
  const ofConsole = () => [
    distribution().DefaultCacheBehavior,
    ...distribution().CacheBehaviors.filter(({ PathPattern }) => PathPattern === 'api/*'),
  ];

  it('asks who comes before it shows the console or takes a command', () => {
    expect(ofConsole()).toHaveLength(2);
    for (const behavior of ofConsole()) {
      expect(behavior.TargetOriginId).toBe(distribution().DefaultCacheBehavior.TargetOriginId);
      expect(functionsOf(behavior)).toEqual(['viewer-request route-pages']);
    }
  });

  it('asks the upload API before the console, and who comes before either', () => {
    const patterns = distribution().CacheBehaviors.map(({ PathPattern }) => PathPattern);
    expect(patterns.indexOf('api/uploads*')).toBeLessThan(patterns.indexOf('api/*'));
    const [uploads, console] = ['api/uploads*', 'api/*'].map((pattern) =>
      distribution().CacheBehaviors.find(({ PathPattern }) => PathPattern === pattern),
    );
    const own = { PathPattern: 'api/uploads*', TargetOriginId: expect.anything(), FunctionAssociations: expect.anything() };
    expect(uploads).toMatchObject({ ...console, ...own });
    expect(uploads && functionsOf(uploads)).toEqual(['viewer-request operators-only']);
    expect(uploads?.TargetOriginId).not.toBe(console?.TargetOriginId);
  });

  it('takes commands below /api alone, with the query and the headers of the viewer and nothing cached', () => {
    const [page, api] = ofConsole();
    expect(page?.AllowedMethods).toEqual(['GET', 'HEAD']);
    expect(api?.AllowedMethods).toContain('POST');
    expect(api).toMatchObject({
      OriginRequestPolicyId: 'b689b0a8-53d0-40ab-baf2-68738e2966ac', // AllViewerExceptHostHeader: x-amz-content-sha256 among them
      CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad', // CachingDisabled
    });
  });

  const policyOf = (behavior: Behavior | undefined) =>
    all('AWS::CloudFront::ResponseHeadersPolicy').find(({ ref }) => ref === behavior?.ResponseHeadersPolicyId)?.properties
      .ResponseHeadersPolicyConfig;

  it('lets no other site read or frame the console', () => {
    for (const behavior of ofConsole()) {
      expect(policyOf(behavior)).not.toHaveProperty('CorsConfig');
      expect(policyOf(behavior)).toMatchObject({
        SecurityHeadersConfig: {
          ContentTypeOptions: { Override: true },
          FrameOptions: { FrameOption: 'DENY', Override: true },
          StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, IncludeSubdomains: true, Override: true },
        },
      });
    }
  });

  it('asks for signatures below /private/ and nowhere else, and for the store before public media of videos', () => {
    const group = only('AWS::CloudFront::KeyGroup');
    for (const behavior of behaviors()) {
      const wanted = isPrivate(behavior) ? [group.ref] : undefined;
      expect(behavior.TrustedKeyGroups, behavior.PathPattern).toEqual(wanted);
    }
    const keys = all('AWS::CloudFront::PublicKey').map(({ ref }) => ref);
    expect(group.properties.KeyGroupConfig).toMatchObject({ Items: keys });
    const ofVideos = media().filter(({ PathPattern }) => /^(encoded|thumbnails|previews)\//.test(PathPattern ?? ''));
    expect(ofVideos).toHaveLength(9);
    for (const behavior of ofVideos) {
      expect(functionsOf(behavior)).toEqual(['viewer-request guard-media', 'viewer-response cache-control-public']);
    }
    for (const behavior of media().filter(isPrivate)) {
      expect(functionsOf(behavior)).toEqual(['viewer-request open-private', 'viewer-response cache-control-private']);
    }
  });

  it('keeps versioned media a year at the edge, what leads to it five seconds, and errors five seconds', () => {
    const ttls = new Map(
      all('AWS::CloudFront::CachePolicy').map(({ ref, properties }) => [ref, properties.CachePolicyConfig as Record<string, unknown>]),
    );
    for (const { PathPattern: pattern = '', CachePolicyId } of media().filter(
      ({ PathPattern }) => !/^(channel|community)-/.test(PathPattern ?? ''),
    )) {
      const seconds = /\.(m3u8|vtt)$/.test(pattern) ? 5 : 31_536_000;
      expect(ttls.get(CachePolicyId), pattern).toMatchObject({ MinTTL: 0, DefaultTTL: seconds, MaxTTL: seconds });
    }
    expect(only('AWS::CloudFront::Distribution').properties.DistributionConfig).toMatchObject({
      CustomErrorResponses: [
        { ErrorCode: 403, ErrorCachingMinTTL: 5 },
        { ErrorCode: 404, ErrorCachingMinTTL: 5 },
      ],
    });
  });

  it('speaks HTTP/2 and 3, compresses media, and writes access logs without cookies', () => {
    const config = only('AWS::CloudFront::Distribution').properties.DistributionConfig as Record<string, unknown>;
    const logs = all('AWS::S3::Bucket').find(isLogs);
    expect(config).toMatchObject({
      HttpVersion: 'http2and3',
      Logging: { Bucket: logs?.attributes.RegionalDomainName, Prefix: 'distribution/', IncludeCookies: false },
    });
    expect(media().every((behavior) => (behavior as { Compress?: boolean }).Compress)).toBe(true);
  });

  it('has functions of at most 10 KB, of which those that need it read the store', () => {
    const store = only('AWS::CloudFront::KeyValueStore').attributes.Arn;
    const reading = all('AWS::CloudFront::Function').filter(({ properties }) => {
      expect(Buffer.byteLength(String(properties.FunctionCode)), String(properties.Name)).toBeLessThanOrEqual(10_240);
      const { KeyValueStoreAssociations: stores } = properties.FunctionConfig as { KeyValueStoreAssociations?: unknown };
      if (stores !== undefined) expect(stores).toEqual([{ KeyValueStoreARN: store }]);
      return stores !== undefined;
    });
    expect(reading.map(({ properties }) => properties.Name).sort()).toEqual(['videopick-dev-guard-media', 'videopick-dev-route-pages']);
  });

  it('gives private media to no page of another origin unless the environment names it', () => {
    expect(policyOf(media().find(isPrivate))).not.toHaveProperty('CorsConfig');
  });

  it('answers with CORS for players and the security headers, on every path of public media', () => {
    const open = media().filter((behavior) => !isPrivate(behavior));
    expect(new Set(open.map(({ ResponseHeadersPolicyId }) => ResponseHeadersPolicyId)).size).toBe(1);
    expect(policyOf(open[0])).toMatchObject({
      CorsConfig: {
        AccessControlAllowCredentials: false,
        AccessControlAllowOrigins: { Items: ['*'] },
        AccessControlAllowMethods: { Items: ['GET', 'HEAD', 'OPTIONS'] },
        AccessControlExposeHeaders: { Items: expect.arrayContaining(['Content-Range', 'Content-Length']) },
        OriginOverride: true,
      },
      SecurityHeadersConfig: {
        ContentTypeOptions: { Override: true },
        FrameOptions: { FrameOption: 'SAMEORIGIN', Override: true },
        ReferrerPolicy: { ReferrerPolicy: 'strict-origin-when-cross-origin', Override: true },
        StrictTransportSecurity: { AccessControlMaxAgeSec: 31_536_000, IncludeSubdomains: true, Override: true },
      },
    });
  });
});

describe('database', () => {
  it('is one encrypted Aurora PostgreSQL 17 cluster, serverless, reached through the Data API', () => {
    expect(only('AWS::RDS::DBCluster').properties).toMatchObject({
      Engine: 'aurora-postgresql',
      EngineVersion: expect.stringMatching(/^17\./),
      EnableHttpEndpoint: true,
      StorageEncrypted: true,
      ServerlessV2ScalingConfiguration: { MinCapacity: 0, MaxCapacity: 4 },
      BackupRetentionPeriod: 7,
      EnableCloudwatchLogsExports: ['postgresql'],
      DatabaseName: 'linkpick',
    });
    expect(only('AWS::RDS::DBInstance').properties).toMatchObject({ DBInstanceClass: 'db.serverless', PubliclyAccessible: false });
  });

  it('stands in isolated subnets of two zones: no NAT, no gateway, no route, nothing comes in', () => {
    for (const type of [
      'AWS::EC2::NatGateway',
      'AWS::EC2::InternetGateway',
      'AWS::EC2::VPCGatewayAttachment',
      'AWS::EC2::Route',
      'AWS::EC2::EIP',
    ]) {
      expect(all(type), type).toEqual([]);
    }
    expect(all('AWS::EC2::SecurityGroupIngress')).toEqual([]);
    const groups = all('AWS::EC2::SecurityGroup');
    expect(groups.map(({ properties }) => properties.SecurityGroupIngress)).toEqual([undefined]);
    expect(only('AWS::RDS::DBCluster').properties.VpcSecurityGroupIds).toEqual([groups[0]?.attributes.GroupId]);
    const subnets = all('AWS::EC2::Subnet');
    expect(only('AWS::RDS::DBSubnetGroup').properties.SubnetIds).toEqual(subnets.map(({ ref }) => ref));
    expect(new Set(subnets.map(({ properties }) => properties.AvailabilityZone)).size).toBe(2);
    for (const { properties } of subnets) expect(properties.MapPublicIpOnLaunch).toBe(false);
  });

  it('has a generated secret whose ARN the Data API takes: at most 100 characters', () => {
    const [secret, ...others] = all('AWS::SecretsManager::Secret').filter(({ stack }) => stack.endsWith('-database'));
    if (secret === undefined || others.length > 0) throw new Error(`${others.length} further secrets of the database, expected one in all`);
    expect(secret.properties).toMatchObject({ GenerateSecretString: { GenerateStringKey: 'password' } });
    for (const environment of ['dev', 'staging', 'prod']) {
      const name = String(secret.properties.Name).replace('-dev-', `-${environment}-`);
      expect(`arn:aws:secretsmanager:ap-northeast-2:123456789012:secret:${name}-AbCdEf`.length).toBeLessThan(100);
    }
    expect(synthesized.assembly.outputs.SecretArn?.length).toBeLessThan(100);
  });

  it('gets its schema at deploy by a function that carries the SQL files', () => {
    const specs = new Specs(synthesized.assembly);
    const [trigger, ...others] = specs.deployTriggers();
    expect(others).toEqual([]);
    const applySchema = specs.functions().find(({ name }) => name === 'videopick-dev-apply-schema');
    expect(trigger?.startsWith(applySchema?.arn ?? 'none')).toBe(true);
    const files = readdirSync(new URL('../../database/migrations/', import.meta.url));
    expect(readdirSync(join(applySchema?.codeDir ?? '', 'migrations')).sort()).toEqual(files.sort());
  });
});

describe('functions', () => {
  /** CDK makes it to serve the deploy; its code and settings are CDK's. */
  const ours = () => all('AWS::Lambda::Function').filter(({ logicalId }) => !logicalId.startsWith('AWSCDKTriggerCustomResourceProvider'));

  it('are all there, and one alone is not ours', () => {
    expect(
      ours()
        .map(({ ref }) => ref.replace('videopick-dev-', ''))
        .sort(),
    ).toEqual([
      'apply-schema',
      'authorize-origin',
      'catch-up',
      'check-gates',
      'check-output',
      'close-rollout',
      'close-run',
      'console',
      'control-migration',
      'copy-entity',
      'describe-api',
      'fail-upload',
      'hide-videos',
      'inspect-upload',
      'judge-failure',
      'note-encoded',
      'open-rollout',
      'open-run',
      'plan-migration',
      'plan-rollout',
      'publish-video',
      'read-rollout',
      'read-stream',
      'record-progress',
      'release-rollout',
      'route-viewers',
      'store-version',
      'sweep-videos',
      'upload-api',
      'verify-entity',
    ]);
    expect(all('AWS::Lambda::Function').length - ours().length).toBe(1);
  });

  it('run on Node 24 and arm64, outside the network, with JSON logs in a group of their own that ends', () => {
    const groups = new Map(all('AWS::Logs::LogGroup').map((group) => [group.ref, group]));
    for (const fn of ours()) {
      const { LoggingConfig: logging, ...properties } = fn.properties as { LoggingConfig: { LogGroup: string; LogFormat: string } };
      expect(properties, fn.ref).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], Handler: 'index.handler' });
      expect(properties, fn.ref).not.toHaveProperty('VpcConfig');
      expect(logging).toEqual({ LogFormat: 'JSON', LogGroup: `/aws/lambda/${fn.ref}` });
      expect(groups.get(logging.LogGroup)?.properties.RetentionInDays, fn.ref).toBe(90);
    }
  });

  it('are ESM bundles that bring everything they import but what Node has', () => {
    for (const { name, codeDir } of new Specs(synthesized.assembly).functions()) {
      const code = readFileSync(join(codeDir, 'index.mjs'), 'utf8');
      expect(code, name).toMatch(/export\s*\{[^}]*\bhandler\b/);
      const imported = [...code.matchAll(/(?:^|[;}])import\s*(?:[\w$*{},\s]+?from\s*)?["']([^"']+)["']/gm)].map(
        ([, module]) => module ?? '',
      );
      expect(imported.length, name).toBeGreaterThan(0);
      expect(
        imported.filter((module) => !module.startsWith('node:') && !NODE_MODULES.has(module)),
        name,
      ).toEqual([]);
    }
  });

  /** It compares what the distribution sends, which has the secret in its configuration as well: docs/decisions/0015-uploads.md. */
  const HOLDS_ITS_SECRET = 'videopick-dev-authorize-origin';

  const NEED_NO_DATABASE = ['check-output', 'describe-api', 'judge-failure', 'read-rollout', 'route-viewers'].map(
    (name) => `videopick-dev-${name}`,
  );

  it('hold no secret in their environment, only its ARN; the origin’s authorizer holds nothing else', () => {
    const functions = new Specs(synthesized.assembly).functions();
    expect(Object.keys(functions.find(({ name }) => name === HOLDS_ITS_SECRET)?.environment ?? {})).toEqual([
      'ORIGIN_SECRET',
      'NODE_OPTIONS',
      'POWERTOOLS_SERVICE_NAME',
    ]);
    for (const { name, environment } of functions.filter(({ name }) => name !== HOLDS_ITS_SECRET)) {
      if (NEED_NO_DATABASE.includes(name)) expect(environment, name).not.toHaveProperty('SECRET_ARN');
      else expect(environment.SECRET_ARN, name).toMatch(/^arn:aws:secretsmanager:/);
      expect(JSON.stringify(environment), name).not.toMatch(/password|\{\{resolve/i);
    }
  });
});

/** Names that bundled CommonJS imports without the prefix. */
const NODE_MODULES = new Set([
  'buffer',
  'crypto',
  'fs',
  'fs/promises',
  'http',
  'http2',
  'https',
  'module',
  'os',
  'path',
  'process',
  'stream',
  'url',
  'util',
]);

describe('state machines', () => {
  it('have every name of their definition filled, and no name too many', () => {
    for (const machine of all('AWS::StepFunctions::StateMachine')) {
      const location = machine.properties.DefinitionS3Location as { readonly Key: string };
      const definition = readFileSync(synthesized.assembly.assetPath(location.Key), 'utf8');
      const wanted = [...definition.matchAll(/\$\{([^}]+)\}/g)].map(([, name]) => name);
      const given = Object.entries(machine.properties.DefinitionSubstitutions as Record<string, string>);
      expect(wanted.length, machine.ref).toBeGreaterThan(0);
      expect(new Set(given.map(([name]) => name)), machine.ref).toEqual(new Set(wanted));
      // AppConfig's ids, and names of alarms, have no ARN where they are asked for.
      for (const [name, value] of given) expect(value, name).toMatch(name.endsWith('Arn') ? /^arn:aws:(lambda|iam|sns):/ : /^[\w-]+$/);
    }
  });

  it('are each from its file in statemachines/', () => {
    const files = readdirSync(new URL('../../statemachines/', import.meta.url));
    const machines = all('AWS::StepFunctions::StateMachine').map(
      ({ attributes }) => `${attributes.Name?.replace('videopick-dev-', '')}.asl.json`,
    );
    expect(machines.sort()).toEqual(files.sort());
  });

  it('may invoke exactly the functions that their definition names', () => {
    for (const machine of new Specs(synthesized.assembly).machines()) {
      const roleName = machine.roleArn.split('/').at(-1);
      const granted = all('AWS::IAM::Policy')
        .filter(({ properties }) => (properties.Roles as readonly string[]).includes(roleName ?? ''))
        .flatMap(statementsOf)
        .filter(({ Action: actions }) => [actions].flat().includes('lambda:InvokeFunction'))
        .flatMap(({ Resource: resources }) => [resources].flat());
      const called = JSON.stringify(machine.definition).match(/arn:aws:lambda:[^"]+/g) ?? [];
      expect(new Set(granted.map((arn) => arn.replace(/:\*$/, ''))), machine.name).toEqual(new Set(called));
    }
  });
});

describe('what starts by itself', () => {
  it.each([
    ['DailyMigrationArn', 'cron(0 2 * * ? *)', 'Asia/Seoul'],
    ['CatchUpArn', 'rate(5 minutes)', 'Etc/UTC'],
    ['arn:aws:lambda:ap-northeast-2:000000000000:function:videopick-dev-hide-videos', 'rate(5 minutes)', 'Etc/UTC'],
    ['arn:aws:lambda:ap-northeast-2:000000000000:function:videopick-dev-sweep-videos', 'rate(15 minutes)', 'Etc/UTC'],
  ])('is %s at %s in %s, with empty input', (output, expression, zone) => {
    const schedules = all('AWS::Scheduler::Schedule').map(({ properties }) => properties);
    expect(schedules).toHaveLength(4);
    const arn = synthesized.assembly.outputs[output] ?? output;
    expect(schedules.find(({ Target }) => (Target as { Arn: string }).Arn === arn)).toMatchObject({
      ScheduleExpression: expression,
      ScheduleExpressionTimezone: zone,
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: 'ENABLED',
      Target: { Arn: arn, Input: '{}' },
    });
  });

  it('is the transcode of what arrives under originals/ of the videos bucket, with the event as it is', () => {
    const [rule, ...others] = all('AWS::Events::Rule').filter(({ logicalId }) => logicalId.startsWith('TranscodeUploadArrived'));
    expect(others).toEqual([]);
    const properties = rule?.properties ?? {};
    expect(properties).toMatchObject({
      State: 'ENABLED',
      EventPattern: {
        source: ['aws.s3'],
        'detail-type': ['Object Created'],
        detail: { bucket: { name: [synthesized.assembly.outputs.VideosBucketName] }, object: { key: [{ prefix: 'originals/' }] } },
      },
    });
    const targets = properties.Targets as readonly Record<string, unknown>[];
    expect(targets.map(({ Arn }) => Arn)).toEqual([synthesized.assembly.outputs.TranscodeArn]);
    for (const member of ['Input', 'InputPath', 'InputTransformer']) expect(targets[0]).not.toHaveProperty(member);
  });
});

it('names what has a name after its environment, so that two environments fit one account', () => {
  const NAMES = ['Name', 'FunctionName', 'StateMachineName', 'LogGroupName', 'RoleName', 'BucketName', 'DBClusterIdentifier'];
  // What belongs to an application (AppConfig) is named within it.
  const inAccount = synthesized.assembly.resources.filter(({ properties }) => properties.ApplicationId === undefined);
  const given = inAccount.flatMap((resource) =>
    NAMES.filter((name) => typeof resource.properties[name] === 'string').map(
      (name) => [named(resource), String(resource.properties[name])] as const,
    ),
  );
  expect(given.length).toBeGreaterThan(20);
  for (const [resource, name] of given.filter(([, text]) => !text.startsWith('arn:'))) expect(name, resource).toMatch(/videopick-dev\b/);
});
