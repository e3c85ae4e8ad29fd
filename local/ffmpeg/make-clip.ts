import { mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { LocatedFfmpeg } from './locate.ts';
import { runFfmpeg } from './run.ts';

export interface ClipOptions {
  readonly ffmpeg: Pick<LocatedFfmpeg, 'ffmpeg'>;
  /** @default 12 */
  readonly seconds?: number;
  /** @default 1280 */
  readonly width?: number;
  /** @default 720 */
  readonly height?: number;
  /** Frames a second, as ffmpeg writes rates: `30`, `30000/1001`. @default '30' */
  readonly frameRate?: string;
  /** A tone; false makes a clip without an audio track. @default true */
  readonly audio?: boolean;
  readonly signal?: AbortSignal;
}

/** Writes a sample clip: a moving test picture with a running counter and a tone, H.264 High and AAC in MP4, BT.709. */
export async function makeClip(file: string, options: ClipOptions): Promise<void> {
  const { ffmpeg, seconds = 12, width = 1280, height = 720, frameRate = '30', audio = true, signal } = options;
  await mkdir(dirname(file), { recursive: true });
  const picture = ['-f', 'lavfi', '-i', `testsrc2=size=${width}x${height}:rate=${frameRate}:duration=${seconds}`];
  const tone = ['-f', 'lavfi', '-i', `sine=frequency=440:beep_factor=4:sample_rate=48000:duration=${seconds}`];
  const video = ['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-profile:v', 'high'];
  const colour = ['-pix_fmt', 'yuv420p', '-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'];
  await runFfmpeg({
    file: ffmpeg.ffmpeg,
    args: [
      ...picture,
      ...(audio ? tone : []),
      ...video,
      ...colour,
      ...(audio ? ['-c:a', 'aac', '-b:a', '128k', '-ac', '2'] : []),
      ...['-movflags', '+faststart', '-f', 'mp4', basename(file)],
    ],
    cwd: dirname(file),
    outputs: [basename(file)],
    timeLimitMs: 60_000 + seconds * 10_000,
    maxFileBytes: 64 * 1024 ** 2 + seconds * 8 * 1024 ** 2,
    signal,
  });
}
