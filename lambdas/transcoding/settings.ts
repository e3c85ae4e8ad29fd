import { z } from 'zod';

/**
 * What an operator may change while uploads come in: the AppConfig profile `transcoding-settings`, read at the start of each step. One schema,
 * which is also the profile's validator. Defaults are stated here, once.
 */
export const TranscodingSettings = z.strictObject({
  /** The estimate of one video above which it is refused before anything is paid. */
  maxCostUsdPerVideo: z.number().min(0).max(10_000).default(20),
  /** For estimates: basic tier, single-pass AVC. AWS bills by its own list. */
  prices: z
    .strictObject({
      usdPerNormalizedMinute: z.number().min(0).default(0.0085),
      /** Factor from 720 lines on. */
      hd: z.number().min(0).default(2),
      /** Factor above 30 frames a second. */
      highFrameRate: z.number().min(0).default(1.25),
    })
    .default({ usdPerNormalizedMinute: 0.0085, hd: 2, highFrameRate: 1.25 }),
  /** How long output that no longer plays is kept: players that have the old playlist open finish with it. */
  supersededHours: z.number().min(0).max(8_760).default(72),
  /** How long output of an upload that failed is kept, for a look at it. */
  failedHours: z.number().min(0).max(8_760).default(72),
  /** Objects, versions counted, that one sweep deletes at most. */
  maxDeletionsPerSweep: z.number().int().min(1).max(100_000).default(20_000),
});
export type TranscodingSettings = z.output<typeof TranscodingSettings>;
