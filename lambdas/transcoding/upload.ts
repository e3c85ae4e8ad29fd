import { createHash } from 'node:crypto';
import { z } from 'zod';

/** One version of one object under `originals/`. Its identity names the claim, the job and the output folder. */
export const Upload = z.object({
  bucket: z.string().min(3),
  key: z.string().min(1),
  /** The object's version id, or its ETag where the bucket keeps no versions. */
  version: z.string().min(1),
  sizeBytes: z.number().int().min(0),
  videoId: z.string().min(1),
});
export type Upload = z.output<typeof Upload>;

/** `originals/<videoId>/<file>` → the video's id; undefined when the key has no such form. */
export function videoIdOf(key: string): string | undefined {
  return /^originals\/([A-Za-z0-9_-]{1,64})\/[^/]+$/.exec(key)?.[1];
}

/** Where an upload's output goes, the same for every attempt: `encoded/<videoId>/<12 hex of the upload's identity>`. */
export function outputPrefix(kind: 'encoded' | 'thumbnails', upload: Upload): string {
  return `${kind}/${upload.videoId}/${identity(upload).slice(0, 12)}`;
}

/** SHA-256 of bucket, key and version, hex. */
export function identity({ bucket, key, version }: Upload): string {
  return createHash('sha256')
    .update(JSON.stringify([bucket, key, version]))
    .digest('hex');
}
