import { type Html, html } from './html.ts';

export interface Part {
  /** A class of the style sheet: `completed`, `quarantined`, `pending`… */
  readonly kind: string;
  readonly value: number;
}

const WIDTH = 1000;
const HEIGHT = 14;
/** A part that exists is seen, however small its share. */
const LEAST = 6;

/** Parts of a whole, side by side. The rest of `total` stays empty; a whole of nothing is empty. */
export function stackedBar(parts: readonly Part[], total: number, title: string): Html {
  let x = 0;
  const rectangles = widthsOf(parts, total).map(({ kind, width }) => {
    const rectangle = html`<rect class="${kind}" x="${x}" width="${width}" height="${HEIGHT}"/>`;
    x = round(x + width);
    return rectangle;
  });
  return html`<svg class="bar" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${title}"><title>${title}</title><rect class="ground" width="${WIDTH}" height="${HEIGHT}"/>${rectangles}</svg>`;
}

/** What the smallest parts gain, the largest gives. */
function widthsOf(parts: readonly Part[], total: number): { kind: string; width: number }[] {
  const whole = Math.max(total, 1);
  const shown = parts.filter(({ value }) => value > 0);
  const widths = shown.map(({ kind, value }) => ({ kind, width: round(Math.max(LEAST, (Math.min(value, whole) / whole) * WIDTH)) }));
  const excess = widths.reduce((sum, { width }) => sum + width, 0) - WIDTH;
  const largest = widths.reduce<{ width: number } | undefined>((a, b) => (a === undefined || b.width > a.width ? b : a), undefined);
  if (largest !== undefined && excess > 0) largest.width = round(Math.max(LEAST, largest.width - excess));
  return widths;
}

function round(width: number): number {
  return Math.round(width * 10) / 10;
}
