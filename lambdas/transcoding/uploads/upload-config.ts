import { z } from 'zod';
import { DatabaseConfig } from '../../data-api/database-config.ts';
import { FlagsConfig } from '../../rollout/api/flags-in-force.ts';

/** The environment of the upload API. */
export const UploadConfig = DatabaseConfig.extend(FlagsConfig.shape).extend({
  VIDEOS_BUCKET: z.string().min(3),
  /** In MiB: what the function was made for. The flag's attribute may ask for less. */
  MAX_VIDEO_SIZE_MB: z.coerce
    .number()
    .int()
    .min(1)
    .max(5 * 1024 * 1024),
});

/** What lib/ must set; the compiler checks it. */
export type UploadEnv = Record<keyof typeof UploadConfig.shape, string>;
