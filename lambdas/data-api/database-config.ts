import { z } from 'zod';

/** What every function that speaks to the database is given. */
export const DatabaseConfig = z.object({
  CLUSTER_ARN: z.string().startsWith('arn:'),
  SECRET_ARN: z.string().startsWith('arn:'),
  DATABASE_NAME: z.string().min(1),
});

/** What lib/ must set; the compiler checks it. */
export type DatabaseEnv = Record<keyof typeof DatabaseConfig.shape, string>;
