import type { FaultLog } from './fault-log.ts';
import type { StoryboardCue } from './storyboard.ts';

/** Cues are written in milliseconds. */
const GAP_SECONDS = 0.001;

interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** Check 54 on the cues that would be written: the whole duration without gaps, inside their sheets, sheets that divide by tiles. */
export function checkCues(
  cues: readonly StoryboardCue[],
  videoSeconds: number,
  sheetSizes: ReadonlyMap<string, Size>,
  file: string,
  faults: FaultLog,
): void {
  let covered = 0;
  for (const cue of cues) {
    if (Math.abs(cue.startSeconds - covered) > GAP_SECONDS) faults.add(54, file, `a gap at ${covered.toFixed(3)} s`, 'cues without gaps');
    covered = cue.endSeconds;
    const sheet = sheetSizes.get(cue.file);
    if (sheet === undefined) continue; // reported as missing or as no JPEG
    if (cue.xPx + cue.widthPx > sheet.widthPx || cue.yPx + cue.heightPx > sheet.heightPx) {
      faults.add(54, cue.file, `a tile at ${cue.xPx},${cue.yPx},${cue.widthPx},${cue.heightPx}`, `inside ${show(sheet)}`);
    }
  }
  if (Math.abs(covered - videoSeconds) > GAP_SECONDS) {
    faults.add(54, file, `cues that end at ${covered.toFixed(3)} s`, `${videoSeconds.toFixed(3)} s`);
  }
  const tile = cues[0];
  if (tile === undefined) return;
  for (const [sheet, size] of sheetSizes) {
    if (tile.widthPx * tile.heightPx === 0 || size.widthPx % tile.widthPx !== 0 || size.heightPx % tile.heightPx !== 0) {
      faults.add(54, sheet, `a sheet of ${show(size)}`, `whole tiles of ${show(tile)}`);
    }
  }
}

function show({ widthPx, heightPx }: Size): string {
  return `${widthPx}x${heightPx}`;
}
