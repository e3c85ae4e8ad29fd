import type { Ratio, VideoStream } from '../ffmpeg/source-stream.ts';

/** Rates that a variable rate is rounded up to. Source: MediaConvert's guide, variable frame rate inputs. */
const NATURAL_RATES = [1, 5, 10, 15, 24, 30, 50, 60];

/** Below this relative distance, the average is only a rounding of the base rate. */
const CONSTANT_TOLERANCE = 0.002;

/** The constant rate that "follow the source" gives: the source's own, or for a variable one its average rounded up. */
export function followedRate({ averageRate, baseRate }: Pick<VideoStream, 'averageRate' | 'baseRate'>): Ratio {
  const average = averageRate === undefined ? undefined : averageRate.numerator / averageRate.denominator;
  if (baseRate !== undefined) {
    const base = baseRate.numerator / baseRate.denominator;
    if (base <= 120 && (average === undefined || Math.abs(average / base - 1) <= CONSTANT_TOLERANCE)) return baseRate;
  }
  if (average === undefined) return { numerator: 30, denominator: 1 };
  // An average of 30.01 is 30, not 50.
  const natural = NATURAL_RATES.find((rate) => average <= rate * (1 + CONSTANT_TOLERANCE));
  return { numerator: natural ?? 60, denominator: 1 };
}
