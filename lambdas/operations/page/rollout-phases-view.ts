import type { PhaseStatus, RolloutStatus } from '../rollout-status.ts';
import { byId, h, setAttribute } from './dom.ts';
import { formatDateTime } from './format.ts';
import { type Entry, keyedList } from './keyed-list.ts';
import { bilingual, type Label, labelOf } from './labels.ts';
import { gateItems } from './rollout-gates-list.ts';
import { flagLabels, phaseLabels, thresholdLabels } from './rollout-labels.ts';

/** The phases in order: what each opens, how far it is open, its gates with their values, the notice it publishes. */
export function phasesView(): (status: RolloutStatus) => void {
  const update = keyedList<PhaseStatus>(byId('phases'), ({ id }) => id, createPhase);
  return ({ phases }) => update(phases);
}

function createPhase({ id, weeks: [from, to], flags, notice }: PhaseStatus): Entry<PhaseStatus> {
  const badge = h('span', { class: 'badge' });
  const open = h('span', { class: 'muted open' });
  const about = h('p', { class: 'muted about-gates' });
  const gates = h('ul', { class: 'gates' });
  const node = h(
    'li',
    { 'data-phase': id },
    h(
      'div',
      { class: 'phase-head' },
      h('h3', {}, id, ' ', h('span', { class: 'muted' }, bilingual({ ko: `${from}–${to}주차`, en: `weeks ${from}–${to}` }))),
      badge,
      open,
    ),
    h('p', { class: 'phase-flags' }, ...flags.map((flag) => h('span', { class: 'chip' }, bilingual(labelOf(flagLabels, flag))))),
    about,
    gates,
    h('p', { class: 'phase-notice muted' }, bilingual({ ko: `공지 “${notice.title.ko}”`, en: `“${notice.title.en}”` })),
  );
  let shown = '';
  return {
    node,
    update(phase) {
      const text = JSON.stringify([phase.state, phase.percent, phase.gates]);
      if (text === shown) return;
      shown = text;
      setAttribute(node, 'data-state', phase.state);
      setAttribute(badge, 'data-state', { on: 'ready', next: 'running', later: 'later' }[phase.state]);
      badge.replaceChildren(bilingual(phaseLabels[phase.state]));
      open.replaceChildren(bilingual(openLabel(phase)));
      about.replaceChildren(...aboutGates(phase));
      gates.replaceChildren(...gateItems(phase.gates?.gates ?? []));
    },
  };
}

function openLabel({ percent }: PhaseStatus): Label {
  if (percent === null) return { ko: '꺼짐', en: 'off' };
  return percent === 100 ? { ko: '모든 사용자', en: 'everybody' } : { ko: `사용자 ${percent}%와 테스터`, en: `${percent}% and testers` };
}

function aboutGates({ state, gates, thresholds }: PhaseStatus): readonly (Node | string)[] {
  if (gates === null) {
    const asked = thresholdLabels(thresholds);
    return [bilingual({ ko: `관문: ${asked.map(({ ko }) => ko).join(' · ')}`, en: `Gates: ${asked.map(({ en }) => en).join(' · ')}` })];
  }
  const at = formatDateTime(gates.at);
  return [
    bilingual(
      state === 'on'
        ? { ko: `${at} 롤아웃이 확인한 관문`, en: 'Gates as its rollout found them' }
        : { ko: `지금의 관문 (${at}). 알람은 예행이 확인합니다.`, en: 'Gates as they are now; a dry run asks the alarms.' },
    ),
  ];
}
