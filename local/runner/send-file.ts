import { createReadStream } from 'node:fs';
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

/** S3's limit on one PUT. */
const MAX_PUT_BYTES = 5 * 1024 ** 3;
/** 10,240 MB make 160 of them; S3 takes 10,000. */
const PART_BYTES = 64 * 1024 ** 2;

export interface SendFileOptions {
  readonly s3: Pick<S3Client, 'send'>;
  readonly bucket: string;
  readonly key: string;
  readonly file: string;
  readonly sizeBytes: number;
  readonly signal: AbortSignal;
  /** @default 5 GiB */
  readonly maxPutBytes?: number;
  /** @default 64 MiB */
  readonly partBytes?: number;
}

/** Sends a file as a stream: in one request as far as S3 takes it, above that part by part. What was sent of a failed upload is given up. */
export async function sendFile(options: SendFileOptions): Promise<void> {
  const { s3, bucket, key, file, sizeBytes, signal, maxPutBytes = MAX_PUT_BYTES } = options;
  if (sizeBytes > maxPutBytes) return sendInParts(options);
  const body = createReadStream(file);
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentLength: sizeBytes }), { abortSignal: signal });
}

async function sendInParts({ s3, bucket, key, file, sizeBytes, signal, partBytes = PART_BYTES }: SendFileOptions): Promise<void> {
  const target = { Bucket: bucket, Key: key };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target), { abortSignal: signal });
  const upload = { ...target, UploadId };
  try {
    const parts: CompletedPart[] = [];
    for (let start = 0; start < sizeBytes; start += partBytes) {
      const PartNumber = parts.length + 1;
      const end = Math.min(start + partBytes, sizeBytes);
      const Body = createReadStream(file, { start, end: end - 1 });
      const { ETag } = await s3.send(new UploadPartCommand({ ...upload, PartNumber, Body, ContentLength: end - start }), {
        abortSignal: signal,
      });
      parts.push({ PartNumber, ETag });
    }
    await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: parts } }), { abortSignal: signal });
  } catch (error) {
    // The failure itself is what counts; parts that stay behind expire by the bucket's lifecycle.
    await s3.send(new AbortMultipartUploadCommand(upload)).catch(() => {});
    throw error;
  }
}
