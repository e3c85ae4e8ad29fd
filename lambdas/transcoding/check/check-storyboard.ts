import type { Findings } from './fault-log.ts';
import { inOrder } from './in-order.ts';
import { jpegSize } from './jpeg-size.ts';
import type { OutputFolder } from './output-folder.ts';
import type { ImagePlaylist } from './read-rungs.ts';
import { storyboardCues, type TileSheet, tileSheets } from './storyboard.ts';
import { checkCues } from './storyboard-rules.ts';

/** The frame header of a JPEG comes after its metadata and before its picture. */
const JPEG_HEAD_BYTES = 65_536;
const READS_AT_ONCE = 4;

/** Where publishing finds the storyboard's image playlist, and what is in it. */
export interface Storyboard {
  /** Relative to the output's folder. */
  readonly playlist: string;
  readonly sheets: number;
  readonly cues: number;
  readonly tileWidthPx: number;
  readonly tileHeightPx: number;
  readonly columns: number;
  readonly rows: number;
  readonly intervalSeconds: number;
}

/** Check 54 on the image playlist with the most tiles a sheet. An output without images has no storyboard, which is a warning. */
export async function checkStoryboard(
  folder: OutputFolder,
  images: readonly ImagePlaylist[],
  videoSeconds: number,
  { faults, warnings }: Findings,
): Promise<Storyboard | null> {
  const read = images.map(({ file, playlist }) => ({ file, sheets: tileSheets(playlist, file) }));
  for (const { file, sheets } of read) {
    if (sheets === undefined) faults.add(54, file, 'a sheet without usable EXT-X-TILES', 'RESOLUTION, LAYOUT and DURATION of its tiles');
  }
  const tiles = ({ sheets }: { readonly sheets?: readonly TileSheet[] | undefined }) =>
    (sheets?.[0]?.columns ?? 0) * (sheets?.[0]?.rows ?? 0);
  const chosen = read.filter((one) => tiles(one) > 0).sort((one, other) => tiles(other) - tiles(one))[0];
  const [sheet] = chosen?.sheets ?? [];
  if (chosen?.sheets === undefined || sheet === undefined) {
    if (images.length === 0) warnings.add(54, 'storyboard.vtt', 'no image playlist', 'tile sheets beside the lowest rung');
    return null;
  }
  const cues = storyboardCues(chosen.sheets, videoSeconds);
  checkCues(cues, videoSeconds, await sheetSizes(folder, chosen.sheets, faults), chosen.file, faults);
  return {
    playlist: chosen.file,
    sheets: chosen.sheets.length,
    cues: cues.length,
    tileWidthPx: sheet.tileWidthPx,
    tileHeightPx: sheet.tileHeightPx,
    columns: sheet.columns,
    rows: sheet.rows,
    intervalSeconds: sheet.tileSeconds,
  };
}

async function sheetSizes(folder: OutputFolder, sheets: readonly TileSheet[], faults: Findings['faults']) {
  const sizes = new Map<string, { readonly widthPx: number; readonly heightPx: number }>();
  const reads = inOrder(sheets, READS_AT_ONCE, ({ file }) => folder.read(file, JPEG_HEAD_BYTES));
  for await (const { item, result } of reads) {
    if (result === undefined) continue; // reported where the playlist was followed
    const size = jpegSize(result);
    if (size === undefined) faults.add(54, item.file, 'no JPEG', 'a tile sheet');
    else sizes.set(item.file, size);
  }
  return sizes;
}
