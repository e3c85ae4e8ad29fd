import type { Ratio, VideoStream } from '../ffmpeg/source-stream.ts';

/** Rates that a variable rate is rounded up to. Source: MediaConvert's guide, variable frame rate inputs. */
const NATURAL_RATES = [1, 5, 10, 15, 24, 30, 50, 60];

/** Below this relative distance, the average is only a rounding of the base rate. */
const CONSTANT_TOLERANCE = 0.002;

type Rates = Pick<VideoStream, 'averageRate' | 'baseRate'>;

/** Whether pictures come at uneven times, as far as the two rates tell. */
export function isVariableRate({ averageRate, baseRate }: Rates): boolean {
  return (
    averageRate !== undefined && baseRate !== undefined && Math.abs(perSecond(averageRate) / perSecond(baseRate) - 1) > CONSTANT_TOLERANCE
  );
}

/** The constant rate that "follow the source" gives: the source's own, or for a variable one its average rounded up. */
export function followedRate(rates: Rates): Ratio {
  const { averageRate, baseRate } = rates;
  const average = averageRate === undefined ? undefined : perSecond(averageRate);
  if (baseRate !== undefined && perSecond(baseRate) <= 120 && !isVariableRate(rates)) return baseRate;
  if (average === undefined) return { numerator: 30, denominator: 1 };
  // An average of 30.01 is 30, not 50.
  const natural = NATURAL_RATES.find((rate) => average <= rate * (1 + CONSTANT_TOLERANCE));
  return { numerator: natural ?? 60, denominator: 1 };
}

function perSecond({ numerator, denominator }: Ratio): number {
  return numerator / denominator;
}
