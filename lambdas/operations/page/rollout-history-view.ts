import type { RolloutEntry, RolloutStatus } from '../rollout-status.ts';
import { byId, h, setAttribute, setText } from './dom.ts';
import { formatDateTime, formatSpan } from './format.ts';
import { type Entry, keyedList } from './keyed-list.ts';
import { bilingual, labelOf } from './labels.ts';
import { gateItems } from './rollout-gates-list.ts';
import { entryLabels } from './rollout-labels.ts';

/** The latest rollouts, newest first: how each ended and why, and the gates it found. */
export function rolloutHistoryView(): (status: RolloutStatus) => void {
  let now = '';
  const update = keyedList<RolloutEntry>(
    byId('rollouts'),
    ({ execution }) => execution,
    (entry) => createEntry(entry, () => now),
  );
  return (status) => {
    now = status.now;
    byId('rollouts-none').hidden = status.history.length > 0;
    byId('rollouts-table').hidden = status.history.length === 0;
    update(status.history);
  };
}

const BADGES: Readonly<Record<RolloutEntry['status'], string>> = {
  running: 'running',
  completed: 'completed',
  refused: 'paused',
  rolled_back: 'failed',
  failed: 'failed',
};

function createEntry({ phase, percent, startedAt }: RolloutEntry, now: () => string): Entry<RolloutEntry> {
  const badge = h('span', { class: 'badge' });
  const took = h('td', { 'data-label': '소요 Took' });
  const note = h('td', { 'data-label': '사유·관문 Reason, gates', class: 'note' });
  const node = h(
    'tr',
    {},
    h('th', { scope: 'row' }, phase),
    h('td', { 'data-label': '비율 Per cent' }, `${percent}%`),
    h('td', { 'data-label': '상태 State' }, badge),
    h('td', { 'data-label': '시작 Started' }, formatDateTime(startedAt)),
    took,
    note,
  );
  let shown = '';
  return {
    node,
    update(entry) {
      setText(took, formatSpan((Date.parse(entry.finishedAt ?? now()) - Date.parse(startedAt)) / 1000).ko);
      const text = JSON.stringify([entry.status, entry.reason, entry.gates]);
      if (text === shown) return;
      shown = text;
      setAttribute(badge, 'data-state', BADGES[entry.status]);
      badge.replaceChildren(bilingual(labelOf(entryLabels, entry.status)));
      note.replaceChildren(...(entry.reason === null ? [] : [h('p', {}, entry.reason)]), ...gatesOf(entry));
    },
  };
}

function gatesOf({ gates }: RolloutEntry): readonly HTMLElement[] {
  if (gates.length === 0) return [];
  const shut = gates.filter(({ passed }) => !passed).length;
  const summary =
    shut === 0
      ? { ko: `관문 ${gates.length}개 모두 통과`, en: `all ${gates.length} gates passed` }
      : { ko: `관문 ${gates.length}개 중 ${shut}개 막힘`, en: `${shut} of ${gates.length} gates shut` };
  return [h('details', {}, h('summary', {}, bilingual(summary)), h('ul', { class: 'gates' }, ...gateItems(gates)))];
}
