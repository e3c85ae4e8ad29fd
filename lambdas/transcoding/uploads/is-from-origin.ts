import { createHash, timingSafeEqual } from 'node:crypto';

/** The header that CloudFront adds to what it passes on, and nobody else can: its value is the environment's secret. */
export const ORIGIN_HEADER = 'x-videopick-origin';

/** Whether the header's value is the secret. Both are hashed, so that neither length nor content shows in the time it takes. */
export function isFromOrigin(headers: Readonly<Record<string, string | undefined>> | undefined, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(headers?.[ORIGIN_HEADER] ?? ''), digest(secret));
}
