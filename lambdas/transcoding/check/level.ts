import type { SequenceParameters } from './sps.ts';

/** Macroblocks a second, macroblocks a frame, macroblocks in the decoder's buffer. Source: ITU-T H.264, table A-1. */
const LEVELS: readonly (readonly [levelIdc: number, perSecond: number, perFrame: number, buffered: number])[] = [
  [9, 1_485, 99, 396], // 1b, as High profile writes it
  [10, 1_485, 99, 396],
  [11, 3_000, 396, 900],
  [12, 6_000, 396, 2_376],
  [13, 11_880, 396, 2_376],
  [20, 11_880, 396, 2_376],
  [21, 19_800, 792, 4_752],
  [22, 20_250, 1_620, 8_100],
  [30, 40_500, 1_620, 8_100],
  [31, 108_000, 3_600, 18_000],
  [32, 216_000, 5_120, 20_480],
  [40, 245_760, 8_192, 32_768],
  [41, 245_760, 8_192, 32_768],
  [42, 522_240, 8_704, 34_816],
  [50, 589_824, 22_080, 110_400],
  [51, 983_040, 36_864, 184_320],
  [52, 2_073_600, 36_864, 184_320],
];

/** Every decoder in use has it; below, an encoder chooses by bit rate too, which the stream does not state. */
const HARMLESS_LEVEL = 30;

/** The levels a stream may claim: at least what its size and rate need, at most what they and its buffer need. */
export function allowedLevels(sps: SequenceParameters, framesPerSecond: number): { readonly lowest: number; readonly highest: number } {
  // The measured rate is a division: 30.0000001 is 30.
  const perSecond = sps.macroblocks * framesPerSecond * (1 - 1e-4);
  const holds = ([, second, frame]: (typeof LEVELS)[number]) => perSecond <= second && sps.macroblocks <= frame;
  const lowest = LEVELS.find(holds)?.[0] ?? 52;
  const needed = LEVELS.find((level) => holds(level) && sps.macroblocks * sps.bufferedFrames <= level[3])?.[0] ?? 52;
  // 4.0 and 4.1 differ in bit rate alone, and Apple's limit for 1080p30 is 4.1.
  return { lowest, highest: Math.max(HARMLESS_LEVEL, needed === 40 ? 41 : needed) };
}
