import type { RunStatus, Status } from '../status.ts';
import { byId, h, setAttribute, setText } from './dom.ts';
import { formatCount, formatDateTime, formatSpan } from './format.ts';
import { keyedList } from './keyed-list.ts';
import { bilingual, type Label, labelOf, reasonInWords, runLabels } from './labels.ts';

/** Where the console shows the report of a closed run. */
export const reportHref = (runId: string) => `/api/report?run=${encodeURIComponent(runId)}`;

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
          const note = JSON.stringify([noteOf(run), run.reportKey]);
          if (report.dataset.of === note) return;
          report.dataset.of = note;
          report.replaceChildren(bilingual(noteOf(run)), ...(run.reportKey === null ? [] : [' ', reportLink(run)]));
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

/** Why it ended as it did, with what was found against what. An error comes first: a run that was paused may have failed after it. */
function noteOf({ status, reason, pause }: RunStatus): Label {
  const failed = status === 'failed' || status === 'abandoned';
  if (pause === null || (failed && reason !== null)) return { ko: reason ?? '', en: '' };
  const { ko, en } = reasonInWords(pause.reason);
  const found = typeof pause.value === 'number' ? ` (${pause.value} / ${pause.threshold})` : '';
  return { ko: `${ko}${found}`, en };
}

function reportLink({ runId, runDate }: RunStatus): HTMLElement {
  return h(
    'a',
    {
      class: 'report',
      href: reportHref(runId),
      target: '_blank',
      rel: 'noopener',
      'aria-label': `${runDate} 보고서 Report (새 창 new window)`,
    },
    bilingual({ ko: '보고서', en: 'Report' }),
  );
}
