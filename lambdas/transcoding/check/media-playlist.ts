import type { FaultLog } from './fault-log.ts';
import { decimal, playlistLines, tagValue } from './playlist-lines.ts';

export interface MediaSegment {
  readonly uri: string;
  readonly durationSeconds: number;
  /** As written after EXTINF. */
  readonly durationText: string;
  /** The attribute list of the EXT-X-TILES that holds for it, for image playlists. */
  readonly tiles: string | undefined;
}

export interface MediaPlaylist {
  readonly version: number;
  /** The lowest version that its tags need. */
  readonly neededVersion: number;
  readonly targetSeconds: number | undefined;
  readonly type: string | undefined;
  /** EXT-X-ENDLIST is there, and the last line. */
  readonly ended: boolean;
  readonly discontinuities: number;
  readonly imagesOnly: boolean;
  readonly segments: readonly MediaSegment[];
}

/** Reads a media playlist; what cannot be read goes to the log, and the rest is read all the same. */
export function readMediaPlaylist(bytes: Uint8Array, file: string, faults: FaultLog): MediaPlaylist {
  const lines = playlistLines(bytes, file, faults);
  const value = (tag: string) => lines.map((line) => tagValue(line, tag)).find((found) => found !== undefined);
  const segments = readSegments(lines, file, faults);
  return {
    version: decimal(value('EXT-X-VERSION')) ?? 1,
    neededVersion: neededVersion(lines),
    targetSeconds: decimal(value('EXT-X-TARGETDURATION')),
    type: value('EXT-X-PLAYLIST-TYPE'),
    ended: lines.at(-1) === '#EXT-X-ENDLIST',
    discontinuities: lines.filter((line) => line === '#EXT-X-DISCONTINUITY').length,
    imagesOnly: lines.includes('#EXT-X-IMAGES-ONLY'),
    segments,
  };
}

/** RFC 8216 section 7. */
function neededVersion(lines: readonly string[]): number {
  const uses = (tag: string) => lines.some((line) => line === `#${tag}` || line.startsWith(`#${tag}:`));
  if (uses('EXT-X-MAP')) return uses('EXT-X-I-FRAMES-ONLY') ? 5 : 6;
  if (uses('EXT-X-BYTERANGE') || uses('EXT-X-I-FRAMES-ONLY')) return 4;
  return lines.some((line) => /^#EXTINF:\d+\./.test(line)) ? 3 : 1;
}

function readSegments(lines: readonly string[], file: string, faults: FaultLog): readonly MediaSegment[] {
  const segments: MediaSegment[] = [];
  let extinf: string | undefined;
  let tiles: string | undefined;
  for (const line of lines) {
    extinf = tagValue(line, 'EXTINF') ?? extinf;
    tiles = tagValue(line, 'EXT-X-TILES') ?? tiles;
    if (line.startsWith('#')) continue;
    const durationText = extinf?.split(',')[0] ?? '';
    const durationSeconds = decimal(durationText);
    if (durationSeconds === undefined || !extinf?.includes(',')) {
      faults.add(8, file, extinf === undefined ? `${line} without EXTINF` : `EXTINF:${extinf}`, 'EXTINF:<seconds>, before every segment');
    }
    segments.push({ uri: line, durationSeconds: durationSeconds ?? 0, durationText, tiles });
    extinf = undefined;
  }
  return segments;
}

export function totalSeconds({ segments }: MediaPlaylist): number {
  return segments.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0);
}
