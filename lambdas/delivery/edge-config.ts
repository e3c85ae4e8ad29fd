import { z } from 'zod';

/** What a function that writes the edge's key-value store is given. */
export const EdgeConfig = z.object({
  KEY_VALUE_STORE_ARN: z.string().startsWith('arn:'),
});

/** What lib/ must set; the compiler checks it. */
export type EdgeEnv = Record<keyof typeof EdgeConfig.shape, string>;
