import type { Status, VideoStatus } from '../status.ts';
import { byId, h, setAttribute, setText } from './dom.ts';
import { type Entry, keyedList } from './keyed-list.ts';
import { bilingual } from './labels.ts';
import { factsOf, hrefOf, stateOf, titleOf } from './video-facts.ts';

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
  const reason = h('p', { class: 'reason' });
  const node = h(
    'li',
    { class: 'card', 'data-video': video.id },
    h('div', { class: 'poster' }, poster),
    h('div', { class: 'card-body' }, h('h3', {}, title), h('p', {}, state), facts, renditions, reason),
  );
  let shown = '';
  return {
    node,
    update(next) {
      const text = JSON.stringify(next);
      if (text === shown) return;
      shown = text;
      setAttribute(node, 'data-state', next.status);
      setAttribute(node, 'data-playable', next.url !== null);
      if (poster.getAttribute('src') !== next.thumbnail) {
        poster.hidden = next.thumbnail === null;
        setAttribute(poster, 'src', next.thumbnail ?? undefined);
      }
      setText(title, titleOf(next));
      state.replaceChildren(bilingual(stateOf(next)));
      setAttribute(state, 'data-state', next.status);
      setText(facts, factsOf(next));
      renditions.replaceChildren(...next.renditions.map(({ name }) => h('span', { class: 'chip' }, name)));
      reason.replaceChildren(next.reason === null ? '' : bilingual(next.reason));
      reason.hidden = next.reason === null;
    },
  };
}
