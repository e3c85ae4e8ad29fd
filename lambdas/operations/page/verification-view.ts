import type { RepairStarted } from '../start-repair.ts';
import type { CheckStatus, EntityVerification, Status } from '../status.ts';
import { byId, h, setAttribute, setText } from './dom.ts';
import { formatCount } from './format.ts';
import { type Entry, keyedList } from './keyed-list.ts';
import { bilingual, checkLabels, entityLabels, labelOf } from './labels.ts';
import type { MovementDependencies } from './movement-view.ts';
import { reportHref } from './runs-view.ts';
import { sendCommand } from './send-command.ts';

/** Whether the new tables hold exactly what the projection says, as the latest run that looked found it; and a way to mend them. */
export function verificationView({ confirm, refresh }: MovementDependencies): (status: Status) => void {
  const repair = byId<HTMLButtonElement>('repair');
  const result = byId('repair-result');
  const report = byId<HTMLAnchorElement>('last-report');
  repair.addEventListener('click', async () => {
    const done = await confirm({
      ...question,
      run: async () => {
        await sendCommand<RepairStarted>('/api/runs', { repair: true });
        return question.done;
      },
    });
    if (done === undefined) return;
    result.replaceChildren(bilingual(done));
    result.hidden = false;
    refresh();
  });
  const verdict = byId('verdict');
  const table = byId('verification-table');
  const update = keyedList<EntityVerification>(byId('verification-rows'), ({ entity }) => entity, createRow);
  const checks = byId('checks');
  const updateChecks = keyedList<CheckStatus>(checks, ({ name }) => name, createCheck);
  return ({ verification, runs }) => {
    const closed = runs.find(({ reportKey }) => reportKey !== null);
    report.hidden = closed === undefined;
    if (closed !== undefined) setAttribute(report, 'href', reportHref(closed.runId));
    // One run at a time: the one at work has to end first.
    repair.disabled = runs[0]?.status === 'running';
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

const question = {
  title: { ko: '검증하고 차이를 복구할까요?', en: 'Verify, and repair what differs?' },
  text: {
    ko: '지금 실행을 하나 시작합니다. 오늘 한도가 남았으면 행을 옮기고, 모든 행을 검증하며, 다른 행은 원본에서 다시 계산한 뒤(대상별로 한 묶음에 최대 1,000행) 한 번 더 검증합니다. 원본은 바뀌지 않습니다.',
    en: 'Starts a run now: it copies rows if the day’s limit has some left, verifies every row, derives again from the source what differs (at most 1,000 rows a chunk), and verifies once more. The source is not changed.',
  },
  action: { ko: '복구 시작', en: 'Start the repair' },
  done: { ko: '복구 실행을 시작했습니다. 실행 기록에 나타납니다.', en: 'The repair has started; it shows up among the runs.' },
} as const;

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
