import type { MediaPlaylist } from './media-playlist.ts';
import { attributes, decimal, resolution } from './playlist-lines.ts';
import { resolveUri } from './relative-uri.ts';

/** One picture that holds several moments in rows. Times from the start of the video. */
export interface TileSheet {
  /** Relative to the output's folder. */
  readonly file: string;
  readonly startSeconds: number;
  readonly durationSeconds: number;
  readonly tileSeconds: number;
  readonly tileWidthPx: number;
  readonly tileHeightPx: number;
  readonly columns: number;
  readonly rows: number;
}

/** One moment: shown from `startSeconds` to `endSeconds`. */
export interface StoryboardCue {
  readonly file: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  readonly xPx: number;
  readonly yPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
}

/**
 * The sheets of an image playlist (Image Media Playlist specification 0.4: EXT-X-TILES before each sheet, or once for all). Undefined when a sheet's tiles are
 * not described or its URI cannot be used.
 */
export function tileSheets(playlist: MediaPlaylist, playlistFile: string): readonly TileSheet[] | undefined {
  const sheets: TileSheet[] = [];
  let startSeconds = 0;
  for (const { uri, durationSeconds, tiles } of playlist.segments) {
    const given = attributes(tiles ?? '');
    const tile = resolution(given.get('RESOLUTION'));
    // Without LAYOUT a sheet is one picture; the layout is columns by rows and written as a resolution is.
    const layout = resolution(given.get('LAYOUT') ?? '1x1');
    const resolved = resolveUri(playlistFile, uri);
    if (tile === undefined || layout === undefined || layout.widthPx * layout.heightPx === 0 || 'refused' in resolved) return undefined;
    const tileSeconds = decimal(given.get('DURATION')) ?? durationSeconds / (layout.widthPx * layout.heightPx);
    if (tileSeconds <= 0) return undefined;
    sheets.push({
      file: resolved.file,
      startSeconds,
      durationSeconds,
      tileSeconds,
      tileWidthPx: tile.widthPx,
      tileHeightPx: tile.heightPx,
      columns: layout.widthPx,
      rows: layout.heightPx,
    });
    startSeconds += durationSeconds;
  }
  return sheets;
}

/** Rounding of durations leaves a rest below this; it is no moment of its own. */
const REST_SECONDS = 0.02;

/** The cues of a video's storyboard. What lies behind the video's end is left out; the last cue lasts until the end if that is less than a tile away. */
export function storyboardCues(sheets: readonly TileSheet[], videoSeconds: number): readonly StoryboardCue[] {
  const cues: StoryboardCue[] = [];
  for (const sheet of sheets) {
    const sheetEnd = Math.min(sheet.startSeconds + sheet.durationSeconds, videoSeconds);
    for (let tile = 0; sheet.startSeconds + tile * sheet.tileSeconds < sheetEnd - REST_SECONDS; tile += 1) {
      const startSeconds = sheet.startSeconds + tile * sheet.tileSeconds;
      cues.push({
        file: sheet.file,
        startSeconds,
        endSeconds: Math.min(startSeconds + sheet.tileSeconds, sheetEnd),
        xPx: (tile % sheet.columns) * sheet.tileWidthPx,
        yPx: Math.floor(tile / sheet.columns) * sheet.tileHeightPx,
        widthPx: sheet.tileWidthPx,
        heightPx: sheet.tileHeightPx,
      });
    }
  }
  return cues.map((cue, index) => ({ ...cue, endSeconds: cues[index + 1]?.startSeconds ?? lastEnd(cue, sheets, videoSeconds) }));
}

function lastEnd(cue: StoryboardCue, sheets: readonly TileSheet[], videoSeconds: number): number {
  const reach = sheets.at(-1)?.tileSeconds ?? 0;
  return videoSeconds - cue.endSeconds <= reach ? videoSeconds : cue.endSeconds;
}

/** WebVTT with a media fragment a cue, as players' storyboards read it. Files are relative to where the text will lie: the output's folder. */
export function storyboardVtt(cues: readonly StoryboardCue[]): string {
  const blocks = cues.map((cue) => {
    const file = cue.file.split('/').map(encodeURIComponent).join('/');
    const fragment = [cue.xPx, cue.yPx, cue.widthPx, cue.heightPx].join(',');
    return `${clock(cue.startSeconds)} --> ${clock(cue.endSeconds)}\n${file}#xywh=${fragment}\n`;
  });
  return `WEBVTT\n\n${blocks.join('\n')}`;
}

function clock(timeSeconds: number): string {
  const ms = Math.round(timeSeconds * 1000);
  const part = (unitMs: number, count: number, digits = 2) => String(Math.floor(ms / unitMs) % count).padStart(digits, '0');
  return `${String(Math.floor(ms / 3_600_000)).padStart(2, '0')}:${part(60_000, 60)}:${part(1000, 60)}.${part(1, 1000, 3)}`;
}
