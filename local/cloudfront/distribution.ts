import { asBoolean, asList, asProperties, asString, assertKnownKeys, type Properties } from './config-keys.ts';
import { UnsupportedDistributionError } from './errors.ts';
import { pathMatcher } from './path-pattern.ts';

/** What is read from `AWS::CloudFront::Distribution`, its references resolved. */
export interface Distribution {
  readonly defaultRootObject: string;
  readonly origins: ReadonlyMap<string, OriginSettings>;
  /** In the order they are tried; the default behaviour, which matches all, is last. */
  readonly behaviors: readonly Behavior[];
  readonly errorResponses: ReadonlyMap<number, ErrorResponse>;
}

export interface OriginSettings {
  readonly domainName: string;
  /** Put before the path of every request, such as `/encoded`; no slash at the end. */
  readonly path: string;
  /** Added to requests to a function, an API or a web server. */
  readonly customHeaders: Readonly<Record<string, string>>;
  /** Whether CloudFront signs its requests (origin access control). */
  readonly signed?: boolean;
}

export interface Behavior {
  /** As in the template; `*` for the default one. */
  readonly pattern: string;
  readonly matches: (path: string) => boolean;
  readonly originId: string;
  readonly allowedMethods: readonly string[];
  readonly compress: boolean;
  readonly responseHeadersPolicyId: string | undefined;
  readonly cachePolicyId: string | undefined;
  readonly originRequestPolicyId: string | undefined;
  /** ARN of the function for viewer requests. */
  readonly viewerRequestArn: string | undefined;
  /** ARN of the function for viewer responses. */
  readonly viewerResponseArn: string | undefined;
  /** Ids of the key groups one of which must have signed the request; none: everybody is served. */
  readonly trustedKeyGroups: readonly string[];
}

export interface ErrorResponse {
  readonly pagePath: string;
  /** @default the origin's status */
  readonly status: number | undefined;
}

/** @throws {UnsupportedDistributionError} for every setting that would be ignored */
export function parseDistribution(properties: Properties): Distribution {
  assertKnownKeys('AWS::CloudFront::Distribution', properties, { understood: ['DistributionConfig'], noEffect: ['Tags'] });
  const config = asProperties('DistributionConfig', properties.DistributionConfig);
  assertKnownKeys('DistributionConfig', config, {
    understood: [
      'Origins',
      'DefaultCacheBehavior',
      'CacheBehaviors',
      'DefaultRootObject',
      'CustomErrorResponses',
      'Enabled',
      'Restrictions',
    ],
    noEffect: [
      ...['Aliases', 'CallerReference', 'CNAMEs', 'Comment', 'HttpVersion', 'IPV6Enabled', 'Logging', 'PriceClass'],
      ...['ViewerCertificate', 'WebACLId'],
    ],
  });
  if (!asBoolean(config.Enabled)) throw new UnsupportedDistributionError('Enabled is not true', 'a disabled distribution serves nothing');
  assertNoGeoRestriction(config.Restrictions);
  const origins = new Map(asList(config.Origins).map((value) => parseOrigin(value)));
  const behaviors = [
    ...asList(config.CacheBehaviors).map((value, index) => parseBehavior(`CacheBehaviors[${index}]`, value)),
    parseBehavior('DefaultCacheBehavior', config.DefaultCacheBehavior),
  ];
  for (const { pattern, originId } of behaviors) {
    if (origins.has(originId)) continue;
    const known = [...origins.keys()].join(', ');
    throw new UnsupportedDistributionError(`the behaviour "${pattern}" targets the origin "${originId}"`, `known origins: ${known}`);
  }
  return {
    defaultRootObject: String(config.DefaultRootObject ?? ''),
    origins,
    behaviors,
    errorResponses: new Map(asList(config.CustomErrorResponses).flatMap((value) => parseErrorResponse(value))),
  };
}

function parseOrigin(value: unknown): [string, OriginSettings] {
  const origin = asProperties('Origins[]', value);
  assertKnownKeys('Origin', origin, {
    understood: ['Id', 'DomainName', 'OriginPath', 'OriginCustomHeaders', 'OriginAccessControlId'],
    noEffect: [
      ...['ConnectionAttempts', 'ConnectionTimeout', 'CustomOriginConfig', 'OriginShield'],
      ...['ResponseCompletionTimeout', 'S3OriginConfig'],
    ],
  });
  const headers = asList(origin.OriginCustomHeaders).map((item) => asProperties('OriginCustomHeaders[]', item));
  const settings: OriginSettings = {
    domainName: asString('Origin.DomainName', origin.DomainName),
    path: String(origin.OriginPath ?? ''),
    signed: typeof origin.OriginAccessControlId === 'string' && origin.OriginAccessControlId !== '',
    customHeaders: Object.fromEntries(
      headers.map(({ HeaderName, HeaderValue }) => [String(HeaderName).toLowerCase(), String(HeaderValue)]),
    ),
  };
  return [asString('Origin.Id', origin.Id), settings];
}

function parseBehavior(where: string, value: unknown): Behavior {
  const behavior = asProperties(where, value);
  assertKnownKeys(where, behavior, {
    understood: [
      ...['PathPattern', 'TargetOriginId', 'AllowedMethods', 'Compress', 'FunctionAssociations'],
      ...['ResponseHeadersPolicyId', 'CachePolicyId', 'OriginRequestPolicyId', 'TrustedKeyGroups'],
    ],
    // Nothing is cached here, and loopback speaks http whatever the viewer protocol policy says.
    noEffect: ['CachedMethods', 'DefaultTTL', 'MaxTTL', 'MinTTL', 'ViewerProtocolPolicy'],
  });
  const pattern = where === 'DefaultCacheBehavior' ? '*' : asString(`${where}.PathPattern`, behavior.PathPattern);
  const methods = asList(behavior.AllowedMethods).map(String);
  const policyId = (key: string) => (typeof behavior[key] === 'string' ? behavior[key] : undefined);
  return {
    pattern,
    matches: pathMatcher(pattern),
    originId: asString(`${where}.TargetOriginId`, behavior.TargetOriginId),
    allowedMethods: methods.length === 0 ? ['GET', 'HEAD'] : methods,
    compress: asBoolean(behavior.Compress),
    responseHeadersPolicyId: policyId('ResponseHeadersPolicyId'),
    cachePolicyId: policyId('CachePolicyId'),
    originRequestPolicyId: policyId('OriginRequestPolicyId'),
    trustedKeyGroups: asList(behavior.TrustedKeyGroups).map((id) => asString(`${where}.TrustedKeyGroups[]`, id)),
    ...parseFunctionAssociations(where, behavior.FunctionAssociations),
  };
}

function parseFunctionAssociations(where: string, value: unknown): Pick<Behavior, 'viewerRequestArn' | 'viewerResponseArn'> {
  const arns = new Map<string, string>();
  for (const item of asList(value)) {
    const association = asProperties(`${where}.FunctionAssociations[]`, item);
    const event = asString(`${where}.FunctionAssociations[].EventType`, association.EventType);
    if ((event !== 'viewer-request' && event !== 'viewer-response') || arns.has(event)) {
      throw new UnsupportedDistributionError(
        `a function on ${event} in ${where}`,
        'a behaviour has one function for viewer-request and one for viewer-response',
      );
    }
    arns.set(event, asString(`${where}.FunctionAssociations[].FunctionARN`, association.FunctionARN));
  }
  return { viewerRequestArn: arns.get('viewer-request'), viewerResponseArn: arns.get('viewer-response') };
}

function parseErrorResponse(value: unknown): [number, ErrorResponse][] {
  const response = asProperties('CustomErrorResponses[]', value);
  assertKnownKeys('CustomErrorResponse', response, {
    understood: ['ErrorCode', 'ResponseCode', 'ResponsePagePath'],
    noEffect: ['ErrorCachingMinTTL'],
  });
  if (response.ResponsePagePath === undefined) return [];
  const status = response.ResponseCode === undefined ? undefined : Number(response.ResponseCode);
  return [[Number(response.ErrorCode), { pagePath: asString('ResponsePagePath', response.ResponsePagePath), status }]];
}

function assertNoGeoRestriction(value: unknown): void {
  const type = (value as { GeoRestriction?: { RestrictionType?: unknown } } | undefined)?.GeoRestriction?.RestrictionType ?? 'none';
  if (type !== 'none') {
    throw new UnsupportedDistributionError(`geo restriction (${type})`, 'a laptop has no viewer country; turn it off for this environment');
  }
}
