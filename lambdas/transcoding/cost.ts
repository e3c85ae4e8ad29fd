import type { TranscodingSettings } from './settings.ts';

export interface OutputMinutes {
  readonly heightPx: number;
  readonly widthPx: number;
  readonly framesPerSecond: number;
  readonly seconds: number;
}

export interface Cost {
  readonly outputMinutes: number;
  readonly costUsd: number;
}

/** MediaConvert bills an output in whole seconds, ten at least. Source: its price list. */
const MIN_BILLED_SECONDS = 10;

/** The price of outputs by size and frame rate, in the basic tier. Sound is part of its output; frame captures and tiles are not billed by the minute. */
export function costOf(outputs: readonly OutputMinutes[], prices: TranscodingSettings['prices']): Cost {
  let outputMinutes = 0;
  let costUsd = 0;
  for (const { heightPx, widthPx, framesPerSecond, seconds } of outputs) {
    const minutes = Math.max(MIN_BILLED_SECONDS, Math.ceil(seconds)) / 60;
    const size = Math.min(heightPx, widthPx) >= 720 ? prices.hd : 1;
    const rate = framesPerSecond > 30 ? prices.highFrameRate : 1;
    outputMinutes += minutes;
    costUsd += minutes * size * rate * prices.usdPerNormalizedMinute;
  }
  return { outputMinutes: round(outputMinutes), costUsd: round(costUsd) };
}

function round(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}
