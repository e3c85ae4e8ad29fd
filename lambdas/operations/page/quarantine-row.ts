import type { QuarantinedRow } from '../quarantine.ts';
import { h, setAttribute, setText } from './dom.ts';
import { formatCount, formatDateTime } from './format.ts';
import type { Entry } from './keyed-list.ts';
import { bilingual, entityLabels, labelOf, reasonLabels } from './labels.ts';

export interface RowActions {
  readonly isSelected: (key: string) => boolean;
  readonly select: (key: string, selected: boolean) => void;
}

/** Names a row among those of all entities. */
export const keyOf = ({ entity, legacyId }: Pick<QuarantinedRow, 'entity' | 'legacyId'>) => `${entity}:${legacyId}`;

/** One row of the quarantine's table. What it is and why; both may change when it is tried again. */
export function createQuarantineRow(row: QuarantinedRow, { isSelected, select }: RowActions): Entry<QuarantinedRow> {
  const label = labelOf(entityLabels, row.entity);
  const box = h('input', { type: 'checkbox', 'aria-label': `${label.ko} ${row.legacyId} 선택 Select` });
  box.addEventListener('change', () => select(keyOf(row), box.checked));
  const reason = h('td', { 'data-label': '사유 Reason' });
  const fault = h('td', { 'data-label': '열·값 Column, value', class: 'fault' });
  const attempts = h('td', { 'data-label': '시도 Attempts', class: 'number' });
  const first = h('td', { 'data-label': '처음 격리 First set aside', class: 'when' });
  const since = h('td', { 'data-label': '마지막 시도 Last tried', class: 'when' });
  const node = h(
    'tr',
    { 'data-row': keyOf(row) },
    h('td', { class: 'pick' }, box),
    h('th', { scope: 'row' }, h('code', {}, row.legacyId), h('span', { class: 'where' }, bilingual(label))),
    reason,
    fault,
    attempts,
    first,
    since,
  );
  let shown = '';
  return {
    node,
    update(next) {
      box.checked = isSelected(keyOf(next)) && !next.queued;
      box.disabled = next.queued;
      const text = JSON.stringify(next);
      if (text === shown) return;
      shown = text;
      setAttribute(node, 'data-queued', next.queued);
      reason.replaceChildren(h('span', {}, bilingual(labelOf(reasonLabels, next.reason))));
      fault.replaceChildren(...faultOf(next));
      setText(attempts, formatCount(next.attempts));
      setText(first, next.firstSince === null ? '–' : formatDateTime(next.firstSince));
      since.replaceChildren(
        next.queued ? h('span', { class: 'badge', 'data-state': 'running' }, '재시도 대기 Queued') : formatDateTime(next.since),
      );
    },
  };
}

function faultOf({ column, value, withheld, sqlState, message }: QuarantinedRow): readonly Node[] {
  const parts: Node[] = [];
  if (column !== null) {
    const shown = withheld ? '(비공개 withheld)' : value === null ? 'NULL' : value === '' ? '""' : value;
    parts.push(h('span', {}, h('code', {}, column), ' = ', h('code', { class: 'value' }, shown)));
  }
  if (message !== null) parts.push(h('span', { class: 'message' }, sqlState === null ? message : `${message} · ${sqlState}`));
  return parts;
}
