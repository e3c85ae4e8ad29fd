import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { GetObjectCommand, NoSuchKey, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import type { SegmentFacts } from './segment-facts.ts';
import { SegmentReader } from './segment-reader.ts';

/** The folder of one output in S3. Files are named relative to it. What is not there is undefined; what goes wrong otherwise is thrown. */
export class OutputFolder {
  readonly #s3: S3Client;
  readonly #bucket: string;
  readonly #prefix: string;

  /** `prefix` ends in a slash. */
  constructor(s3: S3Client, bucket: string, prefix: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
    this.#prefix = prefix;
  }

  /** Every file and its bytes. */
  async list(): Promise<ReadonlyMap<string, number>> {
    const sizes = new Map<string, number>();
    for await (const { Contents = [] } of paginateListObjectsV2({ client: this.#s3 }, { Bucket: this.#bucket, Prefix: this.#prefix })) {
      for (const { Key = '', Size = 0 } of Contents) sizes.set(Key.slice(this.#prefix.length), Size);
    }
    return sizes;
  }

  /** A whole small file, or its first `bytes`. */
  async read(file: string, bytes?: number): Promise<Buffer | undefined> {
    const chunks: Uint8Array[] = [];
    const body = await this.#open(file, bytes);
    if (body === undefined) return undefined;
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  /** A segment as it comes, never held whole. By events: iterating would join what has come meanwhile, and leave that to be collected. */
  async readSegment(file: string): Promise<SegmentFacts | undefined> {
    const body = await this.#open(file);
    if (body === undefined) return undefined;
    const reader = new SegmentReader();
    body.on('data', (chunk: Buffer) => reader.push(chunk));
    await finished(body);
    return reader.end();
  }

  async #open(file: string, bytes?: number): Promise<Readable | undefined> {
    const range = bytes === undefined ? {} : { Range: `bytes=0-${bytes - 1}` };
    try {
      const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: this.#bucket, Key: this.#prefix + file, ...range }));
      return Body as Readable | undefined; // on Node it is one
    } catch (error) {
      if (error instanceof NoSuchKey) return undefined;
      throw error;
    }
  }
}
