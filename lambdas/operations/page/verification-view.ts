import type { CheckStatus, EntityVerification, Status } from '../status.ts';
import { byId, h, setAttribute, setText } from './dom.ts';
import { formatCount } from './format.ts';
import { type Entry, keyedList } from './keyed-list.ts';
import { bilingual, checkLabels, entityLabels, labelOf } from './labels.ts';

/** Whether the new tables hold exactly what the projection says, as the latest run that looked found it. */
export function verificationView(): (status: Status) => void {
  const verdict = byId('verdict');
  const table = byId('verification-table');
  const update = keyedList<EntityVerification>(byId('verification-rows'), ({ entity }) => entity, createRow);
  const checks = byId('checks');
  const updateChecks = keyedList<CheckStatus>(checks, ({ name }) => name, createCheck);
  return ({ verification }) => {
    byId('checks-block').hidden = (verification?.checks.length ?? 0) === 0;
    updateChecks(verification?.checks ?? []);
    table.hidden = verification === null;
    update(verification?.entities ?? []);
    if (verification === null) {
      setAttribute(verdict, 'data-verdict', 'none');
      setText(verdict, '아직 검증하지 않았습니다. Not verified yet.');
      return;
    }
    const failed = verification.checks.filter(({ passed }) => !passed).length;
    const differences = verification.entities.reduce((sum, { missing, extra, different }) => sum + missing + extra + different, 0);
    setAttribute(verdict, 'data-verdict', verification.clean ? 'clean' : differences + failed > 0 ? 'different' : 'unfinished');
    if (verification.clean) setText(verdict, `차이 없음 Clean · ${verification.runDate}`);
    else if (differences > 0)
      setText(verdict, `차이 ${formatCount(differences)}건 ${formatCount(differences)} differences · ${verification.runDate}`);
    else if (failed > 0)
      setText(verdict, `점검 ${formatCount(failed)}건 실패 ${formatCount(failed)} checks failed · ${verification.runDate}`);
    else setText(verdict, `검증이 끝나지 않았습니다. Not finished. · ${verification.runDate}`);
  };
}

function createRow({ entity }: EntityVerification): Entry<EntityVerification> {
  const label = labelOf(entityLabels, entity);
  const cells = { compared: h('td'), missing: h('td'), extra: h('td'), different: h('td') };
  const node = h('tr', {}, h('th', { scope: 'row' }, bilingual(label)), ...Object.values(cells));
  return {
    node,
    update(found) {
      for (const [name, cell] of Object.entries(cells) as [keyof typeof cells, HTMLElement][]) {
        setText(cell, formatCount(found[name]));
        if (name !== 'compared') setAttribute(cell, 'class', found[name] > 0 ? 'bad' : 'zero');
      }
      setAttribute(node, 'class', found.finished ? undefined : 'unfinished');
    },
  };
}

function createCheck({ name }: CheckStatus): Entry<CheckStatus> {
  const mark = h('span', { class: 'mark-of-check' });
  const found = h('span', { class: 'found' });
  const node = h('li', {}, mark, h('span', { class: 'check-name' }, bilingual(labelOf(checkLabels, name))), found);
  return {
    node,
    update({ passed, value, expected }) {
      setAttribute(node, 'data-passed', String(passed));
      setText(mark, passed ? '통과 Passed' : '실패 Failed');
      setText(found, passed ? value : `${value} ≠ ${expected}`);
    },
  };
}
