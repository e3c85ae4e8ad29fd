import { h, setAttribute, setText } from './dom.ts';
import { formatClock } from './format.ts';
import { type StoryboardTile, tileAt } from './storyboard.ts';

export interface SeekBar {
  readonly node: HTMLElement;
  /** The pictures to show from now on; without any the time alone is shown. */
  showStoryboard(tiles: readonly StoryboardTile[]): void;
}

/** The thumb's width in page.css: its middle, not its edge, stands at the value. */
const THUMB_PX = 14;
export const SEEK_STEP_SECONDS = 5;
/** Page Up and Page Down go a tenth of the video. */
const PAGES = 10;

/** Where the video is, and the way to another moment: by pointer and by keys, with the picture of the moment that is pointed at. */
export function createSeekBar(video: HTMLVideoElement, signal: AbortSignal): SeekBar {
  const range = h('input', { type: 'range', min: 0, max: 0, step: 'any', value: 0, 'aria-label': '재생 위치 Seek' });
  const picture = h('div', { class: 'seek-picture', hidden: true });
  const time = h('span', { class: 'seek-time' });
  const tip = h('div', { class: 'seek-tip', 'aria-hidden': 'true', hidden: true }, picture, time);
  const node = h('div', { class: 'seek' }, tip, range);
  let tiles: readonly StoryboardTile[] = [];
  let dragging = false;

  const duration = () => (Number.isFinite(video.duration) ? video.duration : 0);

  function showPosition(): void {
    const total = duration();
    setAttribute(range, 'max', total);
    if (!dragging) range.value = String(video.currentTime);
    const ends = Array.from({ length: video.buffered.length }, (_, index) => video.buffered.end(index));
    const share = (seconds: number) => `${total === 0 ? 0 : (seconds / total) * 100}%`;
    node.style.setProperty('--played', share(Number(range.value)));
    node.style.setProperty('--buffered', share(Math.max(0, ...ends)));
    setAttribute(range, 'aria-valuetext', `${formatClock(video.currentTime)} / ${formatClock(total)}`);
  }

  function seek(seconds: number): void {
    video.currentTime = Math.min(Math.max(seconds, 0), duration());
    showPosition();
  }

  function showTip(seconds: number): void {
    const total = duration();
    if (total === 0) return;
    const tile = tileAt(tiles, seconds);
    picture.hidden = tile === undefined;
    if (tile !== undefined) {
      picture.style.width = `${tile.widthPx}px`;
      picture.style.height = `${tile.heightPx}px`;
      picture.style.backgroundImage = `url("${tile.url}")`;
      picture.style.backgroundPosition = `${-tile.xPx}px ${-tile.yPx}px`;
    }
    setText(time, formatClock(seconds));
    tip.hidden = false;
    const width = range.offsetWidth;
    const middle = THUMB_PX / 2 + (seconds / total) * (width - THUMB_PX);
    const half = tip.offsetWidth / 2;
    tip.style.left = `${Math.min(Math.max(middle, half), Math.max(half, width - half))}px`;
  }

  /** By keys it stays at the thumb; else it goes with the pointer. */
  function showTipAtFocus(): void {
    if (range.matches(':focus-visible')) showTip(video.currentTime);
    else tip.hidden = true;
  }

  range.addEventListener('input', () => {
    dragging = true;
    seek(Number(range.value));
    showTip(Number(range.value));
  });
  range.addEventListener('change', () => {
    dragging = false;
    showPosition();
    if (!range.matches(':hover')) showTipAtFocus();
  });
  range.addEventListener('pointermove', ({ clientX, pointerType }) => {
    if (pointerType === 'touch') return; // a finger drags, and then 'input' tells
    const { left, width } = range.getBoundingClientRect();
    const share = (clientX - left - THUMB_PX / 2) / (width - THUMB_PX);
    showTip(Math.min(Math.max(share, 0), 1) * duration());
  });
  range.addEventListener('pointerleave', showTipAtFocus);
  range.addEventListener('focus', showTipAtFocus);
  range.addEventListener('blur', () => {
    tip.hidden = true;
  });
  range.addEventListener('keydown', (event) => {
    const target = keyTarget(event.key, video.currentTime, duration());
    if (target === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    seek(target);
    showTip(video.currentTime);
  });
  for (const event of ['timeupdate', 'durationchange', 'progress', 'seeking', 'seeked', 'emptied']) {
    video.addEventListener(event, showPosition, { signal });
  }
  video.addEventListener('timeupdate', () => {
    if (!tip.hidden && !range.matches(':hover')) showTipAtFocus();
  });

  return {
    node,
    showStoryboard(next) {
      tiles = next;
    },
  };
}

/** As a slider's keys work. A range's own steps would be hundredths of the video, whatever its length. */
function keyTarget(key: string, now: number, duration: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowUp':
      return now + SEEK_STEP_SECONDS;
    case 'ArrowLeft':
    case 'ArrowDown':
      return now - SEEK_STEP_SECONDS;
    case 'PageUp':
      return now + duration / PAGES;
    case 'PageDown':
      return now - duration / PAGES;
    case 'Home':
      return 0;
    case 'End':
      return duration;
    default:
      return undefined;
  }
}
