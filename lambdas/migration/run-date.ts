/** Asia/Seoul is nine hours ahead of UTC all year: no daylight saving. */
const SEOUL_OFFSET_MS = 9 * 60 * 60 * 1000;

/** The calendar day in Asia/Seoul, as `2026-11-23`. */
export function seoulDate(instant: Date): string {
  return new Date(instant.getTime() + SEOUL_OFFSET_MS).toISOString().slice(0, 10);
}
