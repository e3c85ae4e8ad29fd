import type { ContainerFormat } from './sniff-container.ts';

/**
 * The demuxers an upload may reach, by ffmpeg's names. Playlists, concat scripts and image sequences are not among them: those can make
 * ffmpeg read other files of the same disk, which a protocol list does not prevent (measured; docs/parity.md, MediaConvert).
 */
export const ALLOWED_DEMUXERS = ['mov', 'mp4', 'm4a', '3gp', '3g2', 'mj2', 'matroska', 'webm', 'avi', 'mpegts'] as const;

/** The one demuxer for each container that is let in: with it named, ffmpeg does not guess. */
const DEMUXERS: Readonly<Record<ContainerFormat, string>> = {
  mp4: 'mov',
  quicktime: 'mov',
  three_gp: 'mov',
  three_g2: 'mov',
  matroska: 'matroska',
  webm: 'matroska',
  avi: 'avi',
  mpegts: 'mpegts',
};

/** No single piece of memory larger than this: a picture of 8192 × 8192 in 12 bits with full colour has 400 MB. */
const MAX_ALLOCATION_BYTES = 1024 ** 3;

/** Options that must stand before `-i` for any file that came from outside, for ffmpeg and ffprobe alike. No protocol of a network is among them. */
export const INPUT_GUARD = [
  ...['-max_alloc', String(MAX_ALLOCATION_BYTES)],
  ...['-protocol_whitelist', 'file,pipe', '-format_whitelist', ALLOWED_DEMUXERS.join(',')],
] as const;

/** The same, for a file whose container is known. */
export function inputGuard(container: ContainerFormat): string[] {
  return [...INPUT_GUARD, '-f', DEMUXERS[container]];
}
