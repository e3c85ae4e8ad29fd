import { GetObjectCommand, NoSuchKey, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import { mediaPlaylistKey, multivariantKey } from './job.ts';
import { parseMediaPlaylist, variantUris } from './playlist.ts';
import { outputPrefix, Upload } from './upload.ts';
import { publish } from './uploads-table.ts';

export const PublishVideoInput = z.object({
  upload: Upload,
  promised: z.object({
    renditions: z.array(z.object({ name: z.string(), widthPx: z.number().int(), heightPx: z.number().int() })).min(1),
    durationSeconds: z.number(),
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

/** Checks that every promised rendition is there, whole, and switches the video to it in one update. @throws {IncompleteOutputError} */
export async function publishVideo(
  { upload, promised }: PublishVideoInput,
  { db, s3 }: { readonly db: DataApi; readonly s3: S3Client },
): Promise<PublishVideoOutput> {
  const sizes = await listSizes(s3, upload.bucket, `${outputPrefix('encoded', upload)}/`);
  const read = async (key: string) => readText(s3, upload.bucket, key);
  const offered = variantUris(await read(multivariantKey(upload)));
  const durations = await Promise.all(
    promised.renditions.map(async ({ name }) => {
      const key = mediaPlaylistKey(upload, name);
      if (!offered.some((uri) => key.endsWith(`/${uri}`))) throw incomplete(upload, `the multivariant playlist does not offer ${name}`);
      return checkRendition(upload, key, await read(key), sizes);
    }),
  );
  const thumbnails = await listSizes(s3, upload.bucket, `${outputPrefix('thumbnails', upload)}/`);
  const poster = [...thumbnails.keys()].sort().at(-1);
  const tallest = promised.renditions[0];
  const videoUrl = `/${multivariantKey(upload)}`;
  const shown = await publish(db, upload, {
    videoUrl,
    thumbnailUrl: poster === undefined ? null : `/${poster}`,
    durationSeconds: Math.max(...durations),
    resolution: `${tallest?.widthPx}x${tallest?.heightPx}`,
    fileSizeBytes: [...sizes.values()].reduce((total, size) => total + size, 0),
    renditions: promised.renditions.map(({ name, widthPx, heightPx }) => ({ name, width: widthPx, height: heightPx })),
  });
  return { outcome: shown ? 'published' : 'superseded', videoId: upload.videoId, videoUrl };
}

/** The rendition's duration, once its playlist is finished and every segment is there and not empty. */
function checkRendition(upload: Upload, playlistKey: string, playlist: string, sizes: ReadonlyMap<string, number>): number {
  const segments = parseMediaPlaylist(playlist);
  if (segments === undefined || segments.length === 0) throw incomplete(upload, `${playlistKey} is not a finished media playlist`);
  const folder = playlistKey.slice(0, playlistKey.lastIndexOf('/') + 1);
  for (const { uri } of segments) {
    if (!sizes.get(folder + uri)) throw incomplete(upload, `${playlistKey} names ${uri}, which is missing or empty`);
  }
  return segments.reduce((total, { durationSeconds }) => total + durationSeconds, 0);
}

function incomplete(upload: Upload, fault: string): IncompleteOutputError {
  return new IncompleteOutputError(`the output of ${upload.key} is not complete: ${fault}; nothing was published, upload the file again`);
}

async function listSizes(s3: S3Client, bucket: string, prefix: string): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3 }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key = '', Size = 0 } of Contents) sizes.set(Key, Size);
  }
  return sizes;
}

async function readText(s3: S3Client, bucket: string, key: string): Promise<string> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await Body?.transformToString()) ?? '';
  } catch (error) {
    if (error instanceof NoSuchKey) throw new IncompleteOutputError(`${key} was promised but is not there; nothing was published`);
    throw error;
  }
}
