import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { storyboardVtt } from '../../lambdas/transcoding/check/storyboard.ts';
import { locateFfmpeg } from '../../local/ffmpeg/locate.ts';

export const HLS_SECONDS = 4;

const RENDITIONS = [
  { name: '360p', size: '640x360', bandwidth: 900_000 },
  { name: '180p', size: '320x180', bandwidth: 300_000 },
];

/** A tile a second, on two sheets, each of one colour: RGB of what the storyboard shows at 0, 1, 2 and 3 s. */
export const TILE_COLORS = [
  [200, 30, 30],
  [30, 200, 30],
  [30, 30, 200],
  [200, 200, 30],
] as const;
const TILE = { widthPx: 160, heightPx: 90 };

/** A small real HLS asset with sound in two renditions, `index.m3u8`, its `poster.jpg`, `preview.mp4` and `storyboard.vtt`. */
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
      ...[
        '-map',
        '0:v',
        '-an',
        '-t',
        '1.5',
        '-s',
        '320x180',
        '-c:v',
        'libx264',
        '-preset',
        'ultrafast',
        '-pix_fmt',
        'yuv420p',
        'preview.mp4',
      ],
    ],
    { cwd: folder },
  );
  await makeStoryboard(ffmpeg, folder);
  const variants = RENDITIONS.map(
    ({ name, size, bandwidth }) =>
      `#EXT-X-STREAM-INF:BANDWIDTH=${bandwidth},RESOLUTION=${size},CODECS="avc1.4d401e,mp4a.40.2"\nindex_${name}.m3u8\n`,
  );
  await writeFile(join(folder, 'index.m3u8'), `#EXTM3U\n#EXT-X-VERSION:3\n${variants.join('')}`);
}

async function makeStoryboard(ffmpeg: string, folder: string): Promise<void> {
  const cues = TILE_COLORS.map((_, second) => ({
    file: `tiles_${Math.floor(second / 2)}.jpg`,
    startSeconds: second,
    endSeconds: second + 1,
    xPx: (second % 2) * TILE.widthPx,
    yPx: 0,
    ...TILE,
  }));
  for (const sheet of new Set(cues.map(({ file }) => file))) {
    const colors = TILE_COLORS.filter((_, second) => cues[second]?.file === sheet);
    const inputs = colors.flatMap((rgb) => {
      const hex = rgb.map((value) => value.toString(16).padStart(2, '0')).join('');
      return ['-f', 'lavfi', '-i', `color=0x${hex}:size=${TILE.widthPx}x${TILE.heightPx}`];
    });
    const args = [
      '-v',
      'error',
      '-y',
      ...inputs,
      '-filter_complex',
      `hstack=inputs=${colors.length}`,
      '-frames:v',
      '1',
      '-q:v',
      '2',
      sheet,
    ];
    await promisify(execFile)(ffmpeg, args, { cwd: folder });
  }
  await writeFile(join(folder, 'storyboard.vtt'), storyboardVtt(cues));
}
