import { createHash, randomBytes } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { S3Error } from './errors.ts';
import type { UploadChecksum } from './upload-checksum.ts';

export interface Part {
  readonly number: number;
  /** MD5 in hex. */
  readonly etag: string;
  readonly size: number;
  /** Of the upload's algorithm, base64. */
  readonly checksum?: string | undefined;
  /** ISO 8601. */
  readonly modified: string;
}

export interface Upload {
  readonly id: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  /** ISO 8601. */
  readonly initiated: string;
  /** What `CreateMultipartUpload` asked for. */
  readonly checksum?: UploadChecksum | undefined;
  readonly parts: ReadonlyMap<number, Part>;
}

type OpenUpload = Upload & { readonly parts: Map<number, Part> };

/**
 * The unfinished multipart uploads of a bucket: `<upload id>/upload.json` and `<upload id>/<part>.<md5>[.<checksum, hex>]`. They survive a restart.
 * An upload id only ever selects from the known ones; it is never joined into a path unseen.
 */
export class Uploads {
  readonly #directory: string;
  readonly #uploads = new Map<string, OpenUpload>();

  constructor(directory: string) {
    this.#directory = directory;
    for (const id of readdirSync(directory)) this.#load(id);
  }

  create(key: string, headers: Readonly<Record<string, string>>, checksum?: UploadChecksum): Upload {
    const facts = { id: randomBytes(16).toString('hex'), key, headers, initiated: new Date().toISOString(), checksum };
    const upload: OpenUpload = { ...facts, parts: new Map() };
    mkdirSync(this.#path(upload));
    writeFileSync(this.#path(upload, 'upload.json'), JSON.stringify(facts));
    this.#uploads.set(upload.id, upload);
    return upload;
  }

  /** @throws {S3Error} NoSuchUpload when there is none of this id for this key */
  find(key: string, id: string | null): Upload {
    const upload = this.#uploads.get(id ?? '');
    if (upload === undefined || upload.key !== key) throw noSuchUpload(id);
    return upload;
  }

  /** Those that are open now, in the order of their keys and beginnings. */
  list(): readonly Upload[] {
    return [...this.#uploads.values()].sort((a, b) => compare(a.key, b.key) || compare(a.initiated, b.initiated) || compare(a.id, b.id));
  }

  /**
   * Stores one part; the same number again replaces it. Nothing changes when the stream fails. `checksumOf` is asked when the bytes are there,
   * and may refuse them.
   */
  async putPart({ id }: Upload, number: number, content: Readable, checksumOf: () => string | undefined = () => undefined): Promise<Part> {
    const upload = this.#uploads.get(id);
    if (upload === undefined) throw noSuchUpload(id);
    const temporary = this.#path(upload, `incoming-${randomBytes(8).toString('hex')}`);
    const md5 = createHash('md5');
    let size = 0;
    const measure = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        size += chunk.length;
        md5.update(chunk);
        done(null, chunk);
      },
    });
    try {
      await pipeline(content, measure, createWriteStream(temporary));
      const part: Part = { number, etag: md5.digest('hex'), size, checksum: checksumOf(), modified: new Date().toISOString() };
      // Aborted or completed meanwhile: the part has nothing to belong to.
      if (!this.#uploads.has(id)) throw noSuchUpload(id);
      const previous = upload.parts.get(number);
      renameSync(temporary, this.#partPath(upload, part));
      if (previous !== undefined && this.#partPath(upload, previous) !== this.#partPath(upload, part))
        rmSync(this.#partPath(upload, previous), { force: true });
      upload.parts.set(number, part);
      return part;
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  openPart(upload: Upload, part: Part): Readable {
    return createReadStream(this.#partPath(upload, part));
  }

  /** Takes an upload out, so that of two completions or an abort in between only one goes on. */
  claim(upload: Upload): void {
    if (!this.#uploads.delete(upload.id)) throw noSuchUpload(upload.id);
  }

  /** Puts a claimed upload back after a completion that failed. */
  release(upload: Upload): void {
    this.#uploads.set(upload.id, upload as OpenUpload);
  }

  /** Removes a claimed upload's parts. */
  async remove(upload: Upload): Promise<void> {
    await rm(this.#path(upload), { recursive: true, force: true });
  }

  #load(id: string): void {
    const path = join(this.#directory, id);
    const names = readdirSync(path);
    // An upload that was being created or removed when the process died.
    if (!names.includes('upload.json')) {
      rmSync(path, { recursive: true });
      return;
    }
    const upload: OpenUpload = { ...JSON.parse(readFileSync(join(path, 'upload.json'), 'utf8')), parts: new Map() };
    const stored = names
      .map((name) => ({ name, match: /^(\d+)\.([0-9a-f]{32})(?:\.([0-9a-f]+))?$/.exec(name), ...stat(join(path, name)) }))
      .sort((a, b) => a.mtimeMs - b.mtimeMs);
    for (const { name, match, size, mtimeMs } of stored) {
      if (match !== null) {
        const [, number, etag = '', hex] = match;
        const checksum = hex === undefined ? undefined : Buffer.from(hex, 'hex').toString('base64');
        upload.parts.set(Number(number), { number: Number(number), etag, size, checksum, modified: new Date(mtimeMs).toISOString() });
      } else if (name !== 'upload.json') rmSync(join(path, name));
    }
    this.#uploads.set(id, upload);
  }

  #path({ id }: Upload, name = ''): string {
    return join(this.#directory, id, name);
  }

  #partPath(upload: Upload, { number, etag, checksum }: Part): string {
    const suffix = checksum === undefined ? '' : `.${Buffer.from(checksum, 'base64').toString('hex')}`;
    return this.#path(upload, `${number}.${etag}${suffix}`);
  }
}

/** By the bytes of their UTF-8, as S3 orders keys. */
function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function stat(path: string): { size: number; mtimeMs: number } {
  const { size, mtimeMs } = statSync(path);
  return { size, mtimeMs };
}

function noSuchUpload(id: string | null): S3Error {
  return new S3Error(
    'NoSuchUpload',
    'The specified multipart upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
    { UploadId: (id ?? '').slice(0, 200) },
  );
}
