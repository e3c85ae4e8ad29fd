import { createHash } from 'node:crypto';
import { z } from 'zod';

/** One version of one object under `originals/`. Its identity names the claim, the jobs and the output folders. */
export const Upload = z.object({
  bucket: z.string().min(3),
  key: z.string().min(1),
  /** The object's version id, or its ETag where the bucket keeps no versions. */
  version: z.string().min(1),
  sizeBytes: z.number().int().min(0),
  videoId: z.string().min(1),
});
export type Upload = z.output<typeof Upload>;

/** The most an upload may have, here and where it is sent to. */
export const MAX_UPLOAD_MIB = 10_240;
export const MAX_UPLOAD_BYTES = MAX_UPLOAD_MIB * 1024 * 1024;

/** An id that a path may hold, a regular expression for JavaScript and PostgreSQL. LinkPick's own ids all are; a video with another takes no uploads. */
export const UPLOADABLE_ID = '[A-Za-z0-9_-]{1,64}';
const ORIGINAL = new RegExp(String.raw`^originals/(${UPLOADABLE_ID})/(?!\.{1,2}$)[^/\p{Cc}]+$`, 'u');

/** `originals/<videoId>/<file>` → the video's id; undefined when the key has no such form. Any file name will do but a path's dots. */
export function videoIdOf(key: string): string | undefined {
  return ORIGINAL.exec(key)?.[1];
}

/** Where an upload's output goes, the same for every attempt: `encoded/<videoId>/<12 hex of the upload's identity>`. */
export function outputPrefix(kind: 'encoded' | 'thumbnails' | 'previews', upload: Upload): string {
  return `${kind}/${upload.videoId}/${identity(upload).slice(0, 12)}`;
}

/** SHA-256 of bucket, key and version, hex. */
export function identity({ bucket, key, version }: Pick<Upload, 'bucket' | 'key' | 'version'>): string {
  return createHash('sha256')
    .update(JSON.stringify([bucket, key, version]))
    .digest('hex');
}
