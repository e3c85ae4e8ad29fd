/** The sample's present. Fixed, so that a seed gives the same rows on every day. */
export const SAMPLE_NOW_MS = Date.UTC(2026, 5, 30, 9, 0, 0);
export const SAMPLE_START_MS = Date.UTC(2021, 2, 2, 0, 0, 0);

export const DAY_MS = 86_400_000;

/** As PostgreSQL prints a `timestamp(3)`: a space for the T, no zone, no trailing zeros of the fraction. */
export function timestamp(timeMs: number): string {
  return new Date(timeMs)
    .toISOString()
    .replace('T', ' ')
    .replace('Z', '')
    .replace(/\.?0+$/, '');
}
