import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEnvironment } from '../../config/index.ts';
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

describe('buckets', () => {
  it('are three: videos, static pictures, reports', () => {
    expect(all('AWS::S3::Bucket')).toHaveLength(3);
  });

  it('close every way to the public, belong to their owner, are encrypted and versioned', () => {
    for (const bucket of all('AWS::S3::Bucket')) {
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
    for (const bucket of all('AWS::S3::Bucket')) {
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
  }
  interface Distribution {
    readonly Origins: readonly Origin[];
    readonly DefaultCacheBehavior: Behavior;
    readonly CacheBehaviors: readonly Behavior[];
  }
  const distribution = () => only('AWS::CloudFront::Distribution').properties.DistributionConfig as Distribution;
  const behaviors = () => [distribution().DefaultCacheBehavior, ...distribution().CacheBehaviors];

  const isApi = ({ DomainName }: Origin) => DomainName.includes('.execute-api.');

  it('signs every request to every origin but the API: access control of the right kind on each, no access identity', () => {
    const controls = new Map(
      all('AWS::CloudFront::OriginAccessControl').map(({ ref, properties }) => [ref, properties.OriginAccessControlConfig]),
    );
    const origins = distribution().Origins.filter((origin) => !isApi(origin));
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

  it('sends the upload API a secret that its authorizer wants on every route, and nobody else knows', () => {
    const api = only('AWS::ApiGatewayV2::Api');
    const secret = all('AWS::SecretsManager::Secret').find(({ stack }) => stack.endsWith('-transcoding'));
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
      'GET /api/uploads/{id}',
      'POST /api/uploads',
      'POST /api/uploads/{id}/complete',
      'POST /api/uploads/{id}/parts',
    ]);
    for (const route of routes) expect(route).toMatchObject({ AuthorizationType: 'CUSTOM', AuthorizerId: authorizer.ref });
  });

  it('throttles the upload API, logs its requests without addresses, and lets no other site read it', () => {
    const stage = only('AWS::ApiGatewayV2::Stage').properties;
    expect(stage).toMatchObject({ StageName: '$default', DefaultRouteSettings: { ThrottlingRateLimit: 50, ThrottlingBurstLimit: 100 } });
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
    const jobChanged = all('AWS::Events::Rule').find(({ logicalId }) => logicalId.startsWith('ProgressJobChanged'));
    const sources = {
      'events.amazonaws.com': `arn:aws:events:ap-northeast-2:000000000000:rule/${jobChanged?.ref}`,
      'cloudfront.amazonaws.com': `arn:aws:cloudfront::000000000000:distribution/${only('AWS::CloudFront::Distribution').ref}`,
      'apigateway.amazonaws.com': `arn:aws:execute-api:ap-northeast-2:000000000000:${only('AWS::ApiGatewayV2::Api').ref}/`,
    };
    for (const { properties } of all('AWS::Lambda::Permission')) {
      const source = sources[properties.Principal as keyof typeof sources];
      expect(String(properties.SourceArn).startsWith(source ?? 'nobody else'), JSON.stringify(properties)).toBe(true);
    }
    expect(synthesized.assembly.resources.filter(({ properties }) => properties.WebsiteConfiguration !== undefined)).toEqual([]);
  });

  it('speaks TLS 1.2 to its origins and only HTTPS to viewers', () => {
    const custom = distribution().Origins.filter(({ CustomOriginConfig }) => CustomOriginConfig !== undefined);
    expect(custom).toHaveLength(2);
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
    expect(Object.fromEntries(routes)).toEqual({
      'api/uploads*': only('AWS::ApiGatewayV2::Api').ref,
      'api/*': expect.anything(),
      'encoded/*': outputs.VideosBucketName,
      'thumbnails/*': outputs.VideosBucketName,
      'previews/*': outputs.VideosBucketName,
      'channel-banners/*': outputs.StaticBucketName,
      'channel-avatars/*': outputs.StaticBucketName,
      'community-images/*': outputs.StaticBucketName,
    });
    const methods = new Set(media().flatMap(({ AllowedMethods }) => AllowedMethods));
    expect([...methods].sort()).toEqual(['GET', 'HEAD', 'OPTIONS']);
  });

  const media = () => distribution().CacheBehaviors.filter(({ PathPattern }) => !PathPattern?.startsWith('api/'));
  /** The page and its API. */
  const ofConsole = () => [
    distribution().DefaultCacheBehavior,
    ...distribution().CacheBehaviors.filter(({ PathPattern }) => PathPattern === 'api/*'),
  ];

  it('asks who comes before it shows the console or takes a command', () => {
    expect(ofConsole()).toHaveLength(2);
    for (const behavior of ofConsole()) {
      expect(behavior.TargetOriginId).toBe(distribution().DefaultCacheBehavior.TargetOriginId);
      expect(behavior.FunctionAssociations).toEqual([
        { EventType: 'viewer-request', FunctionARN: only('AWS::CloudFront::Function').attributes.FunctionARN },
      ]);
    }
  });

  it('asks the upload API before the console, and who comes before either', () => {
    const patterns = distribution().CacheBehaviors.map(({ PathPattern }) => PathPattern);
    expect(patterns.indexOf('api/uploads*')).toBeLessThan(patterns.indexOf('api/*'));
    const [uploads, console] = ['api/uploads*', 'api/*'].map((pattern) =>
      distribution().CacheBehaviors.find(({ PathPattern }) => PathPattern === pattern),
    );
    expect(uploads).toMatchObject({ ...console, PathPattern: 'api/uploads*', TargetOriginId: expect.anything() });
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

  it('answers with CORS for players and the security headers, on every path of media', () => {
    expect(new Set(media().map(({ ResponseHeadersPolicyId }) => ResponseHeadersPolicyId)).size).toBe(1);
    expect(policyOf(media()[0])).toMatchObject({
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
      'check-output',
      'close-run',
      'console',
      'control-migration',
      'copy-entity',
      'fail-upload',
      'inspect-upload',
      'judge-failure',
      'note-encoded',
      'open-run',
      'plan-migration',
      'publish-video',
      'record-progress',
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

  const NEED_NO_DATABASE = ['videopick-dev-check-output', 'videopick-dev-judge-failure'];

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
      for (const [name, value] of given) expect(value, name).toMatch(/^arn:aws:(lambda|iam):/);
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
    ['arn:aws:lambda:ap-northeast-2:000000000000:function:videopick-dev-sweep-videos', 'rate(15 minutes)', 'Etc/UTC'],
  ])('is %s at %s in %s, with empty input', (output, expression, zone) => {
    const schedules = all('AWS::Scheduler::Schedule').map(({ properties }) => properties);
    expect(schedules).toHaveLength(3);
    expect(schedules.find(({ ScheduleExpression }) => ScheduleExpression === expression)).toMatchObject({
      ScheduleExpressionTimezone: zone,
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: 'ENABLED',
      Target: { Arn: synthesized.assembly.outputs[output] ?? output, Input: '{}' },
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
