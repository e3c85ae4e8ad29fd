import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocatedFfmpeg } from '../../local/ffmpeg/locate.ts';
import { runFfmpeg, runProgram } from '../../local/ffmpeg/run.ts';

interface Packet {
  readonly codec_type: 'video' | 'audio';
  readonly pts_time: string;
  readonly dts_time: string;
  readonly flags: string;
}

/** What ffprobe says about a rung: its segments joined and put into MP4 (npm's ffprobe cannot open transport streams). */
export async function probeRung(ffmpeg: LocatedFfmpeg, directory: string, segments: readonly Buffer[]) {
  await writeFile(join(directory, 'rung.ts'), Buffer.concat(segments));
  const remux = ['-i', 'file:rung.ts', '-c', 'copy', '-bsf:a', 'aac_adtstoasc', 'rung.mp4'];
  const silent = remux.filter((word) => word !== '-bsf:a' && word !== 'aac_adtstoasc');
  const run = { file: ffmpeg.ffmpeg, cwd: directory, outputs: ['rung.mp4'], timeLimitMs: 20_000 };
  await runFfmpeg({ ...run, args: remux }).catch(() => runFfmpeg({ ...run, args: silent }));
  const lines: string[] = [];
  await runProgram({
    file: ffmpeg.ffprobe,
    args: ['-v', 'error', '-of', 'json', '-show_streams', '-show_entries', 'packet=codec_type,pts_time,dts_time,flags', 'file:rung.mp4'],
    cwd: directory,
    timeLimitMs: 20_000,
    onLine: (line) => lines.push(line),
  });
  const { streams, packets } = JSON.parse(lines.join('\n')) as { streams: Record<string, unknown>[]; packets: Packet[] };
  const of = (type: Packet['codec_type']) => packets.filter((packet) => packet.codec_type === type);
  return {
    video: streams.find(({ codec_type }) => codec_type === 'video'),
    audio: streams.find(({ codec_type }) => codec_type === 'audio'),
    of,
  };
}

/** What a decoder complains about in one segment that it is given alone. */
export async function decodeAlone(ffmpeg: LocatedFfmpeg, directory: string, segment: Buffer): Promise<string> {
  await writeFile(join(directory, 'alone.ts'), segment);
  const args = ['-v', 'error', '-i', 'file:alone.ts', '-f', 'null', '-'];
  return await runProgram({ file: ffmpeg.ffmpeg, args, cwd: directory, timeLimitMs: 20_000 });
}

/** The streams that ffprobe finds in a file of the directory. */
export async function probeFile(ffmpeg: LocatedFfmpeg, directory: string, name: string): Promise<Record<string, unknown>[]> {
  const lines: string[] = [];
  await runProgram({
    file: ffmpeg.ffprobe,
    args: ['-v', 'error', '-of', 'json', '-show_streams', `file:${name}`],
    cwd: directory,
    timeLimitMs: 20_000,
    onLine: (line) => lines.push(line),
  });
  return (JSON.parse(lines.join('\n')) as { streams: Record<string, unknown>[] }).streams;
}
