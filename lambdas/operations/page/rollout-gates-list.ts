import type { Gate } from '../../rollout/gates.ts';
import { h } from './dom.ts';
import { formatDateTime } from './format.ts';
import { bilingual } from './labels.ts';
import { gateFinding, gateLabel } from './rollout-labels.ts';

/** Each gate with what was found against what is asked, and since when. */
export function gateItems(gates: readonly Gate[]): readonly HTMLElement[] {
  return gates.map((gate) =>
    h(
      'li',
      { 'data-passed': String(gate.passed), 'data-gate': gate.name },
      h('span', { class: 'mark-of-check' }, bilingual(gate.passed ? { ko: '통과', en: 'Passed' } : { ko: '막힘', en: 'Shut' })),
      h('span', { class: 'gate-name' }, bilingual(gateLabel(gate.name))),
      h('span', { class: 'found' }, bilingual(gateFinding(gate))),
      h('span', { class: 'since' }, gate.since === null ? '' : bilingual(sinceLabel(gate.since))),
    ),
  );
}

function sinceLabel(since: string) {
  const at = formatDateTime(since);
  return { ko: `${at}부터`, en: `since ${at}` };
}
