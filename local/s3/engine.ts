import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import S3rver from '@20minutes/s3rver';
import type { Bucket } from './bucket.ts';
import type { WriteCondition } from './conditions.ts';
import { renderError, S3Error } from './errors.ts';
import type { Exchange } from './exchange.ts';
import { keptHeaders, type ObjectRecord } from './object-record.ts';

/** s3rver knows one access key; any other works here because every request reaches it under this one. */
const AUTHORIZATION = 'AWS4-HMAC-SHA256 Credential=S3RVER/20260101/local/s3/aws4_request, SignedHeaders=host, Signature=0';

/** What s3rver hands its store for a PUT, and takes from it for a GET. */
interface EngineObject {
  readonly bucket: string;
  readonly key: string;
  readonly content: Readable & { readonly condition?: WriteCondition };
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * s3rver's Koa application on the buckets of this stand-in, without a port of its own. It answers ListBuckets and what concerns
 * one whole object: Get, Head, Put, Copy, Delete, GetObjectTagging.
 */
export class Engine {
  readonly #handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;

  constructor(buckets: ReadonlyMap<string, Bucket>, directory: string) {
    const app = new S3rver({ directory, silent: true, vhostBuckets: false, allowMismatchedSignatures: true });
    app.store = app.context.store = new EngineStore(buckets);
    app.context.onerror = function onError(error) {
      if (error !== null && error !== undefined) renderError(this.res, error);
    };
    this.#handle = app.callback();
  }

  /** `content`: the verified body; none for a request without one. */
  async handle(
    { request, response, call, bucket }: Exchange,
    headers: IncomingHttpHeaders,
    content: Readable = Readable.from([]),
  ): Promise<void> {
    // The key goes as one segment, so that no router can find separators or dots in it.
    const path = call.bucketName === '' ? '/' : `/${bucket.name}/${encodeURIComponent(call.key)}`;
    const query = new URLSearchParams([...call.query].filter(([name]) => /^(response-|tagging$)/.test(name)));
    const engineRequest = Object.assign(content, {
      method: request.method,
      url: query.size === 0 ? path : `${path}?${query}`,
      headers: { ...headers, authorization: AUTHORIZATION, 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' },
      socket: request.socket,
      httpVersion: request.httpVersion,
    });
    await this.#handle(engineRequest as unknown as IncomingMessage, response);
  }
}

/** The store s3rver's controllers call, answered by `Bucket`: its own writes in place, so that a broken upload destroys what was there. */
class EngineStore {
  readonly #buckets: ReadonlyMap<string, Bucket>;

  constructor(buckets: ReadonlyMap<string, Bucket>) {
    this.#buckets = buckets;
  }

  getBucket(name: string) {
    const bucket = this.#buckets.get(name);
    return bucket === undefined ? null : { name, creationDate: bucket.created };
  }

  listBuckets() {
    return [...this.#buckets.values()].map(({ name, created }) => ({ name, creationDate: created }));
  }

  existsObject(bucket: string, key: string): boolean {
    return this.#bucket(bucket).get(key) !== undefined;
  }

  async getObject(bucket: string, key: string, { start, end }: { start?: number; end?: number } = {}) {
    const range = start === undefined || end === undefined ? undefined : { start, end };
    const found = await this.#bucket(bucket).read(key, range);
    if (found === undefined) return null;
    const { record, content } = found;
    return { content, range, size: record.size, metadata: metadataOf(record), lastModifiedDate: new Date(record.modified) };
  }

  async putObject({ bucket, key, metadata, content }: EngineObject) {
    const condition = content.condition ?? (() => {});
    const record = await this.#bucket(bucket).write({ key, headers: keptHeaders(metadata), condition, reason: 'PutObject' }, [content]);
    return { md5: record.etag, size: record.size };
  }

  /** `replacement`: the request's headers when they take the place of the source's. */
  async copyObject(fromBucket: string, fromKey: string, toBucket: string, key: string, replacement: IncomingHttpHeaders | null) {
    const from = this.#bucket(fromBucket);
    const source = from.get(fromKey);
    if (source === undefined) throw new S3Error('NoSuchKey', 'The specified key does not exist.', { Key: fromKey });
    const headers = replacement === null ? source.headers : keptHeaders(replacement);
    const record = await this.#bucket(toBucket).copy({ key, headers, condition: () => {}, reason: 'CopyObject' }, from, source);
    return metadataOf(record);
  }

  deleteObject(bucket: string, key: string): void {
    this.#bucket(bucket).delete(key);
  }

  /** Of CORS, website and tags: CORS is answered before s3rver, websites and tags are refused, so there are none. */
  getSubresource(): null {
    return null;
  }

  #bucket(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw new S3Error('NoSuchBucket', 'The specified bucket does not exist', { BucketName: name });
    return bucket;
  }
}

function metadataOf({ headers, etag, modified, size }: ObjectRecord): Record<string, string> {
  return { ...headers, etag: `"${etag}"`, 'last-modified': new Date(modified).toUTCString(), 'content-length': String(size) };
}
