import { z } from 'zod';
import { DatabaseConfig } from '../data-api/database-config.ts';
import { FlagsConfig } from '../rollout/api/flags-in-force.ts';

/** What the steps that read settings are given. */
export const TranscodingConfig = DatabaseConfig.extend({
  /** Where the AppConfig agent answers the settings. */
  SETTINGS_PATH: z.string().startsWith('/applications/'),
});

/** Those that ask for flags as well. */
export const GatedConfig = TranscodingConfig.extend(FlagsConfig.shape);

/** What lib/ must set; the compiler checks it. */
export type TranscodingEnv = Record<keyof typeof TranscodingConfig.shape, string>;
export type GatedEnv = Record<keyof typeof GatedConfig.shape, string>;
