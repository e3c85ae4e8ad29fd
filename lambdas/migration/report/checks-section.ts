import { formatCount } from '../../operations/page/format.ts';
import type { CheckResult } from '../run-report.ts';
import { clip, type Html, html, nothing } from './html.ts';
import { both } from './words.ts';

const MAX_CHECKS = 50;

/** The named checks of the plan, those that did not pass first. */
export function checksSection(checks: readonly CheckResult[]): Html {
  if (checks.length === 0) return nothing;
  const ordered = [...checks].sort((a, b) => Number(a.passed) - Number(b.passed)).slice(0, MAX_CHECKS);
  return html`<section><h2>${both({ ko: '점검 항목', en: 'Checks' })}</h2><div class="scroll"><table><thead><tr><th scope="col">${both({ ko: '항목', en: 'Check' })}</th><th scope="col">${both({ ko: '결과', en: 'Result' })}</th><th scope="col">${both({ ko: '값', en: 'Found' })}</th><th scope="col">${both({ ko: '기대값', en: 'Expected' })}</th></tr></thead><tbody>${ordered.map(
    ({ name, passed, value, expected }) =>
      html`<tr><th scope="row" lang="en">${clip(name, 80)}</th><td class="${passed ? 'good' : 'bad'}">${passed ? both({ ko: '✓ 통과', en: 'Passed' }) : both({ ko: '✗ 실패', en: 'Failed' })}</td><td>${shown(value)}</td><td>${shown(expected)}</td></tr>
`,
  )}</tbody></table></div></section>`;
}

export function shown(value: number | string): string {
  return typeof value === 'number' ? formatCount(value) : clip(value, 80);
}
