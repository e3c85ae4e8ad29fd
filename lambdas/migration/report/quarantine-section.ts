import { formatCount } from '../../operations/page/format.ts';
import type { RunReport } from '../run-report.ts';
import { stackedBar } from './bars.ts';
import { clip, type Html, html, nothing } from './html.ts';
import { both, entityLabel, reasonLabel } from './words.ts';

/** More classes than these do not exist; the rest of a report from elsewhere is counted, not listed. */
const MAX_CLASSES = 20;

/** Rows set aside, by reason class, most first: a systematic fault stands at the top. */
export function quarantineSection({ entities }: RunReport): Html {
  const classes = byClass(entities);
  const title = html`<h2>${both({ ko: '격리 사유', en: 'Quarantine by reason' })}</h2>`;
  if (classes.length === 0)
    return html`<section>${title}<p class="note">${both({ ko: '격리된 행이 없습니다.', en: 'No row is in quarantine.' })}</p></section>`;
  const most = classes[0]?.rows ?? 0;
  const more = classes.length - MAX_CLASSES;
  return html`<section>${title}<ul class="classes">${classes.slice(0, MAX_CLASSES).map(
    ({
      reason,
      rows,
      where,
    }) => html`<li><div><b>${both(reasonLabel(reason))}</b> <code>${clip(reason, 60)}</code></div><div class="count">${formatCount(rows)}</div>
${stackedBar([{ kind: 'quarantined', value: rows }], most, `${reasonLabel(reason).ko} ${rows}`)}
<p class="where">${where.map(({ entity, count }) => html`<span>${both(entityLabel(entity))} ${formatCount(count)}</span> `)}</p></li>`,
  )}</ul>${more > 0 ? html`<p class="note">+${formatCount(more)}</p>` : nothing}</section>`;
}

interface ReasonRows {
  readonly reason: string;
  readonly rows: number;
  readonly where: readonly { readonly entity: string; readonly count: number }[];
}

function byClass(entities: RunReport['entities']): ReasonRows[] {
  const counts = entities.flatMap(({ entity, reasons }) => Object.entries(reasons).map(([reason, count]) => ({ entity, reason, count })));
  const groups = Map.groupBy(counts, ({ reason }) => reason);
  return [...groups]
    .map(([reason, where]) => ({ reason, where, rows: where.reduce((sum, { count }) => sum + count, 0) }))
    .sort((a, b) => b.rows - a.rows || a.reason.localeCompare(b.reason));
}
