import { formatCount, formatPercent } from '../../operations/page/format.ts';
import type { EntityReport, RunReport } from '../run-report.ts';
import { stackedBar } from './bars.ts';
import { type Html, html, nothing } from './html.ts';
import { totalsOf } from './outcome.ts';
import { both, entityLabel } from './words.ts';

/** Where every legacy row stands, entity by entity: completed, quarantined or pending, and whether the three add up. */
export function accountsSection(report: RunReport): Html {
  const { legacyRows, completed, quarantined, pending } = totalsOf(report);
  const all = { legacyRows, completed, quarantined, pending, completedNow: report.completed, quarantinedNow: report.quarantined };
  return html`<section><h2>${both({ ko: '엔티티별 현황', en: 'Rows by entity' })}</h2>
<p class="legend">${legend('completed', '완료', 'Completed')}${legend('quarantined', '격리', 'Quarantined')}${legend('pending', '대기', 'Pending')}</p>
<div class="scroll"><table class="accounts"><thead><tr><th scope="col">${both({ ko: '엔티티', en: 'Entity' })}</th><th scope="col" class="wide"><span class="hidden">${both({ ko: '비율', en: 'Shares' })}</span></th><th scope="col">${both({ ko: '완료', en: 'Completed' })}</th><th scope="col">${both({ ko: '격리', en: 'Quarantined' })}</th><th scope="col">${both({ ko: '대기', en: 'Pending' })}</th><th scope="col">${both({ ko: '전체', en: 'Legacy rows' })}</th></tr></thead>
<tbody>${report.entities.map((entity) => row(html`${both(entityLabel(entity.entity))}`, entityLabel(entity.entity).ko, entity))}</tbody>
<tfoot>${row(html`${both({ ko: '합계', en: 'All' })}`, '합계', all)}</tfoot></table></div>
${addsUp(report.entities)}</section>`;
}

type Accounts = Omit<EntityReport, 'entity' | 'reasons'>;

function row(name: Html, title: string, { legacyRows, completed, quarantined, pending, completedNow, quarantinedNow }: Accounts): Html {
  const parts = [
    { kind: 'completed', value: completed },
    { kind: 'quarantined', value: quarantined },
    { kind: 'pending', value: pending },
  ];
  const done = legacyRows === 0 ? '–' : formatPercent(completed + quarantined, legacyRows);
  const bar = stackedBar(parts, legacyRows, `${title}: 완료 ${completed}, 격리 ${quarantined}, 대기 ${pending} / ${legacyRows}`);
  return html`<tr><th scope="row">${name}</th><td class="wide">${bar}<span class="share">${done}</span></td>${counted('완료', completed, completedNow)}${counted('격리', quarantined, quarantinedNow)}${counted('대기', pending)}${counted('전체', legacyRows)}</tr>
`;
}

/** A count, and below it what this run added. Narrow screens show the name beside it. */
function counted(name: string, count: number, now = 0): Html {
  return html`<td data-label="${name}">${formatCount(count)}${now > 0 ? html`<small>+${formatCount(now)}</small>` : nothing}</td>`;
}

function legend(kind: string, ko: string, en: string): Html {
  return html`<span><svg class="key" viewBox="0 0 10 10" aria-hidden="true"><rect class="${kind}" width="10" height="10"/></svg>${both({ ko, en })}</span> `;
}

function addsUp(entities: readonly EntityReport[]): Html {
  const off = entities.filter(({ legacyRows, completed, quarantined, pending }) => completed + quarantined + pending !== legacyRows);
  if (off.length === 0) {
    return html`<p class="note"><b class="good">✓</b> ${both({ ko: '완료 + 격리 + 대기 = 전체', en: 'Completed, quarantined and pending add up to the legacy rows. +n: this run' })}</p>`;
  }
  const names = off.map(({ entity }) => entityLabel(entity));
  return html`<p class="note"><b class="bad">✗</b> ${both({
    ko: `합계가 맞지 않습니다: ${names.map(({ ko }) => ko).join(', ')}`,
    en: `Completed, quarantined and pending do not add up to the legacy rows: ${names.map(({ ko, en }) => en || ko).join(', ')}`,
  })}</p>`;
}
