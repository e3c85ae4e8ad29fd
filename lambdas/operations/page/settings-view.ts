import type { SettingsStatus, Status } from '../status.ts';
import { byId, h } from './dom.ts';
import { formatCount, formatDateTime, formatSpan } from './format.ts';
import { bilingual, entityLabels, type Label, labelOf, reasonLabels } from './labels.ts';

type Settings = NonNullable<SettingsStatus['inForce']>;

/** The settings that steps go by, and above them what is wrong with the document that is deployed, if it is another. */
export function settingsView(): (status: Status) => void {
  const parts = {
    panel: byId('settings'),
    problem: byId('settings-problem'),
    text: byId('settings-problem-text'),
    problemSince: byId('settings-problem-since'),
    none: byId('settings-none'),
    since: byId('settings-since'),
    list: byId('settings-list'),
  };
  let shown = '';
  return ({ settings }) => {
    parts.panel.hidden = settings === null;
    const text = JSON.stringify(settings);
    if (settings === null || text === shown) return;
    shown = text;
    const { inForce, since, problem } = settings;
    parts.problem.hidden = problem === null;
    parts.text.replaceChildren(problem?.text ?? '');
    parts.problemSince.replaceChildren(problem === null ? '' : sinceText(problem.since));
    parts.none.hidden = inForce !== null;
    parts.since.replaceChildren(since === null ? '' : sinceText(since));
    parts.list.replaceChildren(...(inForce === null ? [] : factsOf(inForce)));
  };
}

function sinceText(since: string): DocumentFragment {
  const at = formatDateTime(since);
  return bilingual({ ko: `${at}부터`, en: `since ${at}` });
}

function factsOf(settings: Settings): readonly HTMLElement[] {
  const { enabled, dailyLimit, batchRows, maxBatchRows, parallelRanges, statementTargetMs, budgets, entities } = settings;
  const off = Object.entries(entities).filter(([, entity]) => !entity.enabled);
  const facts: readonly (readonly [Label, string, Label])[] = [
    [{ ko: '이관', en: 'Migration' }, 'enabled', enabled ? { ko: '켜짐', en: 'on' } : { ko: '꺼짐', en: 'off' }],
    [{ ko: '하루 한도', en: 'Day’s limit' }, 'dailyLimit', rows(dailyLimit)],
    [{ ko: '첫 배치', en: 'First batch' }, 'batchRows', rows(batchRows)],
    [{ ko: '최대 배치', en: 'Largest batch' }, 'maxBatchRows', rows(maxBatchRows)],
    [{ ko: '동시 구간', en: 'Ranges at once' }, 'parallelRanges', same(formatCount(parallelRanges))],
    [{ ko: '문장 목표 시간', en: 'Statement target' }, 'statementTargetMs', duration(statementTargetMs)],
    [{ ko: '격리 한도', en: 'Quarantine budgets' }, 'budgets', budgetsOf(budgets)],
    [{ ko: '꺼진 대상', en: 'Switched off' }, 'entities', joined(off.map(([name]) => labelOf(entityLabels, name)))],
  ];
  return facts.map(([label, field, value]) =>
    h('div', {}, h('dt', {}, bilingual(label), ' ', h('code', {}, field)), h('dd', {}, bilingual(value))),
  );
}

const same = (text: string): Label => ({ ko: text, en: '' });
const rows = (count: number): Label => ({ ko: `${formatCount(count)}행`, en: `${formatCount(count)} rows` });
const duration = (ms: number): Label => (ms % 1000 === 0 ? formatSpan(ms / 1000) : same(`${formatCount(ms)} ms`));

function joined(labels: readonly Label[]): Label {
  if (labels.length === 0) return { ko: '없음', en: 'none' };
  return { ko: labels.map(({ ko }) => ko).join(', '), en: labels.map(({ en }) => en).join(', ') };
}

/** A budget is used up when every limit it names is passed. */
function budgetsOf(budgets: Settings['budgets']): Label {
  return joined(
    Object.entries(budgets).map(([reason, budget]) => {
      const name = reason === '*' ? { ko: '그 밖의 사유', en: 'any other' } : labelOf(reasonLabels, reason);
      const limits = [
        ...(budget.rows === undefined ? [] : [rows(budget.rows)]),
        ...(budget.percent === undefined ? [] : [same(`${formatCount(budget.percent)}%`)]),
      ];
      return {
        ko: `${name.ko} ${limits.map(({ ko }) => ko).join('·') || '무제한'}`,
        en: `${name.en} ${limits.map(({ ko, en }) => en || ko).join(' and ') || 'no limit'}`,
      };
    }),
  );
}
