import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { LocatedFfmpeg } from '../../../local/ffmpeg/locate.ts';

const execute = promisify(execFile);

/** What a decoder makes of one file that it is given alone. */
export interface Decoded {
  /** What it complains about; empty when nothing. */
  readonly complaints: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  readonly audioTracks: number;
}

/** Decodes all of it: every picture and every sound. */
export async function decode(ffmpeg: LocatedFfmpeg, file: string): Promise<Decoded> {
  const rate = ffmpeg.hasFrameRateMode ? ['-fps_mode', 'passthrough'] : ['-vsync', 'passthrough'];
  const { stdout, stderr } = await execute(
    ffmpeg.ffmpeg,
    ['-v', 'error', '-i', `file:${file}`, '-map', '0:v:0', '-map', '0:a?', ...rate, '-f', 'framecrc', '-'],
    { maxBuffer: 64 * 1024 ** 2 },
  );
  const [, width = 0, height = 0] = (/^#dimensions 0: (\d+)x(\d+)/m.exec(stdout) ?? []).map(Number);
  return {
    complaints: stderr.trim(),
    ...{ width, height },
    frames: stdout.match(/^0,/gm)?.length ?? 0,
    audioTracks: stdout.match(/^#media_type \d+: audio/gm)?.length ?? 0,
  };
}

export type Colour = readonly [red: number, green: number, blue: number];

export interface Quarters {
  readonly topLeft: Colour;
  readonly topRight: Colour;
  readonly bottomLeft: Colour;
  readonly bottomRight: Colour;
}

const SIDE = 16;

/** The colours near the corners of the first picture. */
export async function coloursOf(ffmpeg: LocatedFfmpeg, file: string): Promise<Quarters> {
  const picture = ['-frames:v', '1', '-vf', `scale=${SIDE}:${SIDE}:flags=area`, '-pix_fmt', 'rgb24', '-f', 'rawvideo', '-'];
  const { stdout } = await execute(ffmpeg.ffmpeg, ['-v', 'error', '-i', `file:${file}`, ...picture], { encoding: 'buffer' });
  const at = (x: number, y: number): Colour => {
    const offset = (y * SIDE + x) * 3;
    return [stdout[offset] ?? 0, stdout[offset + 1] ?? 0, stdout[offset + 2] ?? 0];
  };
  return { topLeft: at(1, 1), topRight: at(SIDE - 2, 1), bottomLeft: at(1, SIDE - 2), bottomRight: at(SIDE - 2, SIDE - 2) };
}

/** SSIM of a rendition against the source, picture by picture, the source scaled to it and upright: 1 is the same. */
export async function similarity(ffmpeg: LocatedFfmpeg, files: readonly string[], source: string, size: string): Promise<number> {
  const graph = `[1:v]scale=${size.replace('x', ':')}:flags=bicubic,format=yuv420p[source];[0:v]format=yuv420p[made];[made][source]ssim`;
  const inputs = ['-i', `concat:${files.join('|')}`, '-i', `file:${source}`];
  const { stderr } = await execute(ffmpeg.ffmpeg, ['-hide_banner', '-nostats', ...inputs, '-filter_complex', graph, '-f', 'null', '-']);
  return Number(/SSIM .*All:([\d.]+)/.exec(stderr)?.[1] ?? Number.NaN);
}

/** How loud the sound is on average, in dB below the loudest possible. */
export async function meanVolume(ffmpeg: LocatedFfmpeg, file: string): Promise<number> {
  const measure = ['-map', '0:a:0', '-af', 'volumedetect', '-f', 'null', '-'];
  const { stderr } = await execute(ffmpeg.ffmpeg, ['-hide_banner', '-nostats', '-i', `file:${file}`, ...measure]);
  return Number(/mean_volume: (-?[\d.]+) dB/.exec(stderr)?.[1] ?? Number.NEGATIVE_INFINITY);
}
