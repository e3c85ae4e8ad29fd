import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ratio } from '../ffmpeg/source-stream.ts';
import { type EncodeSource, sheetPrefix } from './ffmpeg-arguments.ts';
import { JOB_ERRORS, JobError } from './job-error.ts';
import type { HlsPlan } from './plan-job.ts';
import type { RungPlan } from './plan-output.ts';
import { planSheets } from './plan-sheets.ts';
import { type ImageVariant, relativeUri, writeImagePlaylist } from './playlists.ts';
import type { Upload } from './upload.ts';

interface RungOfSheets {
  readonly directory: string;
  readonly rung: RungPlan;
  readonly rate: Ratio;
  readonly playlistKey: string;
  readonly frames: number;
  readonly seconds: number;
}

/**
 * The sheets of thumbnails beside a rung, and their playlist: `<rung>_thumbnails.m3u8`, `<rung>_thumbnails_00001.jpg`. The service's own names are
 * not documented; whoever looks for them reads the group's multivariant playlist.
 * @throws {JobError} when fewer or more sheets were written than the pictures of the rung make
 */
export async function packageSheets(
  plan: HlsPlan,
  group: number,
  source: EncodeSource,
  { directory, rung, rate, playlistKey: rungKey, frames, seconds }: RungOfSheets,
): Promise<{ images: ImageVariant; uploads: Upload[] } | undefined> {
  const sheets = planSheets(plan.trickPlay, rung, source);
  if (sheets === undefined) return undefined;
  const { bucket, key } = plan.base;
  const files = (await readdir(directory)).filter((name) => name.startsWith(`${sheetPrefix(group)}_`) && name.endsWith('.jpg')).sort();
  const perSheet = sheets.columns * sheets.rows;
  const expected = Math.ceil(Math.ceil(frames / sheets.everyFrames) / perSheet);
  if (files.length !== expected) {
    throw new JobError(
      JOB_ERRORS.TRANSCODING,
      `${frames} pictures make ${expected} sheets of thumbnails, the encoder wrote ${files.length}`,
    );
  }
  const base = rungKey.replace(/\.m3u8$/, '_thumbnails');
  const playlistKey = `${base}.m3u8`;
  const tileSeconds = (sheets.everyFrames * rate.denominator) / rate.numerator;
  const images = await Promise.all(
    files.map(async (file, index) => {
      const { size: bytes } = await stat(join(directory, file));
      const sheetSeconds = Math.min(perSheet * tileSeconds, seconds - index * perSheet * tileSeconds);
      return { file, key: `${base}_${String(index + 1).padStart(5, '0')}.jpg`, seconds: sheetSeconds, bytes };
    }),
  );
  const segments = images.map((image) => ({ ...image, uri: relativeUri(playlistKey, image.key) }));
  const text = writeImagePlaylist({ segments, tileSeconds, ...sheets, ...sheets.thumbnail });
  return {
    images: { uri: relativeUri(`${key}.m3u8`, playlistKey), segments, ...sheets.thumbnail },
    uploads: [
      ...images.map(({ file, key: imageKey }): Upload => ({ to: { bucket, key: imageKey }, type: 'jpg', content: { file } })),
      { to: { bucket, key: playlistKey }, type: 'm3u8', content: { text } },
    ],
  };
}
