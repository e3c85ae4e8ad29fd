import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { pipeline, Transform, type TransformCallback } from 'node:stream';
import { AwsChunkedDecoder } from './aws-chunked.ts';
import { CHECKSUMS, type Checksum, hash } from './checksums.ts';
import { S3Error, type S3ErrorCode } from './errors.ts';
import { contentsOf } from './xml.ts';

/** S3's limit on one PUT. */
const MAX_PUT_BYTES = 5 * 1024 ** 3;
/** Completing 10,000 parts with checksums takes about 2 MiB. */
const MAX_XML_BYTES = 8 * 1024 * 1024;

export interface StoredChecksum {
  /** Such as `x-amz-checksum-crc32`. */
  readonly header: string;
  readonly value: string;
}

interface Expectation {
  readonly running: Checksum;
  /** What the client promised; read at the end, because trailers come last. */
  readonly expected: () => string | undefined;
  readonly code: S3ErrorCode;
  readonly message: string;
}

/**
 * The content of a PutObject or UploadPart: unframed, counted, and verified against every checksum the client sent.
 * Ends with an error when they disagree, so that whoever stores it discards what it has.
 */
export class Body extends Transform {
  /** The client's `x-amz-checksum-*`, verified. Set when the stream has ended. */
  checksum: StoredChecksum | undefined;
  readonly #expectations: Expectation[];
  readonly #expectedBytes: number;
  readonly #checksumHeader: string | undefined;
  #bytes = 0;

  constructor(headers: IncomingHttpHeaders, trailers: ReadonlyMap<string, string>) {
    super();
    this.#expectedBytes = Number(headers['x-amz-decoded-content-length'] ?? headers['content-length']);
    this.#checksumHeader = Object.keys(CHECKSUMS).find((name) => name in headers || headers['x-amz-trailer']?.includes(name));
    this.#expectations = expectationsOf(headers, trailers, this.#checksumHeader);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#bytes += chunk.length;
    for (const { running } of this.#expectations) running.update(chunk);
    done(null, chunk);
  }

  override _flush(done: TransformCallback): void {
    done(this.#verify());
  }

  #verify(): S3Error | null {
    if (this.#bytes !== this.#expectedBytes) {
      const message = `The request body has ${this.#bytes} bytes, its header promised ${this.#expectedBytes}; send it again`;
      return new S3Error('IncompleteBody', message);
    }
    for (const { running, expected, code, message } of this.#expectations) {
      const [found, promised] = [running.digest(), expected()];
      if (found !== promised) return new S3Error(code, message, { ExpectedDigest: promised ?? '', CalculatedDigest: found });
      if (code === 'BadDigest' && this.#checksumHeader !== undefined) this.checksum = { header: this.#checksumHeader, value: found };
    }
    return null;
  }
}

function expectationsOf(headers: IncomingHttpHeaders, trailers: ReadonlyMap<string, string>, checksum: string | undefined): Expectation[] {
  const expectations: Expectation[] = [];
  const md5 = headers['content-md5'];
  if (md5 !== undefined) {
    const message = 'The Content-MD5 you specified did not match what we received.';
    expectations.push({ running: hash('md5'), expected: () => String(md5), code: 'BadDigest', message });
  }
  const sha256 = String(headers['x-amz-content-sha256'] ?? '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(sha256)) {
    const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    expectations.push({ running: hash('sha256', 'hex'), expected: () => sha256, code: 'XAmzContentSHA256Mismatch', message });
  }
  const create = checksum === undefined ? undefined : CHECKSUMS[checksum];
  if (checksum !== undefined && create !== undefined) {
    const expected = () => (typeof headers[checksum] === 'string' ? headers[checksum] : trailers.get(checksum));
    const message = `The ${checksum.slice('x-amz-checksum-'.length).toUpperCase()} you specified did not match the calculated checksum.`;
    expectations.push({ running: create(), expected, code: 'BadDigest', message });
  }
  return expectations;
}

/** The verified content of an upload. @throws {S3Error} when its length is missing or too large, before any byte is read. */
export function openBody(request: IncomingMessage, headers: IncomingHttpHeaders): Body {
  const chunked =
    /^STREAMING-/.test(String(headers['x-amz-content-sha256'] ?? '')) || /aws-chunked/.test(headers['content-encoding'] ?? '');
  const length = chunked ? headers['x-amz-decoded-content-length'] : headers['content-length'];
  if (typeof length !== 'string' || !/^\d+$/.test(length)) {
    throw new S3Error('MissingContentLength', 'You must provide the Content-Length HTTP header.');
  }
  if (Number(length) > MAX_PUT_BYTES) {
    throw new S3Error('EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size', {
      ProposedSize: length,
      MaxSizeAllowed: MAX_PUT_BYTES,
    });
  }
  if (!chunked) return feed(request, new Body(headers, new Map()));
  const decoder = new AwsChunkedDecoder();
  return pipeline(feed(request, decoder), new Body(headers, decoder.trailers), () => {});
}

/**
 * Pipes a request without tying its life to the reader's: when the reader fails, the rest is drained and the connection stays
 * open for the error's XML. `stream.pipeline` would close it, and the client would see a network fault.
 */
function feed<T extends Transform>(request: IncomingMessage, into: T): T {
  request.once('close', () => {
    if (!request.complete) into.destroy(new S3Error('IncompleteBody', 'The request body terminated unexpectedly'));
  });
  // A short body can fail before its reader has come; the reader finds the error when it does.
  into.on('error', () => request.unpipe(into).resume());
  return request.pipe(into);
}

/** A small XML body, verified like any other. @throws {S3Error} MalformedXML unless its root is `root`. */
export async function readXml(request: IncomingMessage, headers: IncomingHttpHeaders, root: string): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of openBody(request, headers) as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > MAX_XML_BYTES) throw new S3Error('MalformedXML', `The XML you provided exceeds ${MAX_XML_BYTES} bytes`);
    parts.push(part);
  }
  const content = contentsOf(Buffer.concat(parts).toString('utf8'), root)[0];
  if (content === undefined) {
    throw new S3Error('MalformedXML', `The XML you provided was not well-formed or has no ${root} element`);
  }
  return content;
}
