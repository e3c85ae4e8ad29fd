import type { IncomingHttpHeaders } from 'node:http';
import { notImplemented, S3Error } from './errors.ts';
import type { ObjectRecord } from './object-record.ts';

/** What a conditional write demands of the object that is there now. @throws {S3Error} 412 or 404 when it does not hold */
export type WriteCondition = (current: ObjectRecord | undefined) => void;

/** `If-None-Match: *` and `If-Match: "<etag>"` of PutObject and CompleteMultipartUpload. Source: S3, "Conditional writes". */
export function writeCondition(headers: IncomingHttpHeaders): WriteCondition {
  const absent = headers['if-none-match'];
  const match = headers['if-match'];
  if (absent !== undefined && absent !== '*') throw notImplemented(`If-None-Match: ${absent} on a write (S3 takes only *)`);
  return (current) => {
    if (absent !== undefined && current !== undefined) throw failed('If-None-Match');
    if (match === undefined) return;
    if (current === undefined) throw new S3Error('NoSuchKey', 'The specified key does not exist.');
    if (!names(match, current)) throw failed('If-Match');
  };
}

/** Evaluates a read's conditions in HTTP's order (RFC 9110, 13.2.2). */
export function readCondition(headers: IncomingHttpHeaders, record: ObjectRecord): 'proceed' | 'not-modified' {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  const modified = Math.floor(Date.parse(record.modified) / 1000) * 1000;
  if (match !== undefined) {
    if (!names(match, record)) throw failed('If-Match');
  } else if (modified > Date.parse(headers['if-unmodified-since'] ?? '')) throw failed('If-Unmodified-Since');
  if (noneMatch !== undefined) return names(noneMatch, record) ? 'not-modified' : 'proceed';
  return modified <= Date.parse(headers['if-modified-since'] ?? '') ? 'not-modified' : 'proceed';
}

function names(list: string, { etag }: ObjectRecord): boolean {
  return list.split(',').some((item) => {
    const wanted = item.trim().replace(/^W\//, '');
    return wanted === '*' || wanted.replaceAll('"', '') === etag;
  });
}

function failed(condition: string): S3Error {
  return new S3Error('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', { Condition: condition });
}
