import { formatCount, formatDateTime, formatPercent, formatSpan } from '../../operations/page/format.ts';
import type { Pause } from '../pause.ts';
import type { RunReport } from '../run-report.ts';
import { stackedBar } from './bars.ts';
import { shown } from './checks-section.ts';
import { durationMs } from './duration.ts';
import { headlineOf } from './headline.ts';
import { clip, type Html, html, nothing } from './html.ts';
import { type Outcome, outcomeOf, totalsOf } from './outcome.ts';
import { switchedOffLines } from './switched-off-lines.ts';
import { both, type Label } from './words.ts';

/** How loud the headline is. */
const tones: Readonly<Record<Outcome, 'good' | 'aside' | 'bad'>> = {
  completed: 'good',
  quarantined: 'aside',
  unverified: 'aside',
  different: 'bad',
  paused: 'aside',
  cancelled: 'aside',
  failed: 'bad',
  running: 'aside',
};

/** The answer first: how it ended and why, what was switched off, then the four numbers of the day. */
export function summarySection(report: RunReport): Html {
  const { ko, en } = headlineOf(report);
  return html`<header class="${tones[outcomeOf(report)]}"><p class="brand">VideoPick · ${both({ ko: '이관 보고서', en: 'Migration report' })} · <time datetime="${report.runDate}">${report.runDate}</time></p>
<h1>${ko}<span class="en" lang="en">${en}</span></h1>${alsoOf(report)}${whyOf(report)}${switchedOffLines(report)}</header>
<div class="tiles">${tilesOf(report)}</div>`;
}

/** What else needs a person, whatever the headline is. */
function alsoOf(report: RunReport): Html {
  const { differences, failedChecks, quarantined } = totalsOf(report);
  const counts: readonly [number, Label, string][] = [
    [differences, { ko: '차이', en: 'Differences' }, 'bad'],
    [failedChecks, { ko: '통과하지 못한 점검', en: 'Failed checks' }, 'bad'],
    [quarantined, { ko: '격리', en: 'In quarantine' }, 'aside'],
  ];
  const chips = counts.filter(([count]) => count > 0);
  if (chips.length === 0) return nothing;
  return html`<p class="chips">${chips.map(([count, label, tone]) => html`<span>${both(label)} <b class="${tone}">${formatCount(count)}</b></span> `)}</p>`;
}

/** An error first: a run that was paused may have failed after it, and what paused it is there still. */
function whyOf(report: RunReport): Html {
  const { reason, pause } = report;
  const failed = outcomeOf(report) === 'failed';
  const error =
    reason !== null && (failed || pause === null)
      ? html`<p class="reason"><b>${both({ ko: '사유', en: 'Reason' })}</b> ${clip(reason, 1000)}</p>`
      : nothing;
  return html`${error}${pause === null ? nothing : pauseOf(pause, failed ? { ko: '그 전에 멈춘 사유', en: 'Had paused for' } : { ko: '사유', en: 'Reason' })}`;
}

function pauseOf({ reason, value, threshold, since }: Pause, why: Label): Html {
  const fact = (label: Label, text: string | Html) => html`<div><dt>${both(label)}</dt><dd>${text}</dd></div>`;
  const facts = [
    fact(why, clip(reason, 1000)),
    fact({ ko: '현재 값', en: 'Value' }, shown(value)),
    fact({ ko: '기준', en: 'Threshold' }, shown(threshold)),
    fact({ ko: '시작', en: 'Since' }, formatDateTime(since)),
  ];
  return html`<dl class="reason">${facts}</dl>`;
}

function tilesOf(report: RunReport): Html[] {
  const { quota } = report;
  const { legacyRows, completed, quarantined, pending } = totalsOf(report);
  const took = durationMs(report);
  const used = `${formatCount(quota.completed)} / ${formatCount(quota.dailyLimit)}`;
  return [
    tile(
      { ko: '이번 실행', en: 'This run' },
      html`${formatCount(report.completed)}`,
      html`${both({ ko: '격리', en: 'Quarantined' })} ${formatCount(report.quarantined)}`,
    ),
    tile(
      { ko: '전체 진행', en: 'Whole migration' },
      html`${formatPercent(completed + quarantined, legacyRows)}`,
      html`${both({ ko: '대기', en: 'Pending' })} ${formatCount(pending)}`,
    ),
    tile(
      { ko: '오늘 한도', en: 'Quota of the day' },
      html`${used}`,
      html`${stackedBar([{ kind: 'completed', value: quota.completed }], quota.dailyLimit, `한도 ${used}`)}${both({ ko: '남음', en: 'Left' })} ${formatCount(quota.remaining)}`,
    ),
    tile(
      { ko: '소요 시간', en: 'Took' },
      html`${took === null ? '–' : formatSpan(took / 1000).ko}`,
      html`<span lang="en">${took === null ? 'at work' : formatSpan(took / 1000).en}</span>`,
    ),
  ];
}

function tile(label: Label, value: Html, detail: Html): Html {
  return html`<div class="tile"><h2>${both(label)}</h2><p class="value">${value}</p><p class="detail">${detail}</p></div>
`;
}
