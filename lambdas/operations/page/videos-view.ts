import type { Status, VideoStatus } from '../status.ts';
import { byId, h, setAttribute, setText } from './dom.ts';
import { type Entry, keyedList } from './keyed-list.ts';
import { bilingual, say } from './labels.ts';
import { previewClip } from './preview-clip.ts';
import { costOf, factsOf, hrefOf, isAtWork, lapseOf, stateOf, titleOf } from './video-facts.ts';

/** Every upload as a card that leads to its player. */
export function videosView(): (status: Status) => void {
  const none = byId('videos-none');
  const update = keyedList<VideoStatus>(byId('videos'), ({ id }) => id, createCard);
  return ({ videos }) => {
    none.hidden = videos.length > 0;
    update(videos);
  };
}

function createCard(video: VideoStatus): Entry<VideoStatus> {
  const poster = h('img', { alt: '', loading: 'lazy', decoding: 'async', hidden: true });
  poster.addEventListener('error', () => {
    poster.hidden = true;
  });
  const title = h('a', { href: hrefOf(video) });
  const state = h('span', { class: 'badge' });
  const facts = h('p', { class: 'facts' });
  const renditions = h('p', { class: 'renditions' });
  const fill = h('span', { class: 'fill completed' });
  const bar = h(
    'div',
    { class: 'bar', role: 'progressbar', 'aria-label': '변환 Encoding', 'aria-valuemin': 0, 'aria-valuemax': 100 },
    fill,
  );
  const reason = h('p', { class: 'reason' });
  const lapse = h('p', { class: 'lapse' });
  const cost = h('p', { class: 'cost' });
  const frame = h('div', { class: 'poster' }, poster);
  const node = h(
    'li',
    { class: 'card', 'data-video': video.id },
    frame,
    h('div', { class: 'card-body' }, h('h3', {}, title), h('p', {}, state), bar, facts, renditions, reason, lapse, cost),
  );
  const showPreview = previewClip(node, frame);
  let shown = '';
  return {
    node,
    update(next) {
      const text = JSON.stringify(next);
      if (text === shown) return;
      shown = text;
      setAttribute(node, 'data-state', next.status);
      setAttribute(node, 'data-playable', next.url !== null);
      setAttribute(node, 'data-at-work', isAtWork(next));
      if (poster.getAttribute('src') !== next.thumbnail) {
        poster.hidden = next.thumbnail === null;
        setAttribute(poster, 'src', next.thumbnail ?? undefined);
      }
      setText(title, titleOf(next));
      state.replaceChildren(bilingual(stateOf(next)));
      setAttribute(state, 'data-state', next.status);
      setText(facts, factsOf(next));
      showPreview(next.preview);
      bar.hidden = next.status !== 'encoding';
      fill.style.width = `${next.progressPercent}%`;
      setAttribute(bar, 'aria-valuenow', next.progressPercent);
      renditions.replaceChildren(...next.renditions.map(({ name }) => h('span', { class: 'chip' }, name)));
      say(reason, next.reason);
      say(lapse, lapseOf(next));
      say(cost, costOf(next));
    },
  };
}
