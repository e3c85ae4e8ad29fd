import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { pipeline, type Readable, Transform } from 'node:stream';
import { openBody, readXml } from './body.ts';
import { CHECKSUMS } from './checksums.ts';
import { writeCondition } from './conditions.ts';
import { copySourceOf } from './copy-source.ts';
import { S3Error } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { keptHeaders } from './object-record.ts';
import { assertJoined, elementOf, headerOf, joinedChecksum, partChecksum, uploadChecksumOf } from './upload-checksum.ts';
import type { Part, Upload } from './uploads.ts';
import { contentsOf, element, textOf } from './xml.ts';

const MAX_PARTS = 10_000;
/** Of every part but the last. */
const MIN_PART_BYTES = 5 * 1024 * 1024;

export function createMultipartUpload({ bucket, call, response, answerXml }: Exchange): void {
  const checksum = uploadChecksumOf(call.headers);
  const upload = bucket.uploads.create(call.key, keptHeaders(call.headers), checksum);
  if (checksum !== undefined) {
    response.setHeader('x-amz-checksum-algorithm', checksum.algorithm);
    response.setHeader('x-amz-checksum-type', checksum.type);
  }
  answerXml('InitiateMultipartUploadResult', [element('Bucket', bucket.name), element('Key', call.key), element('UploadId', upload.id)]);
}

export async function uploadPart({ bucket, call, request, response }: Exchange): Promise<void> {
  const upload = bucket.uploads.find(call.key, call.query.get('uploadId'));
  const number = partNumberOf(call.query);
  const body = openBody(request, call.headers);
  const part = await bucket.uploads.putPart(upload, number, body, () => partChecksum(upload, body.checksum));
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
  // Of a copy, S3 computes the checksum itself.
  const algorithm = upload.checksum?.algorithm ?? '';
  const running = CHECKSUMS[headerOf(algorithm)]?.();
  const measured = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      running?.update(chunk);
      done(null, chunk);
    },
  });
  const content = pipeline(object.content, measured, () => {});
  const part = await bucket.uploads.putPart(upload, number, content, () => running?.digest());
  answerXml('CopyPartResult', [
    element('LastModified', part.modified),
    element('ETag', `"${part.etag}"`),
    ...(part.checksum === undefined ? [] : [element(elementOf(algorithm), part.checksum)]),
  ]);
}

export async function completeMultipartUpload({ bucket, call, request, answerXml }: Exchange): Promise<void> {
  const { uploads } = bucket;
  const upload = uploads.find(call.key, call.query.get('uploadId'));
  const condition = writeCondition(call.headers);
  const parts = chooseParts(upload, await readXml(request, call.headers, 'CompleteMultipartUpload'));
  const md5 = createHash('md5');
  for (const { etag } of parts) md5.update(etag, 'hex');
  const checksum = joinedChecksum(upload, parts);
  assertJoined(call.headers, checksum);
  assertWholeSize(call.headers, parts);
  uploads.claim(upload);
  try {
    const draft = { key: upload.key, headers: upload.headers, condition, checksum, reason: 'CompleteMultipartUpload' } as const;
    const streams = opened(parts, (part) => uploads.openPart(upload, part));
    const record = await bucket.write(draft, streams, `${md5.digest('hex')}-${parts.length}`);
    await uploads.remove(upload);
    answerXml('CompleteMultipartUploadResult', [
      element('Location', `http://${request.headers.host}/${bucket.name}/${encodeURIComponent(record.key)}`),
      element('Bucket', bucket.name),
      element('Key', record.key),
      element('ETag', `"${record.etag}"`),
      ...(upload.checksum === undefined || checksum === undefined
        ? []
        : [element(elementOf(upload.checksum.algorithm), checksum.value), element('ChecksumType', upload.checksum.type)]),
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
    checksum: upload.checksum && textOf(part, elementOf(upload.checksum.algorithm)),
  }));
  if (listed.length === 0 || listed.length > MAX_PARTS) {
    throw new S3Error('MalformedXML', `The XML you provided lists ${listed.length} parts; between 1 and ${MAX_PARTS} are needed`);
  }
  if (listed.some(({ number }, index) => number <= (listed[index - 1]?.number ?? 0))) {
    throw new S3Error('InvalidPartOrder', 'The list of parts was not in ascending order. Parts must be ordered by part number.');
  }
  const parts = listed.map(({ number, etag, checksum }) => {
    const part = upload.parts.get(number);
    if (part?.etag === etag && upload.checksum?.type === 'COMPOSITE' && checksum === undefined) {
      const algorithm = upload.checksum.algorithm.toLowerCase();
      throw new S3Error(
        'InvalidRequest',
        `The upload was created using a ${algorithm} checksum. The complete request must include the checksum for each part. It was missing for part ${number} in the request.`,
      );
    }
    if (part?.etag === etag && (checksum === undefined || checksum === part.checksum)) return part;
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

/** `x-amz-mp-object-size`: what the client takes the whole for. */
function assertWholeSize(headers: IncomingHttpHeaders, parts: readonly Part[]): void {
  const promised = headers['x-amz-mp-object-size'];
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (promised === undefined || Number(promised) === size) return;
  throw new S3Error(
    'InvalidRequest',
    `The provided 'x-amz-mp-object-size' header value ${promised} does not match what was computed: ${size}`,
  );
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
