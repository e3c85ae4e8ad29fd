import { z } from 'zod';
import { DatabaseConfig } from '../data-api/database-config.ts';
import { RolloutConfig } from '../rollout/config.ts';

/** The one reader of the console's environment. */
export const ConsoleConfig = DatabaseConfig.extend({
  /** Where the page sends the parts of uploads: the bucket's own origin. */
  UPLOAD_ORIGIN: z.url(),
  REPORT_BUCKET: z.string().min(3),
  DAILY_MIGRATION_ARN: z.string().startsWith('arn:'),
  ROLLOUT_ARN: z.string().startsWith('arn:'),
  ...RolloutConfig.pick({ APPLICATION_ID: true, ENVIRONMENT_ID: true, FLAGS_PROFILE_ID: true, NOTICES_PROFILE_ID: true, THRESHOLDS: true })
    .shape,
});

/** What lib/ must set; the compiler checks it. */
export type ConsoleEnv = Record<keyof typeof ConsoleConfig.shape, string>;
