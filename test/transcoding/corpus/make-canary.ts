import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import type { LocatedFfmpeg } from '../../../local/ffmpeg/locate.ts';

/** A video that belongs to nobody: two seconds of magenta. Hostile files point at it; in an output it could not be overlooked. */
export async function makeCanary({ ffmpeg }: LocatedFfmpeg, file: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const picture = ['-f', 'lavfi', '-i', 'color=c=magenta:size=640x360:rate=30:duration=2', '-c:v', 'libx264', '-pix_fmt', 'yuv420p'];
  await promisify(execFile)(ffmpeg, ['-v', 'error', '-y', ...picture, '-f', 'mpegts', `file:${file}`]);
}
