import type { IncomingHttpHeaders } from 'node:http';
import { notImplemented } from './errors.ts';

export type Level = 'service' | 'bucket' | 'object';

interface Operation {
  readonly method: string;
  readonly level: Level;
  /** The query parameter that selects the operation. */
  readonly selector?: string;
  /** The header that selects the operation. */
  readonly header?: string;
  /** Query parameters it understands, next to the selector, `x-id` and those of a presigned URL. */
  readonly query?: readonly string[];
  /** Answered with NotImplemented, by name. */
  readonly missing?: true;
}

const RESPONSE_OVERRIDES = ['content-type', 'content-language', 'expires', 'cache-control', 'content-disposition', 'content-encoding'].map(
  (name) => `response-${name}`,
);
const LISTING = ['prefix', 'delimiter', 'max-keys', 'encoding-type', 'fetch-owner'];
const VERSION = 'versionId';

/** All that is answered. The first match wins, so the selective ones come first. */
const OPERATIONS = {
  ListBuckets: { method: 'GET', level: 'service', query: ['max-buckets', 'prefix', 'bucket-region'] },
  ListMultipartUploads: {
    method: 'GET',
    level: 'bucket',
    selector: 'uploads',
    query: ['prefix', 'max-uploads', 'key-marker', 'upload-id-marker', 'encoding-type'],
  },
  ListObjectVersions: {
    method: 'GET',
    level: 'bucket',
    selector: 'versions',
    query: ['prefix', 'max-keys', 'encoding-type', 'key-marker'],
  },
  ListObjectsV2: { method: 'GET', level: 'bucket', selector: 'list-type', query: [...LISTING, 'start-after', 'continuation-token'] },
  ListObjects: { method: 'GET', level: 'bucket', query: [...LISTING, 'marker'] },
  HeadBucket: { method: 'HEAD', level: 'bucket' },
  DeleteObjects: { method: 'POST', level: 'bucket', selector: 'delete' },
  ListParts: { method: 'GET', level: 'object', selector: 'uploadId', query: ['max-parts', 'part-number-marker'] },
  GetObjectAttributes: { method: 'GET', level: 'object', selector: 'attributes', missing: true },
  GetObjectTagging: { method: 'GET', level: 'object', selector: 'tagging' },
  GetObject: { method: 'GET', level: 'object', query: RESPONSE_OVERRIDES },
  HeadObject: { method: 'HEAD', level: 'object', query: RESPONSE_OVERRIDES },
  UploadPartCopy: { method: 'PUT', level: 'object', selector: 'uploadId', header: 'x-amz-copy-source', query: ['partNumber'] },
  UploadPart: { method: 'PUT', level: 'object', selector: 'uploadId', query: ['partNumber'] },
  CopyObject: { method: 'PUT', level: 'object', header: 'x-amz-copy-source' },
  PutObject: { method: 'PUT', level: 'object' },
  CreateMultipartUpload: { method: 'POST', level: 'object', selector: 'uploads' },
  CompleteMultipartUpload: { method: 'POST', level: 'object', selector: 'uploadId' },
  AbortMultipartUpload: { method: 'DELETE', level: 'object', selector: 'uploadId' },
  DeleteObject: { method: 'DELETE', level: 'object' },
} as const satisfies Record<string, Operation>;

type AnyOperation = keyof typeof OPERATIONS;
type Missing = 'GetObjectAttributes';
/** A CORS preflight has no operation name in S3's API. */
export type OperationName = Exclude<AnyOperation, Missing> | 'Preflight';

/**
 * Which operation a request asks for. A parameter the operation does not know is refused, so that nothing is answered
 * as if it had been understood: `GET ?acl` is not a plain listing.
 */
export function operationOf(method: string, level: Level, query: URLSearchParams, headers: IncomingHttpHeaders): OperationName {
  if (method === 'OPTIONS') return 'Preflight';
  for (const [name, operation] of Object.entries(OPERATIONS) as [AnyOperation, Operation][]) {
    if (operation.method !== method || operation.level !== level) continue;
    if (operation.selector !== undefined && !query.has(operation.selector)) continue;
    if (operation.header !== undefined && headers[operation.header] === undefined) continue;
    if (operation.missing) throw notImplemented(name);
    const known = [operation.selector, ...(operation.query ?? [])];
    const unknown = [...query.keys()].find((key) => !known.includes(key) && !isCommon(key, query));
    if (unknown !== undefined) throw notImplemented(`${method} of ${article(level)} with the parameter "${unknown}"`);
    return name as OperationName;
  }
  const unmatched = [...query.keys()].find((key) => !isCommon(key, query));
  throw notImplemented(`${method} of ${article(level)}${unmatched === undefined ? '' : ` with the parameter "${unmatched}"`}`);
}

function isCommon(parameter: string, query: URLSearchParams): boolean {
  // Buckets here have no versions: "null" is what S3 calls the only version of an object in such a bucket.
  return parameter === 'x-id' || /^x-amz-/i.test(parameter) || (parameter === VERSION && query.get(VERSION) === 'null');
}

function article(level: Level): string {
  return level === 'object' ? 'an object' : level === 'bucket' ? 'a bucket' : 'the service';
}
