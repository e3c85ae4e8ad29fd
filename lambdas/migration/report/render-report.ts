import { formatDateTime } from '../../operations/page/format.ts';
import type { RunReport } from '../run-report.ts';
import { accountsSection } from './accounts-section.ts';
import { checksSection } from './checks-section.ts';
import { headlineOf } from './headline.ts';
import { Html, html } from './html.ts';
import { quarantineSection } from './quarantine-section.ts';
import { style } from './style.ts';
import { summarySection } from './summary-section.ts';
import { timingsSection } from './timings-section.ts';
import { verificationSection } from './verification-section.ts';
import { both } from './words.ts';

/**
 * A run's report as one HTML page that needs nothing else: no script, no font, no picture from elsewhere, and a policy that says so. Every
 * text is escaped; lists are cut, so that a page stays far below 100 KB whatever a run found.
 */
export function renderReport(report: RunReport): string {
  const { ko } = headlineOf(report);
  const when = formatDateTime(report.finishedAt ?? report.startedAt);
  const page = html`<!doctype html>
<html lang="ko"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="content-security-policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${report.runDate} ${ko} · VideoPick</title><style>${new Html(style)}</style></head>
<body><main>
${summarySection(report)}
${accountsSection(report)}
${quarantineSection(report)}
${verificationSection(report)}
${checksSection(report.checks)}
${timingsSection(report)}
<footer>${both({ ko: `실행 ${report.runId} · ${when} (서울)`, en: 'Run, end of the run in Seoul' })}</footer>
</main></body></html>
`;
  return page.markup;
}
