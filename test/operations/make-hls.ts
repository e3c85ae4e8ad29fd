import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { locateFfmpeg } from '../../local/ffmpeg/locate.ts';

export const HLS_SECONDS = 4;

const RENDITIONS = [
  { name: '360p', size: '640x360', bandwidth: 900_000 },
  { name: '180p', size: '320x180', bandwidth: 300_000 },
];

/** A small real HLS asset with sound in two renditions, `index.m3u8`, and its `poster.jpg`. */
export async function makeHls(folder: string): Promise<void> {
  const { ffmpeg } = await locateFfmpeg();
  const sources = [`testsrc2=size=640x360:rate=30:duration=${HLS_SECONDS}`, `sine=frequency=440:sample_rate=48000:duration=${HLS_SECONDS}`];
  const outputs = RENDITIONS.flatMap(({ name, size }) => [
    ...['-map', '0:v', '-map', '1:a', '-s', size],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-profile:v', 'main', '-level', '3.0', '-pix_fmt', 'yuv420p', '-g', '30'],
    ...['-c:a', 'aac', '-b:a', '96k', '-ac', '2', '-f', 'hls', '-hls_time', '2', '-hls_playlist_type', 'vod'],
    ...['-hls_segment_filename', `index_${name}_%03d.ts`, `index_${name}.m3u8`],
  ]);
  await promisify(execFile)(
    ffmpeg,
    [
      '-v',
      'error',
      '-y',
      ...sources.flatMap((source) => ['-f', 'lavfi', '-i', source]),
      ...outputs,
      '-map',
      '0:v',
      '-frames:v',
      '1',
      'poster.jpg',
    ],
    { cwd: folder },
  );
  const variants = RENDITIONS.map(
    ({ name, size, bandwidth }) =>
      `#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth},RESOLUTION=${size},CODECS="avc1.4d401e,mp4a.40.2"\nindex_${name}.m3u8\n`,
  );
  await writeFile(join(folder, 'index.m3u8'), `#EXTM3U\n#EXT-X-VERSION:3\n${variants.join('')}`);
}
