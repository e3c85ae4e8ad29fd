import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** Bytes of a file, wherever it lies. */
export interface ByteSource {
  readonly sizeBytes: number;
  /** `length` bytes from `offset`, fewer where the file ends. */
  read(offset: number, length: number): Promise<Buffer>;
}

/** The object is not there any more, or another one is in its place. */
export class SourceGoneError extends Error {
  override readonly name = 'SourceGoneError';
}

const BLOCK_BYTES = 64 * 1024;
/** 4 MB: what a header needs, whatever the file's size. */
const MAX_BLOCKS = 64;

/** Reads an object by ranges, a block at a time, and keeps the last blocks: memory does not grow with the file. */
export class ObjectReader implements ByteSource {
  readonly sizeBytes: number;
  readonly #client: S3Client;
  readonly #object: { readonly bucket: string; readonly key: string; readonly etag: string };
  readonly #blocks = new Map<number, Promise<Buffer>>();

  /** `etag` pins the object: MediaConvert reads whatever lies at the key, so that has to be the one that was looked at. */
  constructor(client: S3Client, object: { readonly bucket: string; readonly key: string; readonly etag: string }, sizeBytes: number) {
    this.#client = client;
    this.#object = object;
    this.sizeBytes = sizeBytes;
  }

  /** @throws {SourceGoneError} */
  async read(offset: number, length: number): Promise<Buffer> {
    const end = Math.min(offset + length, this.sizeBytes);
    const parts: Buffer[] = [];
    for (let at = offset; at < end; ) {
      const index = Math.floor(at / BLOCK_BYTES);
      const block = await this.#block(index);
      const from = at - index * BLOCK_BYTES;
      const part = block.subarray(from, Math.min(block.length, from + end - at));
      if (part.length === 0) break;
      parts.push(part);
      at += part.length;
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  #block(index: number): Promise<Buffer> {
    const cached = this.#blocks.get(index);
    if (cached !== undefined) return cached;
    for (const oldest of this.#blocks.keys()) {
      if (this.#blocks.size < MAX_BLOCKS) break;
      this.#blocks.delete(oldest);
    }
    const fetched = this.#fetch(index * BLOCK_BYTES);
    this.#blocks.set(index, fetched);
    return fetched;
  }

  async #fetch(start: number): Promise<Buffer> {
    const { bucket, key, etag } = this.#object;
    const last = Math.min(start + BLOCK_BYTES, this.sizeBytes) - 1;
    try {
      const { Body } = await this.#client.send(
        new GetObjectCommand({ Bucket: bucket, Key: key, Range: `bytes=${start}-${last}`, IfMatch: `"${etag.replaceAll('"', '')}"` }),
      );
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    } catch (cause) {
      const { name } = cause as Error;
      if (name === 'NoSuchKey' || name === 'PreconditionFailed' || name === 'InvalidRange')
        throw new SourceGoneError(`the object ${key} is not there, or is not the one that arrived (${name}); upload it again`, { cause });
      throw cause;
    }
  }
}
