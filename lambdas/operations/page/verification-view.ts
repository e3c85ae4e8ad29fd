import type { EntityVerification, Status } from '../status.ts';
import { byId, h, setAttribute, setText } from './dom.ts';
import { formatCount } from './format.ts';
import { type Entry, keyedList } from './keyed-list.ts';
import { bilingual, entityLabels, labelOf } from './labels.ts';

/** Whether the new tables hold exactly what the projection says, as the latest run that looked found it. */
export function verificationView(): (status: Status) => void {
  const verdict = byId('verdict');
  const table = byId('verification-table');
  const update = keyedList<EntityVerification>(byId('verification-rows'), ({ entity }) => entity, createRow);
  return ({ verification }) => {
    table.hidden = verification === null;
    update(verification?.entities ?? []);
    if (verification === null) {
      setAttribute(verdict, 'data-verdict', 'none');
      setText(verdict, '아직 검증하지 않았습니다. Not verified yet.');
      return;
    }
    const differences = verification.entities.reduce((sum, { missing, extra, different }) => sum + missing + extra + different, 0);
    setAttribute(verdict, 'data-verdict', verification.clean ? 'clean' : differences > 0 ? 'different' : 'unfinished');
    if (verification.clean) setText(verdict, `차이 없음 Clean · ${verification.runDate}`);
    else if (differences > 0)
      setText(verdict, `차이 ${formatCount(differences)}건 ${formatCount(differences)} differences · ${verification.runDate}`);
    else setText(verdict, `검증이 끝나지 않았습니다. Not finished. · ${verification.runDate}`);
  };
}

function createRow({ entity }: EntityVerification): Entry<EntityVerification> {
  const label = labelOf(entityLabels, entity);
  const cells = { compared: h('td'), missing: h('td'), extra: h('td'), different: h('td') };
  const node = h('tr', {}, h('th', { scope: 'row' }, bilingual(label)), ...Object.values(cells));
  return {
    node,
    update(found) {
      for (const [name, cell] of Object.entries(cells) as [keyof typeof cells, HTMLElement][]) {
        setText(cell, formatCount(found[name]));
        if (name !== 'compared') setAttribute(cell, 'class', found[name] > 0 ? 'bad' : 'zero');
      }
      setAttribute(node, 'class', found.finished ? undefined : 'unfinished');
    },
  };
}
