import { h, setText } from './dom.ts';
import { formatBitrate } from './format.ts';
import type { Quality } from './play-hls.ts';

export interface QualityMenu {
  readonly node: HTMLElement;
  offer(qualities: readonly Quality[], choose: (index: number) => void): void;
  /** What plays now: shown beside "auto", where the choice is not the reader's. */
  showPlaying(quality: Quality): void;
}

/** hls.js's name for choosing by itself. */
const AUTO = -1;

/** The choice of a rendition. A select, so that keys, screen readers and phones have what they are used to. */
export function createQualityMenu(): QualityMenu {
  const auto = h('option', { value: AUTO }, '자동 Auto');
  const node = h('select', { id: 'player-choice', 'aria-label': '화질 Quality', hidden: true }, auto);
  let choose = (_index: number) => {};
  node.addEventListener('change', () => choose(Number(node.value)));
  return {
    node,
    offer(qualities, onChoice) {
      choose = onChoice;
      const options = qualities.toSorted(tallestFirst).map((quality) => h('option', { value: quality.index }, describe(quality)));
      node.replaceChildren(auto, ...options);
      node.hidden = qualities.length < 2;
    },
    showPlaying({ name }) {
      setText(auto, `자동 Auto · ${name}`);
    },
  };
}

function describe({ name, bitrateBps }: Quality): string {
  return bitrateBps === undefined ? name : `${name} · ${formatBitrate(bitrateBps)}`;
}

function tallestFirst(one: Quality, other: Quality): number {
  return shortSide(other) - shortSide(one) || (other.bitrateBps ?? 0) - (one.bitrateBps ?? 0);
}

function shortSide({ widthPx, heightPx }: Quality): number {
  return Math.min(widthPx, heightPx);
}
