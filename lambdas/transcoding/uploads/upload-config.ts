import { z } from 'zod';
import { DatabaseConfig } from '../../data-api/database-config.ts';

/** The environment of the upload API. */
export const UploadConfig = DatabaseConfig.extend({
  VIDEOS_BUCKET: z.string().min(3),
  /** In MiB. */
  MAX_VIDEO_SIZE_MB: z.coerce
    .number()
    .int()
    .min(1)
    .max(5 * 1024 * 1024),
});

/** What lib/ must set; the compiler checks it. */
export type UploadEnv = Record<keyof typeof UploadConfig.shape, string>;
