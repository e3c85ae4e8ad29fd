import { UnsupportedApiError } from './errors.ts';

/** A route key, taken apart: `GET /api/uploads/{id}`, `ANY /{proxy+}`, `$default`. */
export interface RoutePattern {
  readonly key: string;
  /** `ANY` for every method. */
  readonly method: string;
  readonly segments: readonly string[];
}

export interface MatchedRoute<Route extends RoutePattern> {
  readonly route: Route;
  /** Percent-decoded, as the service hands them on. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

const KEY = /^(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|ANY) (\/.*)$/;

/** @throws {UnsupportedApiError} for a key the service would refuse */
export function parseRouteKey(key: string): RoutePattern {
  if (key === '$default') return { key, method: 'ANY', segments: [] };
  const [, method = '', path = ''] = KEY.exec(key) ?? [];
  const segments = path.split('/').slice(1);
  const isRight = (segment: string, index: number) =>
    /^[^{}]*$/.test(segment) || /^\{[\w.-]+\}$/.test(segment) || (/^\{[\w.-]+\+\}$/.test(segment) && index === segments.length - 1);
  if (method !== '' && segments.every(isRight)) return { key, method, segments };
  throw new UnsupportedApiError(`the route key "${key}"`, 'a method and a path with {parameters} were expected, or $default');
}

/**
 * The most specific route: a full match, then one with parameters, then a greedy one, then `$default`; a method before `ANY`. Source: API Gateway,
 * "Create routes for HTTP APIs", routing API requests.
 */
export function matchRoute<Route extends RoutePattern>(
  routes: readonly Route[],
  method: string,
  path: string,
): MatchedRoute<Route> | undefined {
  const segments = path.split('/').slice(1);
  let best: (MatchedRoute<Route> & { readonly rank: string }) | undefined;
  for (const route of routes) {
    if (route.method !== 'ANY' && route.method !== method) continue;
    const pathParameters = route.key === '$default' ? {} : bind(route.segments, segments);
    if (pathParameters === undefined) continue;
    const rank = rankOf(route);
    if (best === undefined || rank < best.rank) best = { route, pathParameters, rank };
  }
  return best === undefined ? undefined : { route: best.route, pathParameters: best.pathParameters };
}

function bind(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  const bound: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const [, name, greedy] = /^\{([\w.-]+)(\+?)\}$/.exec(part) ?? [];
    const value = greedy === '+' ? segments.slice(index).join('/') : segments[index];
    if (value === undefined) return undefined;
    if (name === undefined) {
      if (value !== part) return undefined;
    } else {
      if (value === '') return undefined;
      bound[name] = decode(value);
    }
    if (greedy === '+') return bound;
  }
  return pattern.length === segments.length ? bound : undefined;
}

/** Smaller is more specific: segment by segment text, parameter, greedy; then the method. */
function rankOf({ key, method, segments }: RoutePattern): string {
  if (key === '$default') return '9';
  const kinds = segments.map((segment) => (!segment.startsWith('{') ? '0' : segment.endsWith('+}') ? '2' : '1')).join('');
  const kind = kinds.includes('2') ? '2' : kinds.includes('1') ? '1' : '0';
  return `${kind}${kinds}${method === 'ANY' ? '1' : '0'}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
