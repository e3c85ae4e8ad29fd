import { z } from 'zod';
import { DatabaseConfig } from '../data-api/database-config.ts';

/** What the steps that read settings are given. */
export const TranscodingConfig = DatabaseConfig.extend({
  /** Where the AppConfig agent answers the settings. */
  SETTINGS_PATH: z.string().startsWith('/applications/'),
});

/** What lib/ must set; the compiler checks it. */
export type TranscodingEnv = Record<keyof typeof TranscodingConfig.shape, string>;
