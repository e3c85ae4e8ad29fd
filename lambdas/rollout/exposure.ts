const RANGE = 2 ** 32;
/** 2³² by the golden ratio, made odd. */
const GOLDEN_STEP = 0x9e3779b1;

/**
 * Whether a user is among the first `percent` per cent of a phase. Stable; a higher percentage only ever adds users; a phase has an order of its own,
 * so that it is not always the same people who come first.
 *
 * Ids that differ in their last number alone are spread by steps of the golden ratio, the most even way there is (Knuth, The Art of Computer
 * Programming 6.4): a hash alone would miss the percentage by up to 1 in 10,000 users, often.
 */
export function isExposed(phase: string, user: string, percent: number): boolean {
  return positionOf(phase, user) < (percent / 100) * RANGE;
}

/** From 0 to 2³² exclusive. */
function positionOf(phase: string, user: string): number {
  const number = /\d{1,9}$/.exec(user)?.[0] ?? '';
  const rest = user.slice(0, user.length - number.length);
  return (hash(`${phase}/${rest}`) + Math.imul(Number(number), GOLDEN_STEP)) >>> 0;
}

/** FNV-1a over UTF-16 code units, then MurmurHash3's finalizer: a few lines that every browser runs at once. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}
