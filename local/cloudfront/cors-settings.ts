import { asBoolean, asList, assertKnownKeys, type Properties } from './config-keys.ts';
import { pathMatcher } from './path-pattern.ts';
import type { ViewerRequest } from './viewer-request.ts';

/** The `CorsConfig` of a response headers policy. */
export interface CorsSettings {
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly exposed: readonly string[];
  readonly credentials: boolean;
  readonly maxAgeSeconds: number | undefined;
  /** Whether the policy's headers replace the origin's; if not, any CORS header of the origin keeps the policy's away. */
  readonly override: boolean;
}

const ALL_METHODS = ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'];

export function parseCors(config: Properties): CorsSettings {
  assertKnownKeys('CorsConfig', config, {
    understood: [
      ...['AccessControlAllowCredentials', 'AccessControlAllowHeaders', 'AccessControlAllowMethods', 'AccessControlAllowOrigins'],
      ...['AccessControlExposeHeaders', 'AccessControlMaxAgeSec', 'OriginOverride'],
    ],
  });
  const methods = asList(config.AccessControlAllowMethods).map(String);
  const maxAge = config.AccessControlMaxAgeSec;
  return {
    origins: asList(config.AccessControlAllowOrigins).map(String),
    methods: methods.includes('ALL') ? ALL_METHODS : methods,
    headers: asList(config.AccessControlAllowHeaders).map(String),
    exposed: asList(config.AccessControlExposeHeaders).map(String),
    credentials: asBoolean(config.AccessControlAllowCredentials),
    maxAgeSeconds: maxAge === undefined ? undefined : Number(maxAge),
    override: asBoolean(config.OriginOverride),
  };
}

export function isPreflight({ method, headers }: ViewerRequest): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined;
}

/** Adds the CORS headers for `request` to `headers`, the origin's. Answers whether the policy allows the request's origin. */
export function applyCors(cors: CorsSettings, request: ViewerRequest, headers: Record<string, string | string[]>): boolean {
  const { origin } = request.headers;
  const anyone = cors.origins.includes('*');
  if (!anyone) headers.vary = [headers.vary ?? [], 'Origin'].flat().join(', ');
  if (origin === undefined || !(anyone || cors.origins.some((pattern) => matchesOrigin(pattern, origin)))) return false;
  const present = Object.keys(headers).filter((name) => name.startsWith('access-control-'));
  if (present.length > 0 && !cors.override) return true;
  for (const name of present) delete headers[name];
  headers['access-control-allow-origin'] = anyone && !cors.credentials ? '*' : origin;
  if (cors.credentials) headers['access-control-allow-credentials'] = 'true';
  if (cors.exposed.length > 0) headers['access-control-expose-headers'] = cors.exposed.join(', ');
  if (!isPreflight(request)) return true;
  if (cors.methods.length > 0) headers['access-control-allow-methods'] = cors.methods.join(', ');
  if (cors.headers.length > 0) headers['access-control-allow-headers'] = cors.headers.join(', ');
  if (cors.maxAgeSeconds !== undefined) headers['access-control-max-age'] = String(cors.maxAgeSeconds);
  return true;
}

/** An origin of the policy: `https://app.example.com`, `*.example.com`, `example.com`; the scheme may be left out. */
function matchesOrigin(pattern: string, origin: string): boolean {
  return pathMatcher(pattern)(pattern.includes('://') ? origin : origin.replace(/^https?:\/\//, ''));
}
