import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListPartsCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { StoredPart } from './part-plan.ts';

export interface ObjectAddress {
  readonly bucket: string;
  readonly key: string;
}

/** A multipart upload that was opened. */
export interface Multipart extends ObjectAddress {
  readonly uploadId: string;
}

export interface ObjectFacts {
  readonly sizeBytes: number;
  /** `base64-<parts>`; undefined when it was stored without. */
  readonly sha256: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
}

const CHECKSUM_HEADER = 'x-amz-checksum-sha256';

/** Every part needs its SHA-256, and S3 keeps the one over them all. */
export async function openMultipart(
  s3: S3Client,
  { bucket, key }: ObjectAddress,
  { contentType, metadata }: { readonly contentType: string; readonly metadata: Readonly<Record<string, string>> },
): Promise<string> {
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({
      Bucket: bucket,
      Key: key,
      ContentType: contentType,
      Metadata: metadata,
      ChecksumAlgorithm: 'SHA256',
      ChecksumType: 'COMPOSITE',
    }),
  );
  if (UploadId === undefined) throw new Error(`CreateMultipartUpload of ${key} answered without an UploadId; expected one`);
  return UploadId;
}

/**
 * All parts in ascending order; undefined when the upload is there no more: completed, aborted or expired. The SDK's paginator would not end: it
 * goes by `NextPartNumberMarker`, which S3 sends with the last page as well.
 */
export async function listStoredParts(s3: S3Client, { bucket, key, uploadId }: Multipart): Promise<readonly StoredPart[] | undefined> {
  const parts: StoredPart[] = [];
  let marker: string | undefined;
  do {
    const page = await unlessGone(
      s3.send(new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: uploadId, PartNumberMarker: marker })),
    );
    if (page === undefined) return undefined;
    for (const { PartNumber = 0, Size = 0, ETag = '', ChecksumSHA256 = '' } of page.Parts ?? []) {
      parts.push({ partNumber: PartNumber, sizeBytes: Size, etag: ETag, sha256: ChecksumSHA256 });
    }
    marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
  } while (marker !== undefined);
  return parts;
}

/**
 * A URL that takes this one part: its number, length and SHA-256 are signed. S3 ignores a checksum in the query, so it stays a header that
 * the client has to send.
 */
export async function signPart(
  s3: S3Client,
  { bucket, key, uploadId }: Multipart,
  { partNumber, sizeBytes, sha256 }: Pick<StoredPart, 'partNumber' | 'sizeBytes' | 'sha256'>,
  expiresInSeconds: number,
): Promise<{ readonly url: string; readonly headers: Readonly<Record<string, string>> }> {
  const command = new UploadPartCommand({
    Bucket: bucket,
    Key: key,
    UploadId: uploadId,
    PartNumber: partNumber,
    ContentLength: sizeBytes,
    ChecksumSHA256: sha256,
  });
  const url = await getSignedUrl(s3, command, { expiresIn: expiresInSeconds, unhoistableHeaders: new Set([CHECKSUM_HEADER]) });
  return { url, headers: { [CHECKSUM_HEADER]: sha256 } };
}

export async function copyPart(
  s3: S3Client,
  target: Multipart,
  { partNumber, source, range }: { readonly partNumber: number; readonly source: ObjectAddress; readonly range: string | undefined },
): Promise<void> {
  await s3.send(
    new UploadPartCopyCommand({
      Bucket: target.bucket,
      Key: target.key,
      UploadId: target.uploadId,
      PartNumber: partNumber,
      CopySource: `${source.bucket}/${source.key}`, // keys here are safe ASCII
      CopySourceRange: range,
    }),
  );
}

/** False when the upload is there no more. */
export async function joinParts(s3: S3Client, { bucket, key, uploadId }: Multipart, parts: readonly StoredPart[]): Promise<boolean> {
  const Parts = parts.map(({ partNumber, etag, sha256 }) => ({ PartNumber: partNumber, ETag: etag, ChecksumSHA256: sha256 }));
  const command = new CompleteMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId, MultipartUpload: { Parts } });
  return (await unlessGone(s3.send(command))) !== undefined;
}

/** Safe to repeat. */
export async function abortMultipart(s3: S3Client, { bucket, key, uploadId }: Multipart): Promise<void> {
  await unlessGone(s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId })));
}

/** Undefined when there is none. Without the right to list the bucket, S3 answers 403 for a missing key. */
export async function readFacts(s3: S3Client, { bucket, key }: ObjectAddress): Promise<ObjectFacts | undefined> {
  try {
    const object = await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }));
    return { sizeBytes: object.ContentLength ?? 0, sha256: object.ChecksumSHA256, metadata: object.Metadata ?? {} };
  } catch (error) {
    const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
    if (status === 404 || status === 403) return undefined;
    throw error;
  }
}

/** Undefined when S3 knows the upload no more. */
async function unlessGone<Output>(answer: Promise<Output>): Promise<Output | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchUpload') return undefined;
    throw error;
  }
}
