/** Times of MPEG transport streams count ticks of 1/90,000 s. */
export const TICKS_PER_SECOND = 90_000;

/** They have 33 bits and start over after 26.5 hours. */
const WRAP = 2 ** 33;

/** The signed way from one time to another, the shorter way round. */
export function ticksBetween(from: number, to: number): number {
  const forward = (((to - from) % WRAP) + WRAP) % WRAP;
  return forward >= WRAP / 2 ? forward - WRAP : forward;
}

export function seconds(ticks: number): number {
  return ticks / TICKS_PER_SECOND;
}

/** Seconds as a fault shows them. */
export function showSeconds(ticks: number): string {
  return `${seconds(ticks).toFixed(4)} s`;
}
