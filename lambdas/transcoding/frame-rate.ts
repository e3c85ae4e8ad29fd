/** A rate as MediaConvert takes it. */
export interface FrameRate {
  readonly numerator: number;
  readonly denominator: number;
}

/** Where the service rounds the average of a changing rate up to. Source: MediaConvert guide, variable frame rate inputs. */
const ROUNDED_RATES = [1, 5, 10, 15, 24, 30, 50, 60];
const MAX_FRAMES_PER_SECOND = 60;
const MIN_FRAMES_PER_SECOND = 1;

/** The rate an output has: the source's where that is constant and up to 60; halved above; a changing one rounded up as the service does. */
export function outputFrameRate(source: { readonly frameRate: FrameRate; readonly variableFrameRate: boolean }): FrameRate {
  const { numerator, denominator } = source.frameRate;
  const framesPerSecond = numerator / denominator;
  if (source.variableFrameRate || framesPerSecond < MIN_FRAMES_PER_SECOND) {
    return { numerator: ROUNDED_RATES.find((rate) => rate >= framesPerSecond - 0.01) ?? MAX_FRAMES_PER_SECOND, denominator: 1 };
  }
  let halved = denominator;
  while (numerator / halved > MAX_FRAMES_PER_SECOND + 0.01) halved *= 2;
  return { numerator, denominator: halved };
}

export function framesPerSecond({ numerator, denominator }: FrameRate): number {
  return numerator / denominator;
}
