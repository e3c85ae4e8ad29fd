import { entityLabels, type Label, labelOf, reasonLabels } from '../../operations/page/labels.ts';
import { type Html, html, nothing } from './html.ts';

export type { Label };

export function entityLabel(entity: string): Label {
  return labelOf(entityLabels, entity);
}

/** The console's words; those it has none for yet are stated here. */
export function reasonLabel(reason: string): Label {
  return labelOf({ ...moreReasons, ...reasonLabels }, reason);
}

const moreReasons = {
  TOO_LONG: { ko: '너무 긴 값', en: 'Too long' },
  UNSUPPORTED_TEXT: { ko: '지원하지 않는 문자', en: 'Unsupported text' },
};

/** Korean, and English beside it. */
export function both({ ko, en }: Label): Html {
  return html`${ko}${en === '' || en === ko ? nothing : html` <span class="en" lang="en">${en}</span>`}`;
}
