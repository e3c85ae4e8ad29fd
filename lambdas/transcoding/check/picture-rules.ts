import type { Findings } from './fault-log.ts';
import { allowedLevels } from './level.ts';
import type { SequenceParameters } from './sps.ts';

const HIGH_PROFILE = 100;
const APPLE_HIGHEST_LEVEL = 42;
/** Code points of ITU-T H.273: BT.709; what SDR of standard definition and silence about it are called. */
const BT709 = 1;
const SDR_CODES = { primaries: new Set([1, 2, 5, 6]), transfer: new Set([1, 2, 4, 5, 6, 13]), matrix: new Set([1, 2, 5, 6]) };
/** Aspect: the rung's own rounding to even sides, and that of the rung it is compared with. */
const ASPECT_TOLERANCE_PX = 2;

export interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** What a rung's sequence parameter set must say: checks 30, 32 (square pixels), 33, 34, 35 and 37. */
export function checkPicture(
  sps: SequenceParameters,
  file: string,
  promised: Size & { readonly framesPerSecond: number; readonly source: Size },
  { faults, warnings }: Findings,
): void {
  const size = show(sps);
  if (sps.widthPx !== promised.widthPx || sps.heightPx !== promised.heightPx) faults.add(30, file, size, show(promised));
  const [width, height] = sps.sampleAspect;
  if (width !== height || width === 0) faults.add(32, file, `pixels of ${width}:${height}`, '1:1');
  if (shortSide(sps) > shortSide(promised.source)) faults.add(33, file, size, `no more than the source's ${show(promised.source)}`);
  if (sps.widthPx % 2 !== 0 || sps.heightPx % 2 !== 0) faults.add(33, file, size, 'even sides');
  if (sps.profileIdc !== HIGH_PROFILE) faults.add(34, file, `profile ${sps.profileIdc}`, 'High (100)');
  const { lowest, highest } = allowedLevels(sps, promised.framesPerSecond);
  if (sps.levelIdc < lowest || sps.levelIdc > highest) {
    faults.add(
      34,
      file,
      `level ${sps.levelIdc / 10}`,
      `${lowest / 10} to ${highest / 10} for ${size} at ${promised.framesPerSecond.toFixed(3)}`,
    );
  } else if (sps.levelIdc > APPLE_HIGHEST_LEVEL) warnings.add(34, file, `level ${sps.levelIdc / 10}`, 'at most 4.2 for every device');
  if (sps.chromaFormatIdc !== 1 || sps.bitDepth !== 8 || !sps.progressive) {
    const scan = sps.progressive ? 'progressive' : 'interlaced';
    faults.add(35, file, `chroma format ${sps.chromaFormatIdc}, ${sps.bitDepth} bits, ${scan}`, '4:2:0 (1), 8 bits, progressive');
  }
  checkColour(sps.colour, file, { faults, warnings });
}

function checkColour(colour: SequenceParameters['colour'], file: string, { faults, warnings }: Findings): void {
  const { primaries, transfer, matrix, fullRange } = colour;
  const isSdr = SDR_CODES.primaries.has(primaries) && SDR_CODES.transfer.has(transfer) && SDR_CODES.matrix.has(matrix);
  if (!isSdr || fullRange) faults.add(37, file, showColour(colour), 'BT.709 (1/1/1), limited range');
  else if (primaries !== BT709 || transfer !== BT709 || matrix !== BT709) warnings.add(37, file, showColour(colour), 'BT.709 (1/1/1)');
}

/** What the pictures of all rungs must have in common: checks 32 and 37. */
export function comparePictures(rungs: ReadonlyMap<string, SequenceParameters>, { faults }: Findings): void {
  const tallest = [...rungs].reduce<[string, SequenceParameters] | undefined>(
    (best, rung) => (best === undefined || shortSide(rung[1]) > shortSide(best[1]) ? rung : best),
    undefined,
  );
  if (tallest === undefined) return;
  const [reference, top] = tallest;
  for (const [file, sps] of rungs) {
    const isPortrait = top.heightPx > top.widthPx;
    const [long, short] = isPortrait ? [sps.heightPx, sps.widthPx] : [sps.widthPx, sps.heightPx];
    const exact = (short * (isPortrait ? top.heightPx : top.widthPx)) / shortSide(top);
    if (Math.abs(long - exact) > ASPECT_TOLERANCE_PX) faults.add(32, file, show(sps), `the shape of ${reference}, ${show(top)}`);
    if (showColour(sps.colour) !== showColour(top.colour)) {
      faults.add(37, file, showColour(sps.colour), `${showColour(top.colour)} as in ${reference}`);
    }
  }
}

function shortSide({ widthPx, heightPx }: Size): number {
  return Math.min(widthPx, heightPx);
}

function show({ widthPx, heightPx }: Size): string {
  return `${widthPx}x${heightPx}`;
}

function showColour({ primaries, transfer, matrix, fullRange }: SequenceParameters['colour']): string {
  return `colour ${primaries}/${transfer}/${matrix}, ${fullRange ? 'full' : 'limited'} range`;
}
