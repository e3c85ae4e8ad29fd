import { z } from 'zod';

/**
 * What is remembered of a rung between its segments: a few numbers, whatever the video's length, so that a check that runs out of time goes on
 * where it stopped. Times in ticks.
 */
export const RungState = z.object({
  /** The last segment could not be read: what follows has nothing to continue. */
  gap: z.boolean(),
  /** Last continuity counter by pid. */
  counters: z.record(z.string(), z.number()),
  /** Hex. */
  sps: z.string().nullable(),
  /** The constant distance of pictures, from the first segment that has two. */
  frameTicks: z.number().nullable(),
  frames: z.number(),
  video: z
    .object({
      /** From the first picture shown to the last. */
      spanTicks: z.number(),
      segmentPts: z.number(),
      highestPts: z.number(),
      lastDts: z.number(),
      lastIdrPts: z.number().nullable(),
    })
    .nullable(),
  audio: z
    .object({
      /** From the first frame's start to the last one's end. */
      spanTicks: z.number(),
      endPts: z.number(),
      frames: z.number(),
      bytes: z.number(),
      format: z.object({ objectType: z.number(), sampleRateHz: z.number(), channels: z.number() }).nullable(),
    })
    .nullable(),
});
export type RungState = z.output<typeof RungState>;

export function newRungState(): RungState {
  return { gap: false, counters: {}, sps: null, frameTicks: null, frames: 0, video: null, audio: null };
}
