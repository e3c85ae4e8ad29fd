import { GetObjectCommand, PutObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import { Fault, FaultLog } from './check/fault-log.ts';
import { readMediaPlaylist } from './check/media-playlist.ts';
import { writeMultivariant } from './check/multivariant.ts';
import { storyboardCues, storyboardVtt, tileSheets } from './check/storyboard.ts';
import { publish } from './publication.ts';
import { outputPrefix, Upload } from './upload.ts';

const Rendition = z.object({
  name: z.string(),
  widthPx: z.number().int(),
  heightPx: z.number().int(),
  codecs: z.string(),
  frameRate: z.number(),
  averageBandwidthBps: z.number().int(),
  bandwidthBps: z.number().int(),
  bytes: z.number(),
  durationSeconds: z.number(),
});

export const PublishVideoInput = z.object({
  executionArn: z.string().startsWith('arn:'),
  upload: Upload,
  hasPreview: z.boolean(),
  /** What the output check measured. */
  checked: z.object({
    passed: z.boolean(),
    faults: z.array(Fault),
    renditions: z.array(Rendition),
    durationSeconds: z.number(),
    totalBytes: z.number(),
    /** Where its image playlist lies, relative to the output's folder. */
    storyboard: z.object({ playlist: z.string() }).nullable(),
  }),
});
export type PublishVideoInput = z.output<typeof PublishVideoInput>;

export interface PublishVideoOutput {
  /** 'superseded': a newer upload of the video is published, or the video is gone. */
  readonly outcome: 'published' | 'superseded';
  readonly videoId: string;
  readonly videoUrl: string;
}

/** The encoder said it was done, but the output is not what was promised. Nothing was published. Never retried: the files do not change. */
export class IncompleteOutputError extends Error {
  override readonly name = 'IncompleteOutputError';
}

/** Its address holds the upload's version: what lies there never changes. */
const CACHE_CONTROL = 'public, max-age=31536000, immutable';

/**
 * Writes the playlist and the storyboard above what was checked, and switches the video to it in one update. Repeating it writes the same.
 * @throws {IncompleteOutputError} for what did not pass its check
 */
export async function publishVideo(
  { executionArn, upload, hasPreview, checked }: PublishVideoInput,
  { db, s3 }: { readonly db: DataApi; readonly s3: S3Client },
): Promise<PublishVideoOutput> {
  if (!checked.passed || checked.renditions.length === 0) throw new IncompleteOutputError(faultsOf(checked.faults));
  const folder = outputPrefix('encoded', upload);
  const put = (name: string, text: string, contentType: string) =>
    s3.send(
      new PutObjectCommand({
        Bucket: upload.bucket,
        Key: `${folder}/${name}`,
        Body: text,
        ContentType: contentType,
        CacheControl: CACHE_CONTROL,
      }),
    );
  const renditions = tallestFirst(checked.renditions);
  const storyboard = await storyboardText(s3, upload, checked);
  if (storyboard !== undefined) await put('storyboard.vtt', storyboard, 'text/vtt; charset=utf-8');
  await put('index.m3u8', writeMultivariant(renditions), 'application/vnd.apple.mpegurl');
  const poster = await posterKey(s3, upload);
  const videoUrl = `/${folder}/index.m3u8`;
  const shown = await publish(db, upload, executionArn, {
    videoUrl,
    thumbnailUrl: poster === undefined ? null : `/${poster}`,
    previewUrl: hasPreview ? `/${outputPrefix('previews', upload)}/preview.mp4` : null,
    storyboardUrl: storyboard === undefined ? null : `/${folder}/storyboard.vtt`,
    durationSeconds: checked.durationSeconds,
    resolution: `${renditions[0]?.widthPx}x${renditions[0]?.heightPx}`,
    fileSizeBytes: checked.totalBytes,
    renditions: renditions.map(({ name, widthPx, heightPx }) => ({ name, width: widthPx, height: heightPx })),
    measured: { renditions, durationSeconds: checked.durationSeconds, totalBytes: checked.totalBytes },
  });
  return { outcome: shown ? 'published' : 'superseded', videoId: upload.videoId, videoUrl };
}

/** The cues into the tile sheets, undefined where the output has none. */
async function storyboardText(s3: S3Client, upload: Upload, { storyboard, durationSeconds }: PublishVideoInput['checked']) {
  if (storyboard === null) return undefined;
  const { Body } = await s3.send(
    new GetObjectCommand({ Bucket: upload.bucket, Key: `${outputPrefix('encoded', upload)}/${storyboard.playlist}` }),
  );
  const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
  // Its faults were looked for by the check that let the output pass.
  const sheets = tileSheets(readMediaPlaylist(bytes, storyboard.playlist, new FaultLog()), storyboard.playlist) ?? [];
  const cues = storyboardCues(sheets, durationSeconds);
  return cues.length === 0 ? undefined : storyboardVtt(cues);
}

function faultsOf(faults: readonly Fault[]): string {
  return faults.map(({ check, file, found, expected }) => `check ${check}: ${file} has ${found}, expected ${expected}`).join('; ');
}

function tallestFirst<T extends { readonly heightPx: number }>(renditions: readonly T[]): readonly T[] {
  return [...renditions].sort((one, other) => other.heightPx - one.heightPx);
}

/** The last frame capture: a moment from the middle rather than the first picture. */
async function posterKey(s3: S3Client, upload: Upload): Promise<string | undefined> {
  const keys: string[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2(
    { client: s3 },
    { Bucket: upload.bucket, Prefix: `${outputPrefix('thumbnails', upload)}/` },
  )) {
    keys.push(...Contents.flatMap(({ Key }) => (Key === undefined ? [] : [Key])));
  }
  return keys.sort().at(-1);
}
