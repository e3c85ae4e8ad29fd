import { z } from 'zod';
import { type Upload, videoIdOf } from './upload.ts';

/** An object under `originals/`, as S3's event through EventBridge tells it; its key is plain, not percent-encoded. */
export const ArrivedObject = z.object({
  /** Of the event: when the object arrived. */
  time: z.iso.datetime({ offset: true }),
  bucket: z.string().min(3),
  object: z.object({
    key: z.string().min(1),
    size: z.number().int().min(0),
    etag: z.string().min(1),
    'version-id': z.string().optional(),
    sequencer: z.string().max(64).default(''),
  }),
});
export type ArrivedObject = z.output<typeof ArrivedObject>;

/** When the object arrived. The newest upload of a video is the one that plays, in whatever order events come. */
export interface Arrival {
  /** ISO 8601. */
  readonly uploadedAt: string;
  /** Hexadecimal of any length; orders what arrived within one second. */
  readonly sequencer: string;
}

/** The upload that the object is. Its video's id is empty where the key names none. */
export function uploadOf({ time, bucket, object }: ArrivedObject): { readonly upload: Upload; readonly arrival: Arrival } {
  const { key, size: sizeBytes, etag, 'version-id': version = etag, sequencer } = object;
  return { upload: { bucket, key, version, sizeBytes, videoId: videoIdOf(key) ?? '' }, arrival: { uploadedAt: time, sequencer } };
}
