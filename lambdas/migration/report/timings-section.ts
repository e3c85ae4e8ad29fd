import { formatCount, formatDateTime, formatSpan } from '../../operations/page/format.ts';
import type { EntityRate, RunReport } from '../run-report.ts';
import { stackedBar } from './bars.ts';
import { durationMs } from './duration.ts';
import { type Html, html, nothing } from './html.ts';
import { both, entityLabel, type Label } from './words.ts';

/** When the run was at work, and how fast. */
export function timingsSection({ startedAt, finishedAt, rates }: RunReport): Html {
  const took = durationMs({ startedAt, finishedAt });
  return html`<section><h2>${both({ ko: '시간과 속도', en: 'Times and rates' })}</h2><dl>${fact({ ko: '시작', en: 'Started' }, html`${formatDateTime(startedAt)}`)}${
    finishedAt === null ? nothing : fact({ ko: '종료', en: 'Finished' }, html`${formatDateTime(finishedAt)}`)
  }${took === null ? nothing : fact({ ko: '소요', en: 'Took' }, both(formatSpan(took / 1000)))}</dl>${rates.length === 0 ? nothing : ratesOf(rates)}</section>`;
}

function fact(label: Label, value: Html): Html {
  return html`<div><dt>${both(label)}</dt><dd>${value}</dd></div>`;
}

function ratesOf(rates: readonly EntityRate[]): Html {
  const fastest = Math.max(0, ...rates.map(({ rowsPerSecond }) => rowsPerSecond));
  return html`<ul class="classes rates">${rates.map(({ entity, rowsPerSecond }) => {
    const rate = formatCount(Math.round(rowsPerSecond));
    return html`<li><div>${both(entityLabel(entity))}</div><div class="count">${rate} ${both({ ko: '행/초', en: 'rows/s' })}</div>
${stackedBar([{ kind: 'rate', value: rowsPerSecond }], fastest, `${entityLabel(entity).ko} ${rate}`)}</li>`;
  })}</ul>`;
}
