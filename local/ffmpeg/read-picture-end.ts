import { inputGuard } from './input-guard.ts';
import type { LocatedFfmpeg } from './locate.ts';
import { runProgram } from './run.ts';
import type { ContainerFormat } from './sniff-container.ts';

/** Every packet's header is read, so this takes as long as reading the file. */
const TIME_LIMIT_MS = 600_000;

/**
 * When a video stream's last picture ends, in seconds of the file's clock, from the time stamps themselves: a header that was written for a constant rate
 * understates a variable one by as much as its pictures are out of order. Undefined when no packet has a time stamp.
 */
export async function readPictureEnd(
  ffmpeg: LocatedFfmpeg,
  directory: string,
  file: string,
  { container, index, signal }: { readonly container: ContainerFormat; readonly index: number; readonly signal?: AbortSignal },
): Promise<number | undefined> {
  let end: number | undefined;
  await runProgram({
    file: ffmpeg.ffprobe,
    args: [
      ...['-v', 'error', ...inputGuard(container), '-select_streams', String(index)],
      ...['-show_entries', 'packet=pts_time,duration_time,flags', '-print_format', 'csv=p=0', `file:${file}`],
    ],
    cwd: directory,
    timeLimitMs: TIME_LIMIT_MS,
    signal,
    onLine: (line) => {
      const [pts, duration, flags = ''] = line.split(',');
      if (flags.includes('D')) return; // outside the edit list: decoded, never shown
      const packetEnd = Number(pts) + (Number(duration) || 0);
      if (Number.isFinite(packetEnd)) end = Math.max(end ?? packetEnd, packetEnd);
    },
  });
  return end;
}
