import { entityLabels, type Label, labelOf, reasonLabels } from '../../operations/page/labels.ts';
import { clip, type Html, html, nothing } from './html.ts';

export type { Label };

/** Names are short identifiers; what is longer came from elsewhere. */
const MAX_NAME = 60;

export function entityLabel(entity: string): Label {
  return labelOf(entityLabels, clip(entity, MAX_NAME));
}

export function reasonLabel(reason: string): Label {
  return labelOf(reasonLabels, clip(reason, MAX_NAME));
}

/** Korean, and English beside it. */
export function both({ ko, en }: Label): Html {
  return html`${ko}${en === '' || en === ko ? nothing : html` <span class="en" lang="en">${en}</span>`}`;
}
