import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { openBody, readXml } from './body.ts';
import { writeCondition } from './conditions.ts';
import { copySourceOf } from './copy-source.ts';
import { S3Error } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { keptHeaders } from './object-record.ts';
import type { Part, Upload } from './uploads.ts';
import { contentsOf, element, textOf } from './xml.ts';

const MAX_PARTS = 10_000;
/** Of every part but the last. */
const MIN_PART_BYTES = 5 * 1024 * 1024;

export function createMultipartUpload({ bucket, call, answerXml }: Exchange): void {
  const upload = bucket.uploads.create(call.key, keptHeaders(call.headers));
  answerXml('InitiateMultipartUploadResult', [element('Bucket', bucket.name), element('Key', call.key), element('UploadId', upload.id)]);
}

export async function uploadPart({ bucket, call, request, response }: Exchange): Promise<void> {
  const upload = bucket.uploads.find(call.key, call.query.get('uploadId'));
  const number = partNumberOf(call.query);
  const body = openBody(request, call.headers);
  const part = await bucket.uploads.putPart(upload, number, body);
  if (body.checksum !== undefined) response.setHeader(body.checksum.header, body.checksum.value);
  response.setHeader('etag', `"${part.etag}"`);
  response.end();
}

export async function uploadPartCopy(exchange: Exchange): Promise<void> {
  const { bucket, call, answerXml } = exchange;
  const upload = bucket.uploads.find(call.key, call.query.get('uploadId'));
  const number = partNumberOf(call.query);
  const source = copySourceOf(exchange);
  const object = await source.bucket.read(source.key, copyRange(call.headers['x-amz-copy-source-range'], source.record.size));
  if (object === undefined) throw new S3Error('NoSuchKey', 'The specified key does not exist.', { Key: source.key });
  const part = await bucket.uploads.putPart(upload, number, object.content);
  answerXml('CopyPartResult', [element('LastModified', new Date().toISOString()), element('ETag', `"${part.etag}"`)]);
}

export async function completeMultipartUpload({ bucket, call, request, answerXml }: Exchange): Promise<void> {
  const { uploads } = bucket;
  const upload = uploads.find(call.key, call.query.get('uploadId'));
  const condition = writeCondition(call.headers);
  const parts = chooseParts(upload, await readXml(request, call.headers, 'CompleteMultipartUpload'));
  const md5 = createHash('md5');
  for (const { etag } of parts) md5.update(etag, 'hex');
  uploads.claim(upload);
  try {
    const draft = { key: upload.key, headers: upload.headers, condition, reason: 'CompleteMultipartUpload' } as const;
    const streams = opened(parts, (part) => uploads.openPart(upload, part));
    const record = await bucket.write(draft, streams, `${md5.digest('hex')}-${parts.length}`);
    await uploads.remove(upload);
    answerXml('CompleteMultipartUploadResult', [
      element('Location', `http://${request.headers.host}/${bucket.name}/${encodeURIComponent(record.key)}`),
      element('Bucket', bucket.name),
      element('Key', record.key),
      element('ETag', `"${record.etag}"`),
    ]);
  } catch (error) {
    uploads.release(upload);
    throw error;
  }
}

export async function abortMultipartUpload({ bucket, call, response }: Exchange): Promise<void> {
  const upload = bucket.uploads.find(call.key, call.query.get('uploadId'));
  bucket.uploads.claim(upload);
  await bucket.uploads.remove(upload);
  response.writeHead(204).end();
}

/** Opens one part at a time: ten thousand at once would exhaust the file descriptors. */
function* opened(parts: readonly Part[], open: (part: Part) => Readable): Generator<Readable> {
  for (const part of parts) yield open(part);
}

/** The parts the client lists, checked as S3 checks them. */
function chooseParts(upload: Upload, xml: string): Part[] {
  const listed = contentsOf(xml, 'Part').map((part) => ({
    number: Number(textOf(part, 'PartNumber')),
    etag: (textOf(part, 'ETag') ?? '').replaceAll('"', ''),
  }));
  if (listed.length === 0 || listed.length > MAX_PARTS) {
    throw new S3Error('MalformedXML', `The XML you provided lists ${listed.length} parts; between 1 and ${MAX_PARTS} are needed`);
  }
  if (listed.some(({ number }, index) => number <= (listed[index - 1]?.number ?? 0))) {
    throw new S3Error('InvalidPartOrder', 'The list of parts was not in ascending order. Parts must be ordered by part number.');
  }
  const parts = listed.map(({ number, etag }) => {
    const part = upload.parts.get(number);
    if (part?.etag === etag) return part;
    throw new S3Error('InvalidPart', "One or more of the specified parts could not be found, or the part's entity tag does not match.", {
      PartNumber: number,
      ETag: etag,
    });
  });
  const small = parts.slice(0, -1).find(({ size }) => size < MIN_PART_BYTES);
  if (small === undefined) return parts;
  throw new S3Error('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size', {
    PartNumber: small.number,
    ProposedSize: small.size,
    MinSizeAllowed: MIN_PART_BYTES,
  });
}

function partNumberOf(query: URLSearchParams): number {
  const text = query.get('partNumber') ?? '';
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= MAX_PARTS) return number;
  throw new S3Error('InvalidArgument', `Part number must be an integer between 1 and ${MAX_PARTS}, inclusive`, {
    ArgumentName: 'partNumber',
    ArgumentValue: text.slice(0, 200),
  });
}

function copyRange(header: string | string[] | undefined, size: number): { start: number; end: number } | undefined {
  if (header === undefined) return undefined;
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(String(header)) ?? [];
  const range = { start: Number(first), end: Number(last) };
  if (range.start <= range.end && range.end < size) return range;
  throw new S3Error('InvalidArgument', `Range specified is not valid for source object of size: ${size}`, {
    ArgumentName: 'x-amz-copy-source-range',
    ArgumentValue: String(header).slice(0, 200),
  });
}
