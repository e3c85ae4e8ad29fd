import { createVerify } from 'node:crypto';
import type { Answer } from './answer.ts';
import { pathMatcher } from './path-pattern.ts';
import type { ViewerRequest } from './viewer-request.ts';

/** Public keys in PEM by the id that a cookie names. */
export type TrustedKeys = ReadonlyMap<string, string>;

interface Refusal {
  readonly code: 'MissingKey' | 'InvalidKey' | 'MalformedPolicy' | 'AccessDenied';
  readonly message: string;
}

interface Policy {
  readonly text: string;
  readonly resource: string;
  readonly condition: Condition;
}

interface Condition {
  readonly DateLessThan?: { readonly 'AWS:EpochTime'?: number };
  readonly DateGreaterThan?: { readonly 'AWS:EpochTime'?: number };
  readonly IpAddress?: { readonly 'AWS:SourceIp'?: string };
}

const ACCESS_DENIED: Refusal = { code: 'AccessDenied', message: 'Access denied' };

/**
 * CloudFront's answer to a request whose cookies do not let it in, undefined when they do: a signature over the policy by a trusted key, the
 * policy for this address, now. Cookies only; signed addresses are not used here. Source: CloudFront, "Use signed cookies".
 */
export function refuseUnsigned(request: ViewerRequest, keys: TrustedKeys, nowMs: number): Answer | undefined {
  const refusal = findRefusal(request, keys, nowMs);
  if (refusal === undefined) return undefined;
  const xml = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${refusal.code}</Code><Message>${refusal.message}</Message></Error>`;
  return { status: 403, headers: { 'content-type': 'text/xml', 'x-cache': 'Error from cloudfront' }, body: Buffer.from(xml) };
}

function findRefusal(request: ViewerRequest, keys: TrustedKeys, nowMs: number): Refusal | undefined {
  const cookies = new Map(request.cookies.map((cookie) => [cookie.slice(0, cookie.indexOf('=')), cookie.slice(cookie.indexOf('=') + 1)]));
  const keyId = cookies.get('CloudFront-Key-Pair-Id');
  const signature = cookies.get('CloudFront-Signature');
  if (keyId === undefined || keyId === '') {
    return { code: 'MissingKey', message: 'Missing Key-Pair-Id query parameter or cookie value' };
  }
  const key = keys.get(keyId);
  if (key === undefined) return { code: 'InvalidKey', message: 'Unknown Key' };
  // A viewer in the cloud has come by https (the behaviours redirect); loopback speaks http, and is taken for it.
  const url = `https://${request.headers.host ?? ''}${request.uri}${request.query === '' ? '' : `?${request.query}`}`;
  const policy = readPolicy(cookies, url);
  if (policy === undefined || signature === undefined) return { code: 'MalformedPolicy', message: 'Malformed Policy' };
  const algorithm = cookies.get('CloudFront-Hash-Algorithm') === 'SHA256' ? 'RSA-SHA256' : 'RSA-SHA1';
  const isSigned = createVerify(algorithm).update(policy.text).verify(key, fromCookie(signature));
  return isSigned && covers(policy, url) && holds(policy.condition, request.ip, nowMs) ? undefined : ACCESS_DENIED;
}

/** The policy in the cookie, or the canned one: this address until `CloudFront-Expires`. */
function readPolicy(cookies: ReadonlyMap<string, string>, url: string): Policy | undefined {
  const custom = cookies.get('CloudFront-Policy');
  const expires = cookies.get('CloudFront-Expires');
  if (custom === undefined && expires === undefined) return undefined;
  const canned = () => `{"Statement":[{"Resource":"${url}","Condition":{"DateLessThan":{"AWS:EpochTime":${Number(expires)}}}}]}`;
  const text = custom === undefined ? canned() : fromCookie(custom).toString('utf8');
  try {
    const { Statement: statements } = JSON.parse(text) as { Statement?: readonly { Resource?: unknown; Condition?: Condition }[] };
    const [statement, ...others] = statements ?? [];
    if (statement?.Condition === undefined || others.length > 0) return undefined;
    return { text, resource: typeof statement.Resource === 'string' ? statement.Resource : '*', condition: statement.Condition };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** `*` is any number of characters, `?` exactly one, anywhere in the address, its query among it. */
function covers({ resource }: Policy, url: string): boolean {
  return pathMatcher(resource)(url);
}

function holds({ DateLessThan: until, DateGreaterThan: from, IpAddress: source }: Condition, ip: string, nowMs: number): boolean {
  const nowSeconds = nowMs / 1000;
  const untilSeconds = until?.['AWS:EpochTime'];
  if (typeof untilSeconds !== 'number' || nowSeconds >= untilSeconds) return false;
  if (from !== undefined && !(nowSeconds > Number(from['AWS:EpochTime']))) return false;
  return source?.['AWS:SourceIp'] === undefined || source['AWS:SourceIp'] === '0.0.0.0/0' || source['AWS:SourceIp'] === `${ip}/32`;
}

function fromCookie(text: string): Buffer {
  return Buffer.from(text.replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/'), 'base64');
}
