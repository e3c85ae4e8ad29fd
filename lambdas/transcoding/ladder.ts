/** What the ladder is picked from, upright: after the source's rotation has been applied. */
export interface SourcePicture {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** One encode of the ladder. */
export interface Rung extends SourcePicture {
  /** By the short side: `720p` is 1280×720 or, upright, 720×1280. */
  readonly name: string;
  readonly maxBitrateBps: number;
  readonly qvbrLevel: number;
  readonly audioBitrateBps: number;
}

/** Short side, quality and ceiling, tallest first. Source: MediaConvert guide on QVBR, as in docs/decisions/0005-ladder.md. */
const LADDER = [
  { shortSidePx: 1080, maxBitrateBps: 6_000_000, qvbrLevel: 9, audioBitrateBps: 128_000 },
  { shortSidePx: 720, maxBitrateBps: 4_000_000, qvbrLevel: 8, audioBitrateBps: 128_000 },
  { shortSidePx: 480, maxBitrateBps: 1_500_000, qvbrLevel: 7, audioBitrateBps: 128_000 },
  { shortSidePx: 360, maxBitrateBps: 700_000, qvbrLevel: 7, audioBitrateBps: 96_000 },
] as const;

/** Rungs worth encoding: none larger than the source, its shape kept, all sides even, at least one, tallest first. */
export function pickRungs(source: SourcePicture): readonly Rung[] {
  const shortSidePx = even(Math.min(source.widthPx, source.heightPx));
  const lowest = LADDER[LADDER.length - 1] ?? LADDER[0];
  const fitting = LADDER.filter((rung) => rung.shortSidePx <= shortSidePx);
  const rungs = fitting.length > 0 ? fitting : [{ ...lowest, shortSidePx }];
  return rungs.map(({ shortSidePx: side, ...settings }) => ({ name: `${side}p`, ...scale(source, side), ...settings }));
}

/** MediaConvert's sides are 32 to 8192. */
export function isEncodable({ widthPx, heightPx }: SourcePicture): boolean {
  return Math.min(widthPx, heightPx) >= 32 && Math.max(widthPx, heightPx) <= 8192;
}

function scale(source: SourcePicture, shortSidePx: number): SourcePicture {
  const longSidePx = Math.max(source.widthPx, source.heightPx);
  const exact = (longSidePx / Math.min(source.widthPx, source.heightPx)) * shortSidePx;
  // The nearest even number keeps the shape best, but nothing may grow.
  const scaledPx = Math.min(Math.round(exact / 2) * 2, even(longSidePx));
  return source.widthPx >= source.heightPx ? { widthPx: scaledPx, heightPx: shortSidePx } : { widthPx: shortSidePx, heightPx: scaledPx };
}

/** The even number at or below: H.264 4:2:0 has no odd sides. */
function even(value: number): number {
  return Math.max(2, Math.floor(value / 2) * 2);
}
