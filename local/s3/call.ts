import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { notImplemented, S3Error } from './errors.ts';
import { type Level, type OperationName, operationOf } from './operations.ts';

/** S3's limit on a key, in bytes of UTF-8. */
const MAX_KEY_BYTES = 1024;

/** A request, read: which operation it asks for and of what. */
export interface Call {
  readonly operation: OperationName;
  readonly bucketName: string;
  /** Decoded. Empty for bucket operations. */
  readonly key: string;
  readonly query: URLSearchParams;
  /** The request's headers, completed by the `x-amz-*` parameters of a presigned URL, which count as headers; S3 ignores a checksum among them. */
  readonly headers: IncomingHttpHeaders;
}

/** Headers that would change what is stored or who may read it, in ways this stand-in does not follow. */
const REFUSED_HEADERS =
  /^(x-amz-(tagging(-directive)?|grant-.*|object-lock-.*|website-redirect-location|server-side-encryption-customer-.*|copy-source-server-side-encryption-.*|write-offset-bytes|mfa|rename-source.*))$/;

const OBJECT_ACLS = ['private', 'bucket-owner-full-control'];

/** @throws {S3Error} for what S3 would refuse, and `NotImplemented` by name for what is left out here. */
export function parseCall(request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>): Call {
  const { bucketName, key, query } = parseTarget(request.url ?? '/');
  const headers = { ...request.headers };
  for (const [name, value] of query) if (/^x-amz-(?!checksum-)/i.test(name)) headers[name.toLowerCase()] = value;
  assertNotExpired(query);
  const level: Level = bucketName === '' ? 'service' : key === '' ? 'bucket' : 'object';
  const operation = operationOf(request.method ?? 'GET', level, query, headers);
  for (const name of Object.keys(headers)) if (REFUSED_HEADERS.test(name)) throw notImplemented(`the header ${name} on ${operation}`);
  const acl = headers['x-amz-acl'];
  if (acl !== undefined && !OBJECT_ACLS.includes(String(acl))) {
    throw new S3Error('AccessControlListNotSupported', `The bucket does not allow ACLs; found "${acl}"`);
  }
  return { operation, bucketName, key, query, headers };
}

/** Splits a path-style target. Decoding happens once and only for the name: a key is never used as a path here. */
export function parseTarget(url: string): Pick<Call, 'bucketName' | 'key' | 'query'> {
  const [path = '', ...rest] = url.split('?');
  const match = /^\/([^/]*)\/?(.*)$/s.exec(path);
  if (match === null) throw new S3Error('InvalidURI', "Couldn't parse the specified URI.", { URI: path.slice(0, 200) });
  const [bucketName = '', key = ''] = [match[1], match[2]].map((part) => decode(part ?? ''));
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES) throw new S3Error('KeyTooLongError', 'Your key is too long', { Size: bytes, MaxSizeAllowed: MAX_KEY_BYTES });
  return { bucketName, key, query: new URLSearchParams(rest.join('?')) };
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new S3Error('InvalidURI', "Couldn't parse the specified URI: it is not percent-encoded UTF-8.", { URI: part.slice(0, 200) });
  }
}

/** The expiry of presigned URLs is part of what an upload page has to handle. */
function assertNotExpired(query: URLSearchParams): void {
  const date = query.get('X-Amz-Date');
  const expires = query.get('X-Amz-Expires');
  if (date === null || expires === null) return;
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const signedAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  const seconds = Number(expires);
  if (Number.isNaN(signedAt) || !(seconds >= 0 && seconds <= 604_800)) {
    throw new S3Error('InvalidArgument', 'X-Amz-Date must be yyyyMMddTHHmmssZ and X-Amz-Expires at most 604800 seconds', {
      ArgumentName: 'X-Amz-Expires',
      ArgumentValue: expires,
    });
  }
  const expiry = signedAt + seconds * 1000;
  if (Date.now() > expiry) {
    throw new S3Error('AccessDenied', 'Request has expired', { 'X-Amz-Expires': expires, Expires: new Date(expiry).toISOString() });
  }
}
