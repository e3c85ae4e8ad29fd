import { Duration } from 'aws-cdk-lib';
import * as cloudfront from 'aws-cdk-lib/aws-cloudfront';
import { Construct } from 'constructs';
import { EnvironmentStack } from '../environment-stack.ts';
import { DELIVERED_STATIC_PREFIXES, DELIVERED_VIDEO_PREFIXES } from '../storage/storage-stack.ts';
import { edgeFunction } from './edge-code.ts';
import { securityHeaders } from './security-headers.ts';

export interface MediaBehaviorsProps {
  readonly videos: cloudfront.IOrigin;
  readonly statics: cloudfront.IOrigin;
  readonly store: cloudfront.IKeyValueStore;
  readonly keyGroup: cloudfront.IKeyGroup;
}

/** As long as a new version of a video takes to be seen where an old playlist was asked for a moment ago. */
const PLAYLIST_TTL = Duration.seconds(5);
const A_YEAR = Duration.days(365);
/** Files that lead to others, and are looked at again while a video plays. */
const SHORT_LIVED = ['*.m3u8', '*.vtt'];

/** Media for everybody, and below `/private/` for those with signed cookies; by path pattern, in the order they are to be tried. */
export class MediaBehaviors extends Construct {
  readonly behaviors: Readonly<Record<string, cloudfront.BehaviorOptions>>;

  constructor(scope: Construct, id: string, { videos, statics, store, keyGroup }: MediaBehaviorsProps) {
    super(scope, id);
    const playlists = this.#cachePolicy('Playlists', 'playlists', PLAYLIST_TTL);
    const versioned = this.#cachePolicy('Versioned', 'versioned-media', A_YEAR);
    const guard = edgeFunction(this, 'Guard', {
      name: 'guard-media',
      comment: 'Public media, but not of private videos',
      files: ['guard-media'],
      store,
    });
    const open = edgeFunction(this, 'Open', { name: 'open-private', comment: 'Signed requests to their objects', files: ['open-private'] });
    const everybody: cloudfront.BehaviorOptions = {
      ...shared(videos, this.#headers('PublicHeaders', ['*'], false)),
      functionAssociations: [onRequest(guard), onResponse(this.#cacheControl('public'))],
    };
    const signed: cloudfront.BehaviorOptions = {
      ...shared(videos, this.#privateHeaders()),
      functionAssociations: [onRequest(open), onResponse(this.#cacheControl('private'))],
      trustedKeyGroups: [keyGroup],
    };
    const ofVideos = (prefix: string, behavior: cloudfront.BehaviorOptions) => [
      ...SHORT_LIVED.map((pattern) => [`${prefix}/${pattern}`, { ...behavior, cachePolicy: playlists }] as const),
      [`${prefix}/*`, { ...behavior, cachePolicy: versioned }] as const,
    ];
    const pictures = { ...shared(statics, everybody.responseHeadersPolicy), cachePolicy: cloudfront.CachePolicy.CACHING_OPTIMIZED };
    this.behaviors = Object.fromEntries([
      ...ofVideos('private', signed),
      ...DELIVERED_VIDEO_PREFIXES.flatMap((prefix) => ofVideos(prefix, everybody)),
      ...DELIVERED_STATIC_PREFIXES.map((prefix) => [`${prefix}/*`, pictures] as const),
    ]);
  }

  /** How long the edge keeps it; the same files for everybody, whatever headers, cookies and queries a request has. */
  #cachePolicy(id: string, name: string, ttl: Duration): cloudfront.CachePolicy {
    return new cloudfront.CachePolicy(this, id, {
      cachePolicyName: EnvironmentStack.of(this).nameOf(name),
      minTtl: Duration.seconds(0),
      defaultTtl: ttl,
      maxTtl: ttl,
      enableAcceptEncodingGzip: true,
      enableAcceptEncodingBrotli: true,
    });
  }

  #cacheControl(scope: 'public' | 'private'): cloudfront.Function {
    return edgeFunction(this, scope === 'public' ? 'PublicCacheControl' : 'PrivateCacheControl', {
      name: `cache-control-${scope}`,
      comment: `How long browsers keep ${scope} media`,
      files: ['set-cache-control'],
      constants: { SCOPE: scope },
    });
  }

  /** A browser sends cookies to another origin only where that origin is named; without any, private media is for the distribution's own pages. */
  #privateHeaders(): cloudfront.ResponseHeadersPolicy {
    const { appOrigins } = EnvironmentStack.of(this).environmentConfig.delivery;
    return this.#headers('PrivateHeaders', appOrigins, true);
  }

  #headers(id: string, origins: readonly string[], credentials: boolean): cloudfront.ResponseHeadersPolicy {
    return new cloudfront.ResponseHeadersPolicy(this, id, {
      comment: credentials ? 'CORS with cookies for the app; security headers' : 'CORS for players on any page; security headers',
      ...(origins.length > 0 && {
        corsBehavior: {
          accessControlAllowCredentials: credentials,
          accessControlAllowHeaders: credentials ? ['range'] : ['*'], // no wildcard goes with credentials
          accessControlAllowMethods: ['GET', 'HEAD', 'OPTIONS'],
          accessControlAllowOrigins: [...origins],
          accessControlExposeHeaders: ['Content-Length', 'Content-Range', 'ETag'],
          accessControlMaxAge: Duration.hours(1),
          originOverride: true,
        },
      }),
      securityHeadersBehavior: securityHeaders(cloudfront.HeadersFrameOption.SAMEORIGIN),
    });
  }
}

function shared(
  origin: cloudfront.IOrigin,
  responseHeadersPolicy: cloudfront.BehaviorOptions['responseHeadersPolicy'],
): cloudfront.BehaviorOptions {
  return {
    origin,
    ...(responseHeadersPolicy !== undefined && { responseHeadersPolicy }),
    viewerProtocolPolicy: cloudfront.ViewerProtocolPolicy.REDIRECT_TO_HTTPS,
    allowedMethods: cloudfront.AllowedMethods.ALLOW_GET_HEAD_OPTIONS,
    compress: true,
  };
}

function onRequest(edge: cloudfront.IFunction): cloudfront.FunctionAssociation {
  return { function: edge, eventType: cloudfront.FunctionEventType.VIEWER_REQUEST };
}

function onResponse(edge: cloudfront.IFunction): cloudfront.FunctionAssociation {
  return { function: edge, eventType: cloudfront.FunctionEventType.VIEWER_RESPONSE };
}
