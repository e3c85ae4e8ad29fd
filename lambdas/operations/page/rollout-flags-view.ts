import { flagsFor, type ServedFlags } from '../../rollout/flags.ts';
import { keyOf } from '../../rollout/keys.ts';
import type { FlagStatus, RolloutStatus } from '../rollout-status.ts';
import { byId, h, setAttribute } from './dom.ts';
import { type Entry, keyedList } from './keyed-list.ts';
import { bilingual, type Label, labelOf } from './labels.ts';
import { flagLabels } from './rollout-labels.ts';

/** The flags as they are deployed and who sees each; and what one user sees, by the function that decides it for the app. */
export function flagsView(): (status: RolloutStatus) => void {
  const update = keyedList<FlagStatus>(byId('flags'), ({ flag }) => flag, createFlag);
  const viewer = byId<HTMLInputElement>('viewer');
  let flags: readonly FlagStatus[] = [];

  function showViewer(): void {
    const user = viewer.value.trim();
    const seen = Object.entries(flagsFor(servedOf(flags), user === '' ? undefined : user)).filter(([, { enabled }]) => enabled);
    const line = byId('viewer-flags');
    const who = user === '' ? { ko: '모두에게 열린 것', en: 'Open to everybody' } : { ko: '이 사용자가 보는 것', en: 'Seen by this user' };
    const text = JSON.stringify([user, seen]);
    if (line.dataset.of === text) return;
    line.dataset.of = text;
    line.replaceChildren(
      bilingual(who),
      ': ',
      ...(seen.length === 0
        ? [bilingual({ ko: '없음', en: 'nothing' })]
        : seen.map(([flag]) => h('span', { class: 'chip', 'data-flag': flag }, bilingual(labelOf(flagLabels, flag))))),
    );
  }

  viewer.addEventListener('input', showViewer);
  return (status) => {
    flags = status.flags;
    byId('flags-table').hidden = flags.length === 0;
    update(flags);
    showViewer();
  };
}

/** As AppConfig serves them. */
function servedOf(flags: readonly FlagStatus[]): ServedFlags {
  return Object.fromEntries(flags.map(({ flag, enabled, exposure }) => [keyOf(flag), { enabled, ...exposure }]));
}

function createFlag({ flag, phase }: FlagStatus): Entry<FlagStatus> {
  const badge = h('span', { class: 'badge' });
  const who = h('td', { 'data-label': '보는 사람 Who sees it' });
  const values = h('td', { 'data-label': '값 Values' });
  const node = h(
    'tr',
    { 'data-flag': flag },
    h('th', { scope: 'row' }, bilingual(labelOf(flagLabels, flag)), h('code', { class: 'where' }, flag)),
    h('td', { 'data-label': '단계 Phase' }, phase ?? '–'),
    h('td', { 'data-label': '상태 State' }, badge),
    who,
    values,
  );
  let shown = '';
  return {
    node,
    update(status) {
      const text = JSON.stringify(status);
      if (text === shown) return;
      shown = text;
      setAttribute(badge, 'data-state', status.enabled ? 'ready' : 'off');
      badge.replaceChildren(bilingual(onOff(status.enabled)));
      who.replaceChildren(bilingual(whoSees(status)));
      const attributes = Object.entries(status.attributes).map(([name, value]) =>
        h('span', { class: 'attribute' }, h('code', {}, name), ` ${Array.isArray(value) ? value.join(', ') : String(value)}`),
      );
      values.replaceChildren(...(attributes.length === 0 ? [] : [h('div', {}, ...attributes)]));
    },
  };
}

export const onOff = (enabled: boolean): Label => (enabled ? { ko: '켜짐', en: 'on' } : { ko: '꺼짐', en: 'off' });

/** Testers see a flag that is on whatever its percentage. */
export function whoSees({ enabled, exposure }: Pick<FlagStatus, 'enabled' | 'exposure'>): Label {
  if (!enabled) return { ko: '아무도 없음', en: 'nobody' };
  if (exposure === null || exposure.percent === 100) return { ko: '모두', en: 'everybody' };
  const { percent, testers } = exposure;
  if (testers.length === 0) return { ko: `사용자 ${percent}%`, en: `${percent}% of users` };
  return { ko: `사용자 ${percent}%와 테스터 ${testers.join(', ')}`, en: `${percent}% and ${testers.length} testers` };
}
