import type { IncomingHttpHeaders } from 'node:http';
import type { Bucket } from './bucket.ts';
import { parseTarget } from './call.ts';
import { readCondition } from './conditions.ts';
import { notImplemented, S3Error } from './errors.ts';
import type { Exchange } from './exchange.ts';
import type { ObjectRecord } from './object-record.ts';

/** What `x-amz-copy-source: [/]bucket/key` names; clients encode it whole or by segment. @throws {S3Error} when it does not exist */
export function copySourceOf({ call, bucketNamed }: Pick<Exchange, 'call' | 'bucketNamed'>): {
  bucket: Bucket;
  key: string;
  record: ObjectRecord;
} {
  const header = String(call.headers['x-amz-copy-source']).replace(/^\/|^%2F/i, '');
  const [path = '', query] = header.split('?');
  if (query !== undefined && query !== 'versionId=null') throw notImplemented(`copying a version (${query.slice(0, 100)})`);
  const { bucketName, key } = parseTarget(`/${path.includes('/') ? path : path.replace(/%2F/i, '/')}`);
  const bucket = bucketNamed(bucketName);
  const record = bucket.get(key);
  if (record === undefined) throw new S3Error('NoSuchKey', 'The specified key does not exist.', { Key: key });
  assertUnchanged(call.headers, record);
  return { bucket, key, record };
}

/** `x-amz-copy-source-if-…`: the conditions of a read, except that "not modified" is a failure too. */
function assertUnchanged(headers: IncomingHttpHeaders, record: ObjectRecord): void {
  const prefix = 'x-amz-copy-source-';
  const conditions = Object.entries(headers).filter(([name]) => name.startsWith(`${prefix}if-`));
  if (readCondition(Object.fromEntries(conditions.map(([name, value]) => [name.slice(prefix.length), value])), record) === 'proceed')
    return;
  throw new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', {
    Condition: 'x-amz-copy-source',
  });
}
