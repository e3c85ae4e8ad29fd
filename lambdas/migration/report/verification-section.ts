import { formatCount } from '../../operations/page/format.ts';
import type { RunReport, VerificationReport } from '../run-report.ts';
import { type Finding, parseFindings } from './findings.ts';
import { clip, type Html, html, nothing } from './html.ts';
import { totalsOf, type Verdict, verdictOf } from './outcome.ts';
import { both, entityLabel, type Label } from './words.ts';

/** Findings shown per entity; the counts are exact whatever their number, and `verification_run` keeps more. */
const MAX_FINDINGS = 10;
const MAX_COLUMNS_LENGTH = 160;

/** Whether the new tables hold exactly what the projection says, and which keys do not. */
export function verificationSection(report: RunReport): Html {
  const { verification } = report;
  const title = html`<h2>${both({ ko: '검증', en: 'Verification' })}</h2>`;
  if (verification.length === 0)
    return html`<section>${title}<p class="note">${both({ ko: '이 실행에서는 검증하지 않았습니다.', en: 'This run verified nothing.' })}</p></section>`;
  return html`<section>${title}<p class="note">${verdict(report)}</p>
<div class="scroll"><table><thead><tr><th scope="col">${both({ ko: '엔티티', en: 'Entity' })}</th><th scope="col">${both({ ko: '비교', en: 'Compared' })}</th><th scope="col">${both({ ko: '누락', en: 'Missing' })}</th><th scope="col">${both({ ko: '초과', en: 'Extra' })}</th><th scope="col">${both({ ko: '다름', en: 'Different' })}</th></tr></thead>
<tbody>${verification.map(row)}</tbody></table></div>${verification.map(findingsOf)}</section>`;
}

function verdict(report: RunReport): Html {
  const { differences, failedChecks } = totalsOf(report);
  const verdicts: Readonly<Record<Verdict, Html>> = {
    clean: html`<b class="good">✓</b> ${both({ ko: '차이 없음', en: 'Clean: no differences' })}`,
    unfinished: html`<b class="aside">…</b> ${both({ ko: '검증이 끝나지 않았습니다', en: 'Not every entity was verified to its end' })}`,
    different: html`<b class="bad">✗</b> ${both({ ko: `차이 ${formatCount(differences)}건`, en: `${formatCount(differences)} rows differ` })}`,
    'failed-checks': html`<b class="bad">✗</b> ${both({ ko: `차이는 없고, 점검 ${formatCount(failedChecks)}건을 통과하지 못했습니다`, en: `No differences, but checks failed: ${formatCount(failedChecks)}` })}`,
  };
  return verdicts[verdictOf(report)];
}

function row({ entity, compared, missing, extra, different, finished }: VerificationReport): Html {
  const unfinished = finished ? nothing : html`<small class="aside">${both({ ko: '진행 중', en: 'Not finished' })}</small>`;
  return html`<tr><th scope="row">${both(entityLabel(entity))}${unfinished}</th><td>${formatCount(compared)}</td>${[
    missing,
    extra,
    different,
  ].map((rows) => html`<td class="${rows > 0 ? 'bad' : 'zero'}">${formatCount(rows)}</td>`)}</tr>
`;
}

const outcomes: Readonly<Record<Finding['outcome'], Label>> = {
  missing: { ko: '누락', en: 'Missing' },
  extra: { ko: '초과', en: 'Extra' },
  different: { ko: '다름', en: 'Different' },
};

function findingsOf({ entity, missing, extra, different, findings }: VerificationReport): Html {
  const shown = parseFindings(findings).slice(0, MAX_FINDINGS);
  if (shown.length === 0) return nothing;
  const more = Math.max(0, missing + extra + different - shown.length);
  return html`<h3>${both(entityLabel(entity))}</h3><ul class="findings">${shown.map(
    ({ key, outcome, columns }) =>
      html`<li><b>${both(outcomes[outcome])}</b> <code>${clip(key, 80)}</code>${columns.length > 0 ? html` ${columnsOf(columns)}` : nothing}</li>`,
  )}</ul>${more > 0 ? html`<p class="note">${both({ ko: `외 ${formatCount(more)}건`, en: `and ${formatCount(more)} more` })}</p>` : nothing}`;
}

function columnsOf(columns: readonly string[]): Html {
  return html`<span class="columns">${clip(columns.join(', '), MAX_COLUMNS_LENGTH)}</span>`;
}
