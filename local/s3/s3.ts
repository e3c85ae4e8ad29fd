import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import type { StreamingService } from '../gateway/service.ts';
import { openBody } from './body.ts';
import { Bucket, type BucketListener, type CreatedReason } from './bucket.ts';
import { parseCall } from './call.ts';
import { readCondition, writeCondition } from './conditions.ts';
import { copySourceOf } from './copy-source.ts';
import { applyCors, type CorsRule } from './cors.ts';
import { deleteObjects } from './delete-objects.ts';
import { Engine } from './engine.ts';
import { notImplemented, renderError, S3Error } from './errors.ts';
import { type Exchange, xmlAnswerer } from './exchange.ts';
import { listObjects } from './list-objects.ts';
import { listMultipartUploads, listParts } from './list-uploads.ts';
import { listObjectVersions } from './list-versions.ts';
import { abortMultipartUpload, completeMultipartUpload, createMultipartUpload, uploadPart, uploadPartCopy } from './multipart.ts';
import type { OperationName } from './operations.ts';
import { assertSigned } from './presigned.ts';
import { resolveRange } from './range.ts';

/** One `AWS::S3::Bucket` of the template. */
export interface BucketSpec {
  readonly name: string;
  /** @default none: no browser of another origin may read an answer */
  readonly corsRules?: readonly CorsRule[] | undefined;
  /** Whether the bucket announces its objects: `NotificationConfiguration.EventBridgeConfiguration`. */
  readonly eventBridge: boolean;
}

export interface ObjectCreated {
  readonly bucket: string;
  readonly key: string;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Never set: buckets here have no versions. */
  readonly versionId?: string;
  readonly reason: CreatedReason;
}

export interface ObjectDeleted {
  readonly bucket: string;
  readonly key: string;
  readonly reason: 'DeleteObject';
}

export interface S3Options {
  /** Holds one folder per bucket; kept between runs. One process at a time. */
  readonly directory: string;
  readonly buckets: readonly BucketSpec[];
  /** Called once per completed object, when it can be read. */
  readonly onObjectCreated: (event: ObjectCreated) => void;
  readonly onObjectDeleted?: (event: ObjectDeleted) => void;
}

/** CopyObject's limit; larger objects take UploadPartCopy. */
const MAX_COPY_BYTES = 5 * 1024 ** 3;

/** S3 as the product uses it: s3rver in this process, completed where it falls short of the service. Of signatures, those of URLs are verified. */
export class S3 implements StreamingService {
  readonly protocol = 'streaming';
  readonly #buckets = new Map<string, Bucket>();
  readonly #corsRules = new Map<string, readonly CorsRule[]>();
  readonly #engine: Engine;

  /** @throws {UserError} when the directory cannot be used */
  constructor({ directory, buckets, onObjectCreated, onObjectDeleted }: S3Options) {
    for (const { name, corsRules = [], eventBridge } of buckets) {
      const listener: BucketListener = {
        created: ({ key, size, etag }, reason) => eventBridge && onObjectCreated({ bucket: name, key, size, etag, reason }),
        deleted: (key) => eventBridge && onObjectDeleted?.({ bucket: name, key, reason: 'DeleteObject' }),
      };
      this.#buckets.set(name, openBucket(name, directory, listener));
      this.#corsRules.set(name, corsRules);
    }
    this.#engine = new Engine(this.#buckets, directory);
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('x-amz-request-id', randomBytes(8).toString('hex').toUpperCase());
    try {
      assertSigned(request);
      const call = parseCall(request);
      const bucketNamed = (name: string) => this.#bucketNamed(name);
      // ListBuckets has no bucket, and nothing that answers it looks at one.
      const bucket = call.operation === 'ListBuckets' ? (undefined as unknown as Bucket) : bucketNamed(call.bucketName);
      applyCors(this.#corsRules.get(call.bucketName) ?? [], request, response);
      await this.#operations[call.operation]({ request, response, call, bucket, bucketNamed, answerXml: xmlAnswerer(response) });
    } catch (error) {
      renderError(response, error);
    } finally {
      // What an early answer left unread; a client that is still sending would take a closed connection for a fault.
      request.resume();
    }
  }

  readonly #operations: Readonly<Record<OperationName, (exchange: Exchange) => void | Promise<void>>> = {
    ListBuckets: (exchange) => this.#engine.handle(exchange, exchange.call.headers),
    HeadBucket: ({ response }) => void response.writeHead(200).end(),
    ListObjects: listObjects,
    ListObjectsV2: listObjects,
    ListObjectVersions: listObjectVersions,
    DeleteObjects: deleteObjects,
    GetObject: (exchange) => this.#read(exchange),
    HeadObject: (exchange) => this.#read(exchange),
    GetObjectTagging: (exchange) => this.#engine.handle(exchange, exchange.call.headers),
    PutObject: (exchange) => this.#put(exchange),
    CopyObject: (exchange) => this.#copy(exchange),
    DeleteObject: (exchange) => this.#delete(exchange),
    ListParts: listParts,
    ListMultipartUploads: listMultipartUploads,
    CreateMultipartUpload: createMultipartUpload,
    UploadPart: uploadPart,
    UploadPartCopy: uploadPartCopy,
    CompleteMultipartUpload: completeMultipartUpload,
    AbortMultipartUpload: abortMultipartUpload,
    Preflight: ({ response }) => void response.writeHead(200).end(),
  };

  /** Conditions and ranges are decided here: s3rver knows one ETag, no `If-Match`, and reads `bytes=0-0` and `bytes=-5` as other ranges. */
  async #read(exchange: Exchange): Promise<void> {
    const { bucket, call, response } = exchange;
    const { range, 'if-match': _m, 'if-none-match': _n, 'if-modified-since': _s, 'if-unmodified-since': _u, ...headers } = call.headers;
    const record = bucket.get(call.key);
    if (record === undefined) throw new S3Error('NoSuchKey', 'The specified key does not exist.', { Key: call.key });
    if (readCondition(call.headers, record) === 'not-modified') {
      response.writeHead(304, { etag: `"${record.etag}"`, 'last-modified': new Date(record.modified).toUTCString() }).end();
      return;
    }
    const resolved = resolveRange(range, record.size);
    if (resolved === undefined && record.checksum !== undefined && call.headers['x-amz-checksum-mode'] === 'ENABLED') {
      response.setHeader(record.checksum.header, record.checksum.value);
    }
    await this.#engine.handle(exchange, resolved === undefined ? headers : { ...headers, range: resolved });
  }

  async #put(exchange: Exchange): Promise<void> {
    const { bucket, call, request, response } = exchange;
    const condition = writeCondition(call.headers);
    condition(bucket.get(call.key));
    const body = Object.assign(openBody(request, call.headers), { condition });
    body.once('end', () => {
      if (body.checksum !== undefined && !response.headersSent) response.setHeader(body.checksum.header, body.checksum.value);
    });
    await this.#engine.handle(exchange, call.headers, body);
  }

  async #copy(exchange: Exchange): Promise<void> {
    const { headers } = exchange.call;
    for (const name of ['if-match', 'if-none-match']) if (headers[name] !== undefined) throw notImplemented(`${name} on CopyObject`);
    const source = copySourceOf(exchange);
    if (source.record.size > MAX_COPY_BYTES) {
      throw new S3Error(
        'InvalidRequest',
        `The specified copy source is larger than the maximum allowable size for a copy source: ${MAX_COPY_BYTES}`,
      );
    }
    // s3rver decodes with decodeURI, which leaves %2B and %2F as they are; so nothing is encoded but the percent sign itself.
    const copySource = `${source.bucket.name}/${source.key.replaceAll('%', '%25')}`;
    await this.#engine.handle(exchange, { ...headers, 'x-amz-copy-source': copySource });
  }

  async #delete(exchange: Exchange): Promise<void> {
    if (exchange.call.headers['if-match'] !== undefined) throw notImplemented('If-Match on DeleteObject');
    await this.#engine.handle(exchange, exchange.call.headers);
  }

  #bucketNamed(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw new S3Error('NoSuchBucket', 'The specified bucket does not exist', { BucketName: name });
    return bucket;
  }
}

function openBucket(name: string, directory: string, listener: BucketListener): Bucket {
  try {
    mkdirSync(join(directory, name), { recursive: true });
    return new Bucket(name, join(directory, name), listener);
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UserError(
      `the S3 directory ${directory} cannot be used (${reason}); make it writable, or choose another with --data-dir DIR`,
      {
        cause,
      },
    );
  }
}
