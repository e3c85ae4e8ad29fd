import type { IncomingMessage, ServerResponse } from 'node:http';
import { S3Error } from './errors.ts';

/** One rule of `AWS::S3::Bucket`'s `CorsConfiguration`, under CloudFormation's names. */
export interface CorsRule {
  readonly AllowedOrigins: readonly string[];
  readonly AllowedMethods: readonly string[];
  readonly AllowedHeaders?: readonly string[];
  readonly ExposedHeaders?: readonly string[];
  /** Seconds. */
  readonly MaxAge?: number | string;
}

/**
 * Adds the CORS headers of the first rule that fits the request's origin and method, as S3 does to every answer, errors too.
 * @throws {S3Error} AccessForbidden for a preflight that no rule allows
 */
export function applyCors(rules: readonly CorsRule[], request: IncomingMessage, response: ServerResponse): void {
  const preflight = request.method === 'OPTIONS';
  const { origin } = request.headers;
  const method = preflight ? request.headers['access-control-request-method'] : request.method;
  if (origin === undefined || method === undefined) {
    if (preflight) throw forbidden('Insufficient information. Origin and Access-Control-Request-Method headers are needed.');
    return;
  }
  const asked = String(request.headers['access-control-request-headers'] ?? '')
    .split(',')
    .map((header) => header.trim().toLowerCase())
    .filter((header) => header !== '');
  const rule = rules.find(
    ({ AllowedOrigins, AllowedMethods, AllowedHeaders = [] }) =>
      AllowedOrigins.some((pattern) => matches(pattern, origin)) &&
      AllowedMethods.includes(method) &&
      asked.every((header) => AllowedHeaders.some((pattern) => matches(pattern.toLowerCase(), header))),
  );
  if (rule === undefined) {
    if (preflight) throw forbidden('This CORS request is not allowed: no CORS rule of the bucket fits its origin, method and headers.');
    return;
  }
  const anyone = rule.AllowedOrigins.includes('*');
  response.setHeader('access-control-allow-origin', anyone ? '*' : origin);
  response.setHeader('access-control-allow-methods', rule.AllowedMethods.join(', '));
  if (!anyone) response.setHeader('access-control-allow-credentials', 'true');
  if (rule.ExposedHeaders?.length) response.setHeader('access-control-expose-headers', rule.ExposedHeaders.join(', '));
  if (asked.length > 0) response.setHeader('access-control-allow-headers', asked.join(', '));
  if (rule.MaxAge !== undefined) response.setHeader('access-control-max-age', String(rule.MaxAge));
  response.setHeader('vary', 'Origin, Access-Control-Request-Headers, Access-Control-Request-Method');
}

/** S3 allows one `*` in a pattern. */
function matches(pattern: string, value: string): boolean {
  const [start = '', end] = pattern.split('*');
  if (end === undefined) return pattern === value;
  return value.length >= start.length + end.length && value.startsWith(start) && value.endsWith(end);
}

function forbidden(message: string): S3Error {
  return new S3Error('AccessForbidden', message);
}
