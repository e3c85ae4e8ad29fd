import type { IncomingHttpHeaders } from 'node:http';
import type { StoredChecksum } from './body.ts';

/** An object without its bytes: one JSON file on disk, one entry in memory. */
export interface ObjectRecord {
  readonly key: string;
  readonly size: number;
  /** Without quotes. `md5`, or `md5-N` of a multipart upload. */
  readonly etag: string;
  /** ISO 8601. */
  readonly modified: string;
  /** What a read answers again: `content-type` and the like, `x-amz-meta-*`. Lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksum?: StoredChecksum | undefined;
  /** The name of the file with the bytes. A new write gets a new one, so what a reader has open never changes. */
  readonly content: string;
}

const KEPT = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
  'x-amz-storage-class',
];

/** The headers of a write that are kept with the object. */
export function keptHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === 'string' && (KEPT.includes(name) || name.startsWith('x-amz-meta-'))) kept[name] = value;
  }
  // aws-chunked describes the transfer, not the object.
  const encoding = (kept['content-encoding'] ?? '').split(',').filter((part) => part.trim() !== 'aws-chunked');
  delete kept['content-encoding'];
  if (encoding.join('').trim() !== '') kept['content-encoding'] = encoding.join(',').trim();
  kept['content-type'] ??= 'binary/octet-stream';
  return kept;
}
