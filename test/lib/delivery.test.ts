import { describe, expect, it } from 'vitest';
import { type Behavior, distributionOf, functionsOf, headersPolicyOf, isApi, isLogs, type Origin } from './distribution-config.ts';
import { expectSchedule } from './expect-schedule.ts';
import { useSynthesizedApp } from './synthesized-app.ts';

const synthesized = useSynthesizedApp();
const { resources: all, only } = synthesized;

describe('delivery', () => {
  const distribution = () => distributionOf(synthesized);
  const behaviors = () => [distribution().DefaultCacheBehavior, ...distribution().CacheBehaviors];
  const isLegacy = ({ Id }: Origin) => Id === 'legacy';
  const media = () => distribution().CacheBehaviors.filter(({ PathPattern }) => !/^(api|_next)\//.test(PathPattern ?? ''));
  const isPrivate = ({ PathPattern }: Behavior) => PathPattern?.startsWith('private/') ?? false;

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
    expect(media().every(({ Compress }) => Compress)).toBe(true);
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
    expect(headersPolicyOf(synthesized, media().find(isPrivate))).not.toHaveProperty('CorsConfig');
  });

  it('answers with CORS for players and the security headers, on every path of public media', () => {
    const open = media().filter((behavior) => !isPrivate(behavior));
    expect(new Set(open.map(({ ResponseHeadersPolicyId }) => ResponseHeadersPolicyId)).size).toBe(1);
    expect(headersPolicyOf(synthesized, open[0])).toMatchObject({
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

describe('what starts by itself', () => {
  const HIDE_VIDEOS = 'arn:aws:lambda:ap-northeast-2:000000000000:function:videopick-dev-hide-videos';

  it(`is ${HIDE_VIDEOS} at rate(5 minutes) in Etc/UTC, with empty input`, () => {
    expectSchedule(synthesized, HIDE_VIDEOS, 'rate(5 minutes)', 'Etc/UTC');
  });
});
