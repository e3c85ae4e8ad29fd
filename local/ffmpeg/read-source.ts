import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { FfmpegError } from './errors.ts';
import { inputGuard } from './input-guard.ts';
import type { LocatedFfmpeg } from './locate.ts';
import { runProgram } from './run.ts';
import { type ContainerFormat, SNIFF_BYTES, sniffContainer } from './sniff-container.ts';
import { type SourceStream, toSourceStream } from './source-stream.ts';

/** ffprobe reads headers and a few seconds of media at most. */
const PROBE_TIME_LIMIT_MS = 60_000;

export interface SourceFacts {
  readonly container: ContainerFormat;
  /** Undefined when the container does not say. */
  readonly durationSeconds: number | undefined;
  /** The earliest time stamp of any stream; ffmpeg subtracts it. */
  readonly startSeconds: number;
  readonly streams: readonly SourceStream[];
}

/** The file is none of the containers that are let in (`sniffContainer`). */
export class NotAVideoError extends Error {
  override readonly name = 'NotAVideoError';
}

/**
 * Reads what a file is, by content. npm's static ffprobe crashes on transport streams (seen: 2.1.2), so those read as broken with it; a
 * system's ffprobe reads them.
 * @throws {NotAVideoError} when its first bytes show none of the accepted containers
 * @throws {FfmpegError} when it shows one and cannot be parsed
 */
export async function readSource(ffmpeg: LocatedFfmpeg, directory: string, file: string, signal?: AbortSignal): Promise<SourceFacts> {
  const container = sniffContainer(await readHead(join(directory, file)));
  if (container === undefined) {
    throw new NotAVideoError('the first bytes are not those of an MP4, MOV, MKV, WebM, AVI or MPEG-TS file');
  }
  const lines: string[] = [];
  await runProgram({
    file: ffmpeg.ffprobe,
    args: ['-v', 'error', ...inputGuard(container), '-print_format', 'json', '-show_format', '-show_streams', `file:${file}`],
    cwd: directory,
    timeLimitMs: PROBE_TIME_LIMIT_MS,
    signal,
    onLine: (line) => lines.push(line),
  });
  const answer = JSON.parse(lines.join('\n')) as { format?: Record<string, string>; streams?: Record<string, unknown>[] };
  if (answer.format === undefined) throw new FfmpegError('ffprobe found no container');
  return {
    container,
    durationSeconds: numberOf(answer.format.duration),
    startSeconds: numberOf(answer.format.start_time) ?? 0,
    streams: (answer.streams ?? []).map(toSourceStream),
  };
}

async function readHead(file: string): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(SNIFF_BYTES), 0, SNIFF_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

function numberOf(text: string | undefined): number | undefined {
  const value = Number(text);
  return text === undefined || !Number.isFinite(value) ? undefined : value;
}
