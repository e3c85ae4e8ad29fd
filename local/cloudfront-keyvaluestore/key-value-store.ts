import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { AwsError } from '../gateway/aws-error.ts';

/** Source: CloudFront quotas, "Quotas on key value stores". */
const MAX_KEY_BYTES = 512;
const MAX_VALUE_BYTES = 1024;
const MAX_STORE_BYTES = 5 * 1024 * 1024;

export interface Change {
  readonly puts: readonly { readonly Key: string; readonly Value: string }[];
  readonly deletes: readonly string[];
}

/** One key-value store: its pairs, and the ETag that every write must name and moves on. */
export class KeyValueStore {
  readonly arn: string;
  readonly createdAtMs: number;
  readonly #file: string | undefined;
  #pairs: Map<string, string>;
  #etag: string;
  #modifiedAtMs: number;

  /** `file` keeps the pairs between runs. */
  constructor(arn: string, { file, nowMs = Date.now }: { readonly file?: string | undefined; readonly nowMs?: () => number } = {}) {
    this.arn = arn;
    this.#file = file;
    this.createdAtMs = nowMs();
    this.#modifiedAtMs = this.createdAtMs;
    this.#pairs = readPairs(file);
    this.#etag = newEtag();
  }

  get etag(): string {
    return this.#etag;
  }

  get(key: string): string | undefined {
    return this.#pairs.get(key);
  }

  keys(): readonly string[] {
    return [...this.#pairs.keys()].sort();
  }

  describe() {
    return {
      ItemCount: this.#pairs.size,
      TotalSizeInBytes: sizeOf(this.#pairs),
      KvsARN: this.arn,
      Created: this.createdAtMs / 1000,
      LastModified: this.#modifiedAtMs / 1000,
      Status: 'READY',
    };
  }

  /** All of it or nothing. @throws {AwsError} when `ifMatch` is not the ETag, or a pair is too large */
  change({ puts, deletes }: Change, ifMatch: string): void {
    if (ifMatch !== this.#etag) {
      throw new AwsError('ConflictException', `the ETag ${ifMatch} is not the store's; describe it and try again`, { status: 409 });
    }
    const pairs = new Map(this.#pairs);
    for (const key of deletes) {
      if (!pairs.delete(key)) throw notFound(key);
    }
    for (const { Key: key, Value: value } of puts) {
      assertSize('key', key, MAX_KEY_BYTES);
      assertSize('value', value, MAX_VALUE_BYTES);
      pairs.set(key, value);
    }
    if (sizeOf(pairs) > MAX_STORE_BYTES) {
      throw new AwsError('ServiceQuotaExceededException', `the store would exceed ${MAX_STORE_BYTES} bytes`, { status: 402 });
    }
    this.#pairs = pairs;
    this.#etag = newEtag();
    this.#modifiedAtMs = Date.now();
    this.#keep();
  }

  #keep(): void {
    if (this.#file === undefined) return;
    mkdirSync(dirname(this.#file), { recursive: true });
    const unfinished = `${this.#file}.part`;
    writeFileSync(unfinished, JSON.stringify(Object.fromEntries(this.#pairs)));
    renameSync(unfinished, this.#file);
  }
}

export function notFound(key: string): AwsError {
  return new AwsError('ResourceNotFoundException', `there is no key ${JSON.stringify(key)}`, { status: 404 });
}

function readPairs(file: string | undefined): Map<string, string> {
  if (file === undefined) return new Map();
  try {
    return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Map();
    throw error;
  }
}

function assertSize(what: string, text: string, maxBytes: number): void {
  const bytes = Buffer.byteLength(text);
  if (bytes > 0 && bytes <= maxBytes) return;
  throw new AwsError('ValidationException', `a ${what} has 1 to ${maxBytes} bytes, this one ${bytes}`);
}

function sizeOf(pairs: ReadonlyMap<string, string>): number {
  let bytes = 0;
  for (const [key, value] of pairs) bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  return bytes;
}

function newEtag(): string {
  return `KV${createHash('sha256').update(randomUUID()).digest('hex').slice(0, 12).toUpperCase()}`;
}
