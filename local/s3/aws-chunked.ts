import { Transform, type TransformCallback } from 'node:stream';
import { S3Error } from './errors.ts';

/** The longest line between chunks: a size, a signature, or one trailing header. */
const MAX_LINE_BYTES = 4096;

/**
 * Takes the `aws-chunked` framing off a body: `<hex size>[;chunk-signature=…]\r\n<data>\r\n … 0\r\n<trailers>\r\n`.
 * Chunk signatures are not verified, as no signature is here. Source: S3, "Signature calculations … chunked upload".
 */
export class AwsChunkedDecoder extends Transform {
  /** Headers after the last chunk, lower case. Complete when the stream has ended. */
  readonly trailers = new Map<string, string>();
  #state: 'size' | 'data' | 'data-end' | 'trailer' = 'size';
  #remaining = 0;
  #line = Buffer.alloc(0);

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      let position = 0;
      while (position < chunk.length) position = this.#state === 'data' ? this.#readData(chunk, position) : this.#readLine(chunk, position);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: TransformCallback): void {
    if (this.#state === 'trailer' && this.#line.length > 0) this.#endLine(this.#line.toString('latin1'));
    done(this.#state === 'trailer' ? null : incomplete());
  }

  #readData(chunk: Buffer, position: number): number {
    const end = Math.min(chunk.length, position + this.#remaining);
    this.push(chunk.subarray(position, end));
    this.#remaining -= end - position;
    if (this.#remaining === 0) this.#state = 'data-end';
    return end;
  }

  #readLine(chunk: Buffer, position: number): number {
    const newline = chunk.indexOf(0x0a, position);
    const end = newline === -1 ? chunk.length : newline + 1;
    this.#line = Buffer.concat([this.#line, chunk.subarray(position, end)]);
    if (this.#line.length > MAX_LINE_BYTES) throw incomplete();
    if (newline !== -1) {
      const line = this.#line.toString('latin1').trimEnd();
      this.#line = Buffer.alloc(0);
      this.#endLine(line);
    }
    return end;
  }

  #endLine(line: string): void {
    if (this.#state === 'data-end') {
      if (line !== '') throw incomplete();
      this.#state = 'size';
    } else if (this.#state === 'size') {
      const size = /^([0-9a-f]{1,8})(;|$)/i.exec(line)?.[1];
      if (size === undefined) throw incomplete();
      this.#remaining = Number.parseInt(size, 16);
      this.#state = this.#remaining === 0 ? 'trailer' : 'data';
    } else {
      const colon = line.indexOf(':');
      if (colon > 0) this.trailers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
    }
  }
}

function incomplete(): S3Error {
  return new S3Error('IncompleteBody', 'The request body terminated unexpectedly: its aws-chunked framing is broken');
}
