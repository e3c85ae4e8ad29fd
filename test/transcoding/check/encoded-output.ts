import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckOutputInput } from '../../../lambdas/transcoding/check-output.ts';
import { locateFfmpeg } from '../../../local/ffmpeg/locate.ts';
import { runFfmpeg } from '../../../local/ffmpeg/run.ts';
import { upload } from '../uploads.ts';

/** Files of an output by their path in its folder. */
export type Files = Map<string, Buffer>;

export interface EncodeOptions {
  /** @default 14, two whole segments and one of 2 s */
  readonly seconds?: number;
  /** @default '30' */
  readonly rate?: string;
  /** @default true */
  readonly audio?: boolean;
  /** More of x264, ffmpeg's words. */
  readonly video?: readonly string[];
  /** @default 320x180 and 160x90 */
  readonly rungs?: readonly { readonly name: string; readonly widthPx: number; readonly heightPx: number; readonly crf: number }[];
}

export const RUNGS = [
  { name: '180p', widthPx: 320, heightPx: 180, crf: 20 },
  { name: '90p', widthPx: 160, heightPx: 90, crf: 28 },
] as const;

const BT709 = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'tv'];
const CLOSED_GOPS = ['-force_key_frames', 'expr:gte(t+0.000001,n_forced*2)', '-forced-idr', '1', '-sc_threshold', '0', '-flags', '+cgop'];

/** What MediaConvert would leave in the folder of an upload, made with ffmpeg: rungs, and a storyboard beside the lowest. */
export async function encodeOutput(options: EncodeOptions = {}): Promise<Files> {
  const { seconds = 14, rate = '30', audio = true, video = [], rungs = RUNGS } = options;
  const { ffmpeg: file } = await locateFfmpeg();
  const cwd = await mkdtemp(join(tmpdir(), 'check-output-'));
  try {
    const largest = rungs[0] ?? RUNGS[0];
    const input = ['-f', 'lavfi', '-i', `testsrc2=size=${largest.widthPx}x${largest.heightPx}:rate=${rate}:duration=${seconds}`];
    const tone = ['-f', 'lavfi', '-i', `sine=frequency=440:sample_rate=48000:duration=${seconds}`];
    const outputs = rungs.flatMap(({ name, widthPx, heightPx, crf }) => [
      ...['-map', '0:v', ...(audio ? ['-map', '1:a'] : []), '-vf', `scale=${widthPx}:${heightPx},setsar=1`],
      ...['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'high', '-pix_fmt', 'yuv420p', '-crf', String(crf), '-g', '600'],
      ...[...CLOSED_GOPS, ...BT709, ...video, ...(audio ? ['-c:a', 'aac', '-b:a', '96k', '-ac', '2'] : [])],
      ...['-muxdelay', '0', '-muxpreload', '0', '-f', 'hls', '-hls_segment_type', 'mpegts', '-hls_time', '6', '-hls_list_size', '0'],
      ...['-start_number', '1', '-hls_segment_filename', `index_${name}_%05d.ts`, `index_${name}.m3u8`],
    ]);
    const sheet = ['-map', '0:v', '-vf', 'fps=1/2,scale=64:36,tile=4x2', '-frames:v', '1', 'sheet.jpg'];
    const args = [...input, ...(audio ? tone : []), ...outputs, ...sheet];
    await runFfmpeg({ file, args, cwd, outputs: rungs.map(({ name }) => `index_${name}.m3u8`), timeLimitMs: 60_000 });
    return await collect(cwd, rungs, seconds);
  } finally {
    await rm(cwd, { recursive: true });
  }
}

async function collect(cwd: string, rungs: NonNullable<EncodeOptions['rungs']>, seconds: number): Promise<Files> {
  const files: Files = new Map();
  const lowest = rungs.at(-1)?.name ?? '';
  for (const { name } of rungs) {
    const text = await readFile(join(cwd, `index_${name}.m3u8`), 'utf8');
    files.set(`${name}/index_${name}.m3u8`, Buffer.from(text.replace(/(#EXT-X-MEDIA-SEQUENCE)/, '#EXT-X-PLAYLIST-TYPE:VOD\n$1')));
    for (const segment of text.match(/^.*\.ts$/gm) ?? []) files.set(`${name}/${segment}`, await readFile(join(cwd, segment)));
    const images = name === lowest ? '#EXT-X-IMAGE-STREAM-INF:BANDWIDTH=9000,RESOLUTION=64x36,CODECS="jpeg",URI="index_images.m3u8"\n' : '';
    files.set(`${name}/index.m3u8`, Buffer.from(`#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-STREAM-INF:BANDWIDTH=1\nindex_${name}.m3u8\n${images}`));
  }
  const head = '#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:16\n#EXT-X-IMAGES-ONLY\n#EXT-X-PLAYLIST-TYPE:VOD\n';
  const tiles = `#EXTINF:${seconds.toFixed(3)},\n#EXT-X-TILES:RESOLUTION=64x36,LAYOUT=4x2,DURATION=2.000\nsheet_1.jpg\n`;
  files.set(`${lowest}/index_images.m3u8`, Buffer.from(`${head}${tiles}#EXT-X-ENDLIST\n`));
  files.set(`${lowest}/sheet_1.jpg`, await readFile(join(cwd, 'sheet.jpg')));
  return files;
}

/** The state machine's input for such an output. */
export function checkInput(promised: Partial<CheckOutputInput['promised']> = {}): CheckOutputInput {
  const renditions = RUNGS.map(({ name, widthPx, heightPx }) => ({ name, widthPx, heightPx }));
  const source = { widthPx: 320, heightPx: 180 };
  return { upload: upload(), promised: { renditions, durationSeconds: 14, hasAudio: true, framesPerSecond: 30, source, ...promised } };
}
