import type { EntityStatus, Status } from '../status.ts';
import { byId, h, setAttribute, setText } from './dom.ts';
import { formatCount, formatDay, formatPercent, formatSpan } from './format.ts';
import { type Entry, keyedList } from './keyed-list.ts';
import { bilingual, entityLabels, type Label, labelOf } from './labels.ts';

type Accounts = Pick<EntityStatus, 'total' | 'completed' | 'failed' | 'pending'>;

/** The whole in one bar, then entity after entity. */
export function progressView(): (status: Status) => void {
  const overall = createBar({ ko: '전체', en: 'All rows' });
  byId('overall-bar').append(overall.node);
  const updateEntities = keyedList<EntityStatus>(byId('entities'), ({ entity }) => entity, createEntity);
  return ({ entities }) => {
    const all = addUp(entities);
    setText(byId('overall-percent'), formatPercent(all.completed + all.failed, all.total));
    setText(byId('overall-counts'), `${formatCount(all.completed + all.failed)} / ${formatCount(all.total)}`);
    overall.update(all);
    updateEntities(entities);
  };
}

function createEntity({ entity }: EntityStatus): Entry<EntityStatus> {
  const label = labelOf(entityLabels, entity);
  const bar = createBar(label);
  const percent = h('span', { class: 'percent' });
  const counts = {
    completed: h('b'),
    failed: h('b'),
    pending: h('b'),
  };
  const pace = h('span', { class: 'pace' });
  const node = h(
    'li',
    { class: 'entity', 'data-entity': entity },
    h('div', { class: 'entity-head' }, h('h3', {}, bilingual(label)), percent),
    bar.node,
    h(
      'p',
      { class: 'counts' },
      count('completed', { ko: '완료', en: 'done' }, counts.completed),
      count('failed', { ko: '격리', en: 'quarantined' }, counts.failed),
      count('pending', { ko: '대기', en: 'pending' }, counts.pending),
      pace,
    ),
  );
  return {
    node,
    update(status) {
      bar.update(status);
      setText(percent, formatPercent(status.completed + status.failed, status.total));
      setText(counts.completed, formatCount(status.completed));
      setText(counts.failed, formatCount(status.failed));
      setText(counts.pending, formatCount(status.pending));
      setText(pace, paceOf(status));
    },
  };
}

function count(kind: string, label: Label, value: HTMLElement): HTMLElement {
  return h('span', { class: `count ${kind}` }, bilingual(label), ' ', value);
}

/** The rate is that of the latest run; what is left at that rate only means something while rows are pending. */
function paceOf({ rowsPerSecond, timeLeftSeconds, pending, eta }: EntityStatus): string {
  const pace = rowsPerSecond === null ? [] : [`${formatCount(rowsPerSecond)}행/초 rows/s`];
  if (pending > 0 && timeLeftSeconds !== null) {
    const left = formatSpan(timeLeftSeconds);
    pace.push(`남은 시간 ${left.ko} (${left.en} left)`);
  }
  if (pending > 0 && eta?.latest) pace.push(`늦어도 ${formatDay(eta.latest)} at the latest`);
  return pace.join(' · ');
}

function createBar(label: Label): Entry<Accounts> {
  const completed = h('span', { class: 'fill completed' });
  const failed = h('span', { class: 'fill failed' });
  const node = h(
    'div',
    { class: 'bar', role: 'progressbar', 'aria-label': `${label.ko} ${label.en}`, 'aria-valuemin': 0, 'aria-valuemax': 100 },
    completed,
    failed,
  );
  return {
    node,
    update({ total, ...accounts }) {
      const share = (rows: number) => (total === 0 ? 0 : (rows / total) * 100);
      completed.style.width = `${total === 0 ? 100 : share(accounts.completed)}%`;
      failed.style.width = `${share(accounts.failed)}%`;
      setAttribute(node, 'aria-valuenow', total === 0 ? 100 : Math.floor(share(accounts.completed + accounts.failed)));
      setAttribute(
        node,
        'aria-valuetext',
        `${formatCount(total)} 중 완료 ${formatCount(accounts.completed)}, 격리 ${formatCount(accounts.failed)}, 대기 ${formatCount(accounts.pending)}`,
      );
    },
  };
}

function addUp(entities: readonly EntityStatus[]): Accounts {
  const sum = (key: keyof Accounts) => entities.reduce((total, entity) => total + entity[key], 0);
  return { total: sum('total'), completed: sum('completed'), failed: sum('failed'), pending: sum('pending') };
}
