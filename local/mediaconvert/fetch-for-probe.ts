import { type FileHandle, open } from 'node:fs/promises';
import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type FetchedInput, toJobError } from './fetch-input.ts';
import type { S3Location } from './s3-location.ts';

export interface ProbeWindow {
  /** Files up to this size are read whole: three requests cost more than the bytes. */
  readonly wholeBytes: number;
  /** Of larger ones, at each end: the head has headers and the first pictures, the tail time stamps and indexes. */
  readonly endBytes: number;
}

const WINDOW: ProbeWindow = { wholeBytes: 32 * 1024 ** 2, endBytes: 8 * 1024 ** 2 };
/** The index of an MP4 of many hours. A larger one is not read on. */
const MAX_INDEX_BYTES = 256 * 1024 ** 2;

/**
 * Copies what a probe looks at into a file as long as the object: a hole in the middle stands for the media, as the service reads headers only.
 * @throws {JobError} 1404 when there is no such object or bucket, 1401 when reading it is not allowed
 */
export async function fetchForProbe(
  s3: S3Client,
  location: S3Location,
  file: string,
  { signal, window = WINDOW }: { signal: AbortSignal; window?: ProbeWindow },
): Promise<FetchedInput> {
  try {
    const object = { Bucket: location.bucket, Key: location.key };
    const head = await s3.send(new HeadObjectCommand(object), { abortSignal: signal });
    const bytes = head.ContentLength ?? 0;
    const handle = await open(file, 'w+');
    try {
      const copy = async (from: number, to: number): Promise<void> => {
        if (to <= from) return;
        const range = { ...object, Range: `bytes=${from}-${to - 1}`, IfMatch: head.ETag };
        const part = await s3.send(new GetObjectCommand(range), { abortSignal: signal });
        await handle.write((await part.Body?.transformToByteArray()) ?? new Uint8Array(), 0, undefined, from);
      };
      await handle.truncate(bytes);
      if (bytes <= window.wholeBytes) await copy(0, bytes);
      else {
        await copy(0, window.endBytes);
        await copy(bytes - window.endBytes, bytes);
        await copyIndex(handle, { from: window.endBytes, to: bytes - window.endBytes, bytes }, copy);
      }
    } finally {
      await handle.close();
    }
    return { eTag: head.ETag, bytes, lastModified: head.LastModified, contentType: head.ContentType };
  } catch (cause) {
    signal.throwIfAborted();
    throw toJobError(cause, location);
  }
}

/** MP4 and QuickTime keep their index in one box anywhere: walks the boxes at the top and copies it when it lies in the hole. */
async function copyIndex(
  handle: FileHandle,
  hole: { from: number; to: number; bytes: number },
  copy: (from: number, to: number) => Promise<void>,
): Promise<void> {
  for (let at = 0; at + 16 <= hole.bytes; ) {
    if (at + 16 > hole.from && at < hole.to) await copy(at, at + 16);
    const { buffer: head } = await handle.read(Buffer.alloc(16), 0, 16, at);
    const type = head.toString('latin1', 4, 8);
    if (!/^[a-z0-9 ]{4}$/i.test(type)) return;
    const size = head.readUInt32BE(0) === 1 ? Number(head.readBigUInt64BE(8)) : head.readUInt32BE(0);
    if (type === 'moov') {
      if (size <= MAX_INDEX_BYTES) await copy(Math.max(at, hole.from), Math.min(at + size, hole.to));
      return;
    }
    if (size < 8) return;
    at += size;
  }
}
