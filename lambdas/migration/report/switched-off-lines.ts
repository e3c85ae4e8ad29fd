import { formatCount, formatDateTime } from '../../operations/page/format.ts';
import type { RunReport, SwitchedOffReport } from '../run-report.ts';
import { type Html, html, nothing } from './html.ts';
import { both, entityLabel } from './words.ts';

/** What the settings keep out of the run, a line each: the rows that wait for it, of which entities, and since when. */
export function switchedOffLines({ switchedOff }: Pick<RunReport, 'switchedOff'>): Html {
  return switchedOff.length === 0 ? nothing : html`<ul class="reason">${switchedOff.map(line)}</ul>`;
}

function line({ entity, waiting, pending, since }: SwitchedOffReport): Html {
  const others = waiting.filter((name) => name !== entity).map(entityLabel);
  const after =
    others.length === 0 ? nothing : html` · ${both({ ko: '함께 기다림', en: 'waiting with it' })} ${others.map(({ ko }) => ko).join(', ')}`;
  return html`<li><b>${both({ ko: '설정에서 꺼짐', en: 'Switched off' })}</b> ${both(entityLabel(entity))} · ${both({ ko: '대기', en: 'pending' })} ${formatCount(pending)}${after} · ${both({ ko: '시작', en: 'since' })} ${formatDateTime(since)}</li>`;
}
