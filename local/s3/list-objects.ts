import { S3Error } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { element } from './xml.ts';

const MAX_KEYS = 1000;

export interface ListRequest {
  readonly prefix: string;
  readonly delimiter: string;
  /** Exclusive. */
  readonly after: string;
  readonly maxKeys: number;
}

export interface Listing {
  readonly keys: readonly string[];
  readonly commonPrefixes: readonly string[];
  /** The last key or common prefix of a page that is followed by another. */
  readonly next: string | undefined;
}

/** One page of `sortedKeys`. Common prefixes count as entries of the page, each once over all pages. */
export function listPage(sortedKeys: readonly string[], { prefix, delimiter, after, maxKeys }: ListRequest): Listing {
  const keys: string[] = [];
  const commonPrefixes: string[] = [];
  let last = '';
  const afterBytes = Buffer.from(after);
  for (const key of sortedKeys) {
    if (!key.startsWith(prefix) || (after !== '' && Buffer.compare(Buffer.from(key), afterBytes) <= 0)) continue;
    const cut = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const entry = cut === -1 ? key : key.slice(0, cut + delimiter.length);
    if (cut !== -1 && (entry === last || entry === after)) continue;
    if (keys.length + commonPrefixes.length >= maxKeys) return { keys, commonPrefixes, next: maxKeys === 0 ? undefined : last };
    (cut === -1 ? keys : commonPrefixes).push(entry);
    last = entry;
  }
  return { keys, commonPrefixes, next: undefined };
}

/** ListObjects and ListObjectsV2: s3rver's own cannot page on current OpenSSL and orders by directory, not by key. */
export function listObjects({ bucket, call, answerXml }: Exchange): void {
  const { query } = call;
  const v2 = call.operation === 'ListObjectsV2';
  const token = query.get('continuation-token');
  const list: ListRequest = {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    after: token === null ? (query.get(v2 ? 'start-after' : 'marker') ?? '') : decodeToken(token),
    maxKeys: maxKeysOf(query.get('max-keys')),
  };
  const { keys, commonPrefixes, next } = listPage(bucket.keys(), list);
  const name = query.get('encoding-type') === 'url' ? encodeKey : (key: string) => key;
  const contents = keys.flatMap((key) => {
    const record = bucket.get(key);
    if (record === undefined) return [];
    return element('Contents', [
      element('Key', name(key)),
      element('LastModified', record.modified),
      element('ETag', `"${record.etag}"`),
      element('Size', String(record.size)),
      element('StorageClass', record.headers['x-amz-storage-class'] ?? 'STANDARD'),
    ]);
  });
  const optional = (tag: string, value: string | null | undefined) => (value === null || value === undefined ? [] : element(tag, value));
  answerXml(
    'ListBucketResult',
    [
      element('Name', bucket.name),
      element('Prefix', name(list.prefix)),
      optional('Delimiter', list.delimiter === '' ? undefined : name(list.delimiter)),
      element('MaxKeys', String(list.maxKeys)),
      optional('EncodingType', query.get('encoding-type')),
      v2 ? element('KeyCount', String(keys.length + commonPrefixes.length)) : element('Marker', name(list.after)),
      v2 ? optional('StartAfter', query.get('start-after')) : [],
      optional('ContinuationToken', token),
      optional(v2 ? 'NextContinuationToken' : 'NextMarker', next === undefined ? undefined : v2 ? encodeToken(next) : name(next)),
      element('IsTruncated', String(next !== undefined)),
      contents,
      commonPrefixes.map((prefix) => element('CommonPrefixes', [element('Prefix', name(prefix))])),
    ].flat(),
  );
}

export function maxKeysOf(text: string | null): number {
  if (text === null) return MAX_KEYS;
  if (/^\d{1,10}$/.test(text)) return Math.min(MAX_KEYS, Number(text));
  throw new S3Error('InvalidArgument', 'Provided max-keys not an integer or within integer range', {
    ArgumentName: 'max-keys',
    ArgumentValue: text.slice(0, 100),
  });
}

function encodeToken(last: string): string {
  return Buffer.from(`after:${last}`).toString('base64');
}

function decodeToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString();
  if (text.startsWith('after:')) return text.slice('after:'.length);
  throw new S3Error('InvalidArgument', 'The continuation token provided is incorrect', { ArgumentName: 'continuation-token' });
}

export function encodeKey(key: string): string {
  return encodeURIComponent(key).replaceAll('%2F', '/');
}
