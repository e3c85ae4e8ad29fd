import { z } from 'zod';
import { DatabaseConfig } from '../../data-api/database-config.ts';
import { FlagsConfig } from '../../rollout/api/flags-in-force.ts';
import { MAX_UPLOAD_MIB } from '../upload.ts';

/** The environment of the upload API. */
export const UploadConfig = DatabaseConfig.extend(FlagsConfig.shape).extend({
  VIDEOS_BUCKET: z.string().min(3),
  /** What an environment takes; the flag's attribute may ask for less still. */
  MAX_VIDEO_SIZE_MB: z.coerce.number().int().min(1).max(MAX_UPLOAD_MIB),
});

/** What lib/ must set; the compiler checks it. */
export type UploadEnv = Record<keyof typeof UploadConfig.shape, string>;
