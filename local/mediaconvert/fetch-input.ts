import { createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { JOB_ERRORS, JobError } from './job-error.ts';
import { type S3Location, toS3Uri } from './s3-location.ts';

export interface FetchedInput {
  readonly eTag: string | undefined;
  readonly bytes: number | undefined;
  readonly lastModified: Date | undefined;
  readonly contentType: string | undefined;
}

/**
 * Copies an object into a file, streaming.
 * @throws {JobError} 1404 when there is no such object or bucket, 1401 when reading it is not allowed
 */
export async function fetchInput(s3: S3Client, location: S3Location, file: string, signal: AbortSignal): Promise<FetchedInput> {
  try {
    const object = await s3.send(new GetObjectCommand({ Bucket: location.bucket, Key: location.key }), { abortSignal: signal });
    await pipeline(object.Body as Readable, createWriteStream(file), { signal });
    return { eTag: object.ETag, bytes: object.ContentLength, lastModified: object.LastModified, contentType: object.ContentType };
  } catch (cause) {
    signal.throwIfAborted();
    throw toJobError(cause, location);
  }
}

/** What S3 refused, as the service reports it; anything else as it is. */
export function toJobError(cause: unknown, location: S3Location): unknown {
  const status = (cause as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  const uri = toS3Uri(location);
  if (status === 404) return new JobError(JOB_ERRORS.NOT_FOUND, `Unable to open input file [${uri}]: not found`, { cause });
  if (status === 403) return new JobError(JOB_ERRORS.ACCESS_DENIED, `Unable to open input file [${uri}]: access denied`, { cause });
  return cause;
}
