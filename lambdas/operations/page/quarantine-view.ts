import type { QuarantineCount, Status } from '../status.ts';
import { byId, h, setText } from './dom.ts';
import { formatCount } from './format.ts';
import { keyedList } from './keyed-list.ts';
import { bilingual, entityLabels, labelOf, reasonLabels } from './labels.ts';

/** Rows set aside, counted by entity and reason. */
export function quarantineView(): (status: Status) => void {
  const none = byId('quarantine-none');
  const update = keyedList<QuarantineCount>(
    byId('quarantine-list'),
    ({ entity, reason }) => `${entity} ${reason}`,
    ({ entity, reason }) => {
      const count = h('b', { class: 'number' });
      const node = h(
        'li',
        {},
        h('span', { class: 'class' }, bilingual(labelOf(reasonLabels, reason))),
        h('span', { class: 'where' }, labelOf(entityLabels, entity).ko, ' · ', h('code', {}, reason)),
        count,
      );
      return { node, update: (item) => setText(count, formatCount(item.count)) };
    },
  );
  return ({ quarantine }) => {
    none.hidden = quarantine.length > 0;
    update(quarantine);
  };
}
