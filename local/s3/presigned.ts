import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { S3Error } from './errors.ts';

/** The keys that are known here: what functions are given (local/lambda), and the runner's own. Anybody else's cannot be checked. */
const SECRETS: ReadonlyMap<string, string> = new Map([
  ['local', 'local'],
  ['laptop', 'laptop'],
]);

const REQUIRED = ['X-Amz-Algorithm', 'X-Amz-Credential', 'X-Amz-Date', 'X-Amz-Expires', 'X-Amz-SignedHeaders', 'X-Amz-Signature'];

/**
 * Holds a presigned URL against the request it came with: all that was signed has to be there unchanged, and no `x-amz-` header beyond it.
 * Source: S3 API, "Authenticating requests: using query parameters".
 * @throws {S3Error} AuthorizationQueryParametersError, AccessDenied, SignatureDoesNotMatch
 */
export function assertSigned({ method = 'GET', url = '/', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): void {
  const [path = '/', ...rest] = url.split('?');
  const query = new URLSearchParams(rest.join('?'));
  // A preflight carries the URL and no credentials of its own.
  if (!query.has('X-Amz-Signature') || method === 'OPTIONS') return;
  const missing = REQUIRED.find((name) => !query.has(name));
  if (missing !== undefined) {
    throw new S3Error(
      'AuthorizationQueryParametersError',
      `Query-string authentication requires the parameters ${REQUIRED.join(', ')}; ${missing} is missing`,
    );
  }
  const signed = (query.get('X-Amz-SignedHeaders') ?? '').split(';');
  const unsigned = Object.keys(headers).filter((name) => name.startsWith('x-amz-') && !signed.includes(name));
  if (unsigned.length > 0) {
    throw new S3Error('AccessDenied', 'There were headers present in the request which were not signed', {
      HeadersNotSigned: unsigned.join(', '),
    });
  }
  const [keyId = '', ...scope] = (query.get('X-Amz-Credential') ?? '').split('/');
  const secret = SECRETS.get(keyId);
  if (secret === undefined) return;
  const canonical = canonicalRequest(method, path, query, signed, headers);
  const toSign = ['AWS4-HMAC-SHA256', query.get('X-Amz-Date'), scope.join('/'), createHash('sha256').update(canonical).digest('hex')].join(
    '\n',
  );
  const key = scope.reduce<string | Buffer>((current, step) => createHmac('sha256', current).update(step).digest(), `AWS4${secret}`);
  const expected = createHmac('sha256', key).update(toSign).digest();
  const given = Buffer.from(query.get('X-Amz-Signature') ?? '', 'hex');
  if (given.length === expected.length && timingSafeEqual(given, expected)) return;
  throw new S3Error(
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    {
      CanonicalRequest: canonical,
    },
  );
}

function canonicalRequest(
  method: string,
  path: string,
  query: URLSearchParams,
  signed: readonly string[],
  headers: IncomingMessage['headers'],
): string {
  const pairs = [...query].filter(([name]) => name !== 'X-Amz-Signature').map(([name, value]) => `${encode(name)}=${encode(value)}`);
  const lines = signed.map(
    (name) =>
      `${name}:${String(headers[name] ?? '')
        .trim()
        .replaceAll(/ +/g, ' ')}\n`,
  );
  return [
    method,
    path,
    pairs.sort().join('&'),
    lines.join(''),
    signed.join(';'),
    query.get('X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD',
  ].join('\n');
}

/** RFC 3986, as signatures are computed over. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}
