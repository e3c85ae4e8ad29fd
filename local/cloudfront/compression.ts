import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Answer } from './answer.ts';
import type { ViewerRequest } from './viewer-request.ts';

/** CloudFront compresses between these sizes. Source: CloudFront, "Serve compressed files". */
const MIN_BYTES = 1_000;
const MAX_BYTES = 10_000_000;

const COMPRESSED_TYPES =
  /^(text\/.*|application\/(javascript|json|manifest\+json|rss\+xml|vnd\.apple\.mpegurl|wasm|x-javascript|x-mpegurl|xhtml\+xml|xml)|image\/svg\+xml)$/i;

/** Compresses what CloudFront would: a whole text of a fitting size, when the viewer takes gzip. Streams. */
export function compress(answer: Answer, request: ViewerRequest): Answer {
  const { status, headers, body } = answer;
  const type = String(headers['content-type'] ?? '').split(';')[0] ?? '';
  const length = Number(headers['content-length']);
  if (status !== 200 || headers['content-encoding'] !== undefined || !COMPRESSED_TYPES.test(type.trim())) return answer;
  if (!(length >= MIN_BYTES && length <= MAX_BYTES) || !acceptsGzip(request.headers['accept-encoding'])) return answer;
  const { 'content-length': _, 'accept-ranges': _ranges, ...rest } = headers;
  const changed: Answer['headers'] = {
    ...rest,
    'content-encoding': 'gzip',
    vary: [headers.vary ?? [], 'Accept-Encoding'].flat().join(', '),
  };
  // The bytes differ from those the origin's strong ETag names.
  if (typeof headers.etag === 'string') changed.etag = headers.etag.startsWith('W/') ? headers.etag : `W/${headers.etag}`;
  if (body === undefined) return { status, headers: changed };
  const source = Buffer.isBuffer(body) ? Readable.from([body]) : body;
  return { status, headers: changed, body: pipeline(source, createGzip(), () => {}) };
}

function acceptsGzip(header: string | undefined): boolean {
  return (header ?? '').split(',').some((coding) => /^\s*(gzip|\*)\s*(;\s*q\s*=\s*(0\.0*[1-9]\d*|1(\.0*)?)\s*)?$/i.test(coding));
}
