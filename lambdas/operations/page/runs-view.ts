import type { RunStatus, Status } from '../status.ts';
import { byId, h, setAttribute, setText } from './dom.ts';
import { formatCount, formatDateTime, formatSpan } from './format.ts';
import { keyedList } from './keyed-list.ts';
import { bilingual, labelOf, reasonInWords, runLabels } from './labels.ts';

/** The latest runs, newest first, each with why it ended as it did. */
export function runsView(): (status: Status) => void {
  const none = byId('runs-none');
  const table = byId('runs-table');
  let now = '';
  const update = keyedList<RunStatus>(
    byId('runs'),
    ({ runId }) => runId,
    ({ runDate }) => {
      const badge = h('span', { class: 'badge' });
      const completed = h('td', { 'data-label': '완료 Done', class: 'number' });
      const quarantined = h('td', { 'data-label': '격리 Quarantined', class: 'number' });
      const started = h('td', { 'data-label': '시작 Started' });
      const took = h('td', { 'data-label': '소요 Took' });
      const report = h('td', { 'data-label': '사유·보고서 Reason, report', class: 'note' });
      const node = h(
        'tr',
        {},
        h('th', { scope: 'row' }, runDate),
        h('td', { 'data-label': '상태 State' }, badge),
        completed,
        quarantined,
        started,
        took,
        report,
      );
      return {
        node,
        update(run) {
          if (badge.dataset.state !== run.status) badge.replaceChildren(bilingual(labelOf(runLabels, run.status)));
          setAttribute(badge, 'data-state', run.status);
          setText(completed, formatCount(run.completed));
          setText(quarantined, formatCount(run.quarantined));
          setText(started, formatDateTime(run.startedAt));
          setText(took, formatSpan((Date.parse(run.finishedAt ?? now) - Date.parse(run.startedAt)) / 1000).ko);
          setText(report, noteOf(run));
        },
      };
    },
  );
  return (status) => {
    now = status.now;
    none.hidden = status.runs.length > 0;
    table.hidden = status.runs.length === 0;
    update(status.runs);
  };
}

/** Why it ended as it did, with what was found against what; else where its report is. */
function noteOf({ reason, pause, reportKey }: RunStatus): string {
  if (pause !== null) return `${reasonInWords(pause.reason).ko} (${pause.value} / ${pause.threshold})`;
  return reason ?? reportKey ?? '';
}
