import { entityLabels, type Label, labelOf, reasonLabels } from '../../operations/page/labels.ts';
import { clip, type Html, html, nothing } from './html.ts';

export type { Label };

/** Names are short identifiers; what is longer came from elsewhere. */
const MAX_NAME = 60;

export function entityLabel(entity: string): Label {
  return labelOf(entityLabels, clip(entity, MAX_NAME));
}

/** The console's words; those it has none for yet are stated here. */
export function reasonLabel(reason: string): Label {
  return labelOf({ ...moreReasons, ...reasonLabels }, clip(reason, MAX_NAME));
}

const moreReasons = {
  TOO_LONG: { ko: '너무 긴 값', en: 'Too long' },
  UNSUPPORTED_TEXT: { ko: '지원하지 않는 문자', en: 'Unsupported text' },
};

/** Korean, and English beside it. */
export function both({ ko, en }: Label): Html {
  return html`${ko}${en === '' || en === ko ? nothing : html` <span class="en" lang="en">${en}</span>`}`;
}
