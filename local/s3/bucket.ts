import { createHash, randomUUID } from 'node:crypto';
import {
  constants,
  createReadStream,
  createWriteStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { copyFile, link, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UserError } from '../errors.ts';
import type { WriteCondition } from './conditions.ts';
import { S3Error } from './errors.ts';
import type { ObjectRecord } from './object-record.ts';
import { Uploads } from './uploads.ts';

export type CreatedReason = 'PutObject' | 'CopyObject' | 'CompleteMultipartUpload';

export interface BucketListener {
  created(record: ObjectRecord, reason: CreatedReason): void;
  deleted(key: string): void;
}

/** What a write knows besides the bytes. */
export interface Draft {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly condition: WriteCondition;
  /** @default what the last stream has verified */
  readonly checksum?: ObjectRecord['checksum'];
  readonly reason: CreatedReason;
}

/**
 * One bucket in one directory: `records/<sha256 of key>.json` and `content/<id>`. No key is ever part of a path, so none can
 * lead out of the directory, be too long for it or collide with another. A write becomes visible by one rename: readers see the
 * old object or the new one, and a process that dies leaves one of the two.
 */
export class Bucket {
  readonly name: string;
  readonly created: Date;
  readonly uploads: Uploads;
  readonly #directory: string;
  readonly #listener: BucketListener;
  readonly #records = new Map<string, ObjectRecord>();
  #sortedKeys: readonly string[] | undefined;

  constructor(name: string, directory: string, listener: BucketListener) {
    this.name = name;
    this.#directory = directory;
    this.#listener = listener;
    for (const part of ['records', 'content', 'uploads']) mkdirSync(join(directory, part), { recursive: true });
    this.created = statSync(directory).birthtime;
    this.uploads = new Uploads(join(directory, 'uploads'));
    this.#load();
  }

  get(key: string): ObjectRecord | undefined {
    return this.#records.get(key);
  }

  /** All keys in S3's order: by the bytes of their UTF-8. */
  keys(): readonly string[] {
    this.#sortedKeys ??= [...this.#records.keys()]
      .map((key) => Buffer.from(key))
      .sort(Buffer.compare)
      .map((key) => key.toString());
    return this.#sortedKeys;
  }

  /** Opens the bytes of `key` as it is now. `end` is inclusive. Undefined when the key is gone. */
  async read(key: string, range?: { start: number; end: number }): Promise<{ record: ObjectRecord; content: Readable } | undefined> {
    for (;;) {
      const record = this.get(key);
      if (record === undefined) return undefined;
      try {
        const file = await open(this.#contentPath(record.content));
        return { record, content: file.createReadStream(range) };
      } catch (error) {
        // Overwritten or deleted since the record was read: look again.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || this.get(key) === record) throw error;
      }
    }
  }

  /** Stores a stream. Nothing changes when it fails. `digest`: see `ObjectRecord.etag`; default: the MD5 of the bytes. */
  async write(draft: Draft, streams: Iterable<Readable>, digest?: string): Promise<ObjectRecord> {
    draft.condition(this.get(draft.key));
    const content = randomUUID();
    const path = this.#contentPath(content);
    const md5 = createHash('md5');
    let size = 0;
    try {
      let checksum: ObjectRecord['checksum'];
      for (const stream of streams) {
        const measure = new Transform({
          transform(chunk: Buffer, _encoding, done) {
            size += chunk.length;
            if (digest === undefined) md5.update(chunk);
            done(null, chunk);
          },
        });
        await pipeline(stream, measure, createWriteStream(path, { flags: 'a' }));
        checksum = (stream as { checksum?: ObjectRecord['checksum'] }).checksum;
      }
      return this.#commit(draft, { size, etag: digest ?? md5.digest('hex'), checksum: draft.checksum ?? checksum, content });
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  /** Stores the bytes of `source`, which may be in another bucket. */
  async copy(draft: Draft, from: Bucket, source: ObjectRecord): Promise<ObjectRecord> {
    const content = randomUUID();
    const [origin, path] = [from.#contentPath(source.content), this.#contentPath(content)];
    try {
      // Bytes never change, so two objects may share them. Some file systems have no links.
      await link(origin, path).catch(() => copyFile(origin, path, constants.COPYFILE_FICLONE));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new S3Error('NoSuchKey', 'The specified key does not exist.', { Key: source.key });
    }
    // A copy is made in one piece: its ETag is the plain MD5, whatever the source's was.
    const etag = source.etag.includes('-') ? await md5Of(path) : source.etag;
    return this.#commit(draft, { size: source.size, etag, checksum: source.checksum, content });
  }

  /** Answers whether there was something to delete. */
  delete(key: string): boolean {
    const record = this.#records.get(key);
    if (record === undefined) return false;
    unlinkSync(this.#recordPath(key));
    this.#forget(record);
    this.#sortedKeys = undefined;
    this.#records.delete(key);
    this.#listener.deleted(key);
    return true;
  }

  /** From the last check of the condition to the new record being visible, nothing else can run: that is what makes it atomic. */
  #commit(draft: Draft, facts: Pick<ObjectRecord, 'size' | 'etag' | 'checksum' | 'content'>): ObjectRecord {
    const { key, headers, condition, reason } = draft;
    const previous = this.#records.get(key);
    condition(previous);
    const record: ObjectRecord = { key, headers, modified: new Date().toISOString(), ...facts };
    const path = this.#recordPath(key);
    const temporary = `${path}.${facts.content}`;
    writeFileSync(temporary, JSON.stringify(record));
    renameSync(temporary, path);
    if (previous === undefined) this.#sortedKeys = undefined;
    else this.#forget(previous);
    this.#records.set(key, record);
    this.#listener.created(record, reason);
    return record;
  }

  #forget({ content }: ObjectRecord): void {
    rmSync(this.#contentPath(content), { force: true });
  }

  /** Reads the records back and removes what an interrupted write left behind. */
  #load(): void {
    const records = join(this.#directory, 'records');
    for (const name of readdirSync(records)) {
      const path = join(records, name);
      if (!name.endsWith('.json')) rmSync(path);
      else {
        const record = readRecord(path);
        this.#records.set(record.key, record);
      }
    }
    const used = new Set([...this.#records.values()].map(({ content }) => content));
    for (const name of readdirSync(join(this.#directory, 'content'))) if (!used.has(name)) rmSync(this.#contentPath(name));
  }

  #recordPath(key: string): string {
    return join(this.#directory, 'records', `${createHash('sha256').update(key).digest('hex')}.json`);
  }

  #contentPath(content: string): string {
    return join(this.#directory, 'content', content);
  }
}

function readRecord(path: string): ObjectRecord {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ObjectRecord;
  } catch (cause) {
    throw new UserError(`${path} is not the record of an S3 object; delete this file, or the data directory to start over`, { cause });
  }
}

async function md5Of(path: string): Promise<string> {
  const md5 = createHash('md5');
  await pipeline(createReadStream(path), md5);
  return md5.digest('hex');
}
