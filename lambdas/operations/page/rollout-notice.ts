import type { Notice } from '../../rollout/notices.ts';
import { h } from './dom.ts';
import { bilingual } from './labels.ts';

/** A notice as users see it: Korean, with the English that others get beside it. Its call to action leads nowhere here. */
export function noticeCard({ id, phase, title, message, callToAction }: Notice): HTMLElement {
  const card = (lang: 'ko' | 'en') =>
    h(
      'div',
      { class: 'notice', lang, 'data-notice': id },
      h('p', { class: 'notice-title' }, title[lang]),
      h('p', {}, message[lang]),
      h('span', { class: 'notice-action' }, callToAction[lang]),
    );
  return h(
    'figure',
    { class: 'notices' },
    card('ko'),
    card('en'),
    h('figcaption', { class: 'muted' }, bilingual({ ko: `${phase} 단계의 공지`, en: `Notice of phase ${phase}` })),
  );
}

export function noNotice(): HTMLElement {
  return h('p', { class: 'empty' }, bilingual({ ko: '공지가 없습니다.', en: 'No notice.' }));
}
