import { z } from 'zod';

/** What a function that signs cookies is given. */
export const SigningConfig = z.object({
  /** Id of the public key, as CloudFront made it: the value of `CloudFront-Key-Pair-Id`. */
  SIGNING_KEY_PAIR_ID: z.string().min(1),
  /** The secret that holds the private half, a PEM text. */
  SIGNING_SECRET_ARN: z.string().startsWith('arn:'),
});

/** What lib/ must set; the compiler checks it. */
export type SigningEnv = Record<keyof typeof SigningConfig.shape, string>;
