import { z } from 'zod';
import { DatabaseConfig } from '../data-api/database-config.ts';

/** The one reader of the migration's environment; every bad key in one error, at cold start. */
export const MigrationConfig = DatabaseConfig.extend({
  /** Where the AppConfig agent answers the settings. */
  SETTINGS_PATH: z.string().startsWith('/applications/'),
  REPORT_BUCKET: z.string().min(3),
  NOTICES_TOPIC_ARN: z.string().startsWith('arn:'),
});

/** What lib/ must set; the compiler checks it. */
export type MigrationEnv = Record<keyof typeof MigrationConfig.shape, string>;
