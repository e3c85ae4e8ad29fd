import { z } from 'zod';
import { DatabaseConfig } from '../data-api/database-config.ts';

/** The one reader of the migration's environment; every bad key in one error, at cold start. */
export const MigrationConfig = DatabaseConfig.extend({
  /** Rows completed per calendar day in Asia/Seoul. */
  DAILY_LIMIT: z.coerce.number().int().min(1),
  /** Rows a copy statement takes. */
  BATCH_ROWS: z.coerce.number().int().min(1).max(50_000),
  REPORT_BUCKET: z.string().min(3),
});

/** What lib/ must set; the compiler checks it. */
export type MigrationEnv = Record<keyof typeof MigrationConfig.shape, string>;
