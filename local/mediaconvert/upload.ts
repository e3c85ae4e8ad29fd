import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { S3Location } from './s3-location.ts';

/** Uploads in flight: enough to hide latency, few enough to hold at most that many segments in memory. */
const PARALLEL_UPLOADS = 6;

/** Content types as the service sets them, by extension; a playlist of the wrong type is not played. */
export const CONTENT_TYPES = { m3u8: 'application/vnd.apple.mpegurl', ts: 'video/mp2t', jpg: 'image/jpeg', mp4: 'video/mp4' } as const;

export interface Upload {
  readonly to: S3Location;
  readonly type: keyof typeof CONTENT_TYPES;
  /** A file of the private directory, or what it would hold. */
  readonly content: { readonly file: string } | { readonly text: string } | { readonly bytes: Buffer };
}

/** Uploads all, in no promised order. */
export async function uploadAll(
  uploads: readonly Upload[],
  { s3, directory, signal, onUploaded }: { s3: S3Client; directory: string; signal: AbortSignal; onUploaded?: () => void },
): Promise<void> {
  const waiting = [...uploads];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { to, type, content } = next;
      const body = 'file' in content ? await readFile(join(directory, content.file)) : 'text' in content ? content.text : content.bytes;
      const put = new PutObjectCommand({ Bucket: to.bucket, Key: to.key, Body: body, ContentType: CONTENT_TYPES[type] });
      await s3.send(put, { abortSignal: signal });
      onUploaded?.();
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL_UPLOADS, uploads.length) }, worker));
}
