import type { QuarantinedRow, QuarantinePage, RetryResult } from '../quarantine.ts';
import type { QuarantineCount, Status } from '../status.ts';
import { byId, h, setAttribute, setText } from './dom.ts';
import { formatCount } from './format.ts';
import { keyedList } from './keyed-list.ts';
import { bilingual, entityLabels, type Label, labelOf, reasonLabels } from './labels.ts';
import type { MovementDependencies } from './movement-view.ts';
import { createQuarantineRow, keyOf } from './quarantine-row.ts';
import { readJson, sendCommand } from './send-command.ts';

const PAGE_ROWS = 25;

/** Rows set aside: counted by entity and reason, then one by one, with a way to try them again. */
export function quarantineView({ confirm, refresh }: MovementDependencies): (status: Status) => void {
  const part = {
    none: byId('quarantine-none'),
    browser: byId('quarantine-browser'),
    entity: byId<HTMLSelectElement>('quarantine-entity'),
    reason: byId<HTMLSelectElement>('quarantine-reason'),
    all: byId<HTMLInputElement>('quarantine-all'),
    retrySelected: byId<HTMLButtonElement>('retry-selected'),
    retryReason: byId<HTMLButtonElement>('retry-reason'),
    result: byId('quarantine-result'),
    error: byId('quarantine-error'),
    previous: byId<HTMLButtonElement>('quarantine-previous'),
    next: byId<HTMLButtonElement>('quarantine-next'),
    position: byId('quarantine-position'),
  };
  let counts: readonly QuarantineCount[] = [];
  let shown: QuarantinePage = { rows: [], next: null };
  /** Where the pages begin that led here; empty on the first. */
  let trail: string[] = [];
  let selected = new Set<string>();
  let asked = 0;
  let seen = '';

  const updateCounts = keyedList<QuarantineCount>(
    byId('quarantine-list'),
    ({ entity, reason }) => `${entity} ${reason}`,
    (item) => createCount(item, () => narrow(isNarrowedTo(item) ? { entity: '', reason: '' } : item)),
  );
  const updateRows = keyedList<QuarantinedRow>(byId('quarantine-rows'), keyOf, (row) =>
    createQuarantineRow(row, {
      isSelected: (key) => selected.has(key),
      select(key, isSelected) {
        if (isSelected) selected.add(key);
        else selected.delete(key);
        showSelection();
      },
    }),
  );

  const isNarrowedTo = ({ entity, reason }: Pick<QuarantineCount, 'entity' | 'reason'>) =>
    part.entity.value === entity && part.reason.value === reason;
  const matching = () =>
    counts
      .filter(({ entity, reason }) => [entity, ''].includes(part.entity.value) && [reason, ''].includes(part.reason.value))
      .reduce((sum, { count }) => sum + count, 0);

  function narrow({ entity, reason }: Pick<QuarantineCount, 'entity' | 'reason'>): void {
    part.entity.value = entity;
    part.reason.value = reason;
    startOver();
  }

  function startOver(): void {
    trail = [];
    selected = new Set();
    part.result.hidden = true;
    showCounts();
    void load();
  }

  async function load(): Promise<void> {
    asked += 1;
    const question = asked;
    const query = new URLSearchParams({ limit: String(PAGE_ROWS) });
    for (const [name, value] of [
      ['entity', part.entity.value],
      ['reason', part.reason.value],
      ['after', trail.at(-1) ?? ''],
    ] as const)
      if (value !== '') query.set(name, value);
    try {
      const page = await readJson<QuarantinePage>(`/api/quarantine?${query}`);
      if (question !== asked) return;
      // The last row of a page may have been released: then the page before is the last.
      if (page.rows.length === 0 && trail.length > 0) {
        trail.pop();
        return await load();
      }
      shown = page;
      part.error.hidden = true;
      showRows();
    } catch (error) {
      if (question !== asked) return;
      setText(part.error, `목록을 가져오지 못했습니다. The rows cannot be read: ${error instanceof Error ? error.message : String(error)}`);
      part.error.hidden = false;
    }
  }

  function showRows(): void {
    const present = new Set(shown.rows.filter(({ queued }) => !queued).map(keyOf));
    selected = new Set([...selected].filter((key) => present.has(key)));
    updateRows(shown.rows);
    const first = trail.length * PAGE_ROWS;
    setText(
      part.position,
      shown.rows.length === 0
        ? '없음 None'
        : `${formatCount(first + 1)}–${formatCount(first + shown.rows.length)} / ${formatCount(Math.max(matching(), first + shown.rows.length))}`,
    );
    part.previous.disabled = trail.length === 0;
    part.next.disabled = shown.next === null;
    showSelection();
  }

  function showSelection(): void {
    const selectable = shown.rows.filter(({ queued }) => !queued).length;
    part.all.checked = selectable > 0 && selected.size === selectable;
    part.all.indeterminate = selected.size > 0 && selected.size < selectable;
    part.all.disabled = selectable === 0;
    part.retrySelected.disabled = selected.size === 0;
    part.retrySelected.replaceChildren(
      bilingual({ ko: `선택한 ${formatCount(selected.size)}행 다시 시도`, en: `Retry ${formatCount(selected.size)} selected` }),
    );
    const isOneReason = part.entity.value !== '' && part.reason.value !== '' && matching() > 0;
    part.retryReason.hidden = !isOneReason;
    part.retryReason.replaceChildren(
      bilingual({ ko: `이 사유 ${formatCount(matching())}행 모두 다시 시도`, en: `Retry all ${formatCount(matching())}` }),
    );
  }

  function showCounts(): void {
    part.none.hidden = counts.length > 0;
    part.browser.hidden = counts.length === 0;
    updateCounts(counts);
    for (const button of document.querySelectorAll<HTMLElement>('#quarantine-list button')) {
      const { of: entity = '', class: reason = '' } = button.dataset;
      setAttribute(button, 'aria-pressed', String(isNarrowedTo({ entity, reason })));
    }
    offer(part.entity, [...new Set(counts.map(({ entity }) => entity))], entityLabels);
    offer(part.reason, [...new Set(counts.map(({ reason }) => reason))], reasonLabels);
  }

  async function retry(commands: readonly object[], rows: number): Promise<void> {
    const done = await confirm({
      title: { ko: `${formatCount(rows)}행을 다시 시도할까요?`, en: `Retry ${formatCount(rows)} rows?` },
      text: {
        ko: '원본에서 다시 계산합니다. 원인이 그대로면 시도 횟수만 늘고 격리에 남습니다. 하루 한도는 쓰지 않습니다.',
        en: 'They are derived from the source again. Where the cause is still there, a row stays with one more attempt. Uses none of the day’s limit.',
      },
      action: { ko: '다시 시도', en: 'Retry' },
      run: async () => {
        const results: RetryResult[] = [];
        for (const command of commands) results.push(await sendCommand<RetryResult>('/api/quarantine/retry', command));
        return retriedLabel(results);
      },
    });
    if (done === undefined) return;
    selected = new Set();
    part.result.replaceChildren(bilingual(done));
    part.result.hidden = false;
    await load();
    refresh();
  }

  for (const filter of [part.entity, part.reason]) filter.addEventListener('change', startOver);
  part.all.addEventListener('change', () => {
    selected = new Set(part.all.checked ? shown.rows.filter(({ queued }) => !queued).map(keyOf) : []);
    updateRows(shown.rows);
    showSelection();
  });
  part.next.addEventListener('click', () => {
    if (shown.next === null) return;
    trail.push(shown.next);
    selected = new Set();
    void load();
  });
  part.previous.addEventListener('click', () => {
    trail.pop();
    selected = new Set();
    void load();
  });
  part.retrySelected.addEventListener('click', () => {
    const rows = shown.rows.filter((row) => selected.has(keyOf(row)));
    const commands = [...new Set(rows.map(({ entity }) => entity))].map((entity) => ({
      entity,
      legacyIds: rows.filter((row) => row.entity === entity).map(({ legacyId }) => legacyId),
    }));
    void retry(commands, rows.length);
  });
  part.retryReason.addEventListener('click', () => {
    void retry([{ entity: part.entity.value, reason: part.reason.value }], matching());
  });

  return ({ quarantine, capture }) => {
    const news = JSON.stringify([quarantine, capture.backlog]); // with the time of the latest attempt
    if (news === seen) return;
    seen = news;
    counts = quarantine;
    showCounts();
    if (counts.length > 0) void load();
  };
}

function createCount({ entity, reason }: QuarantineCount, choose: () => void) {
  const count = h('b', { class: 'number' });
  const button = h(
    'button',
    { type: 'button', 'data-of': entity, 'data-class': reason, 'aria-pressed': 'false' },
    h('span', { class: 'class' }, bilingual(labelOf(reasonLabels, reason))),
    h('span', { class: 'where' }, bilingual(labelOf(entityLabels, entity))),
    count,
  );
  button.addEventListener('click', choose);
  return { node: h('li', {}, button), update: (item: QuarantineCount) => setText(count, formatCount(item.count)) };
}

/** Keeps what is chosen, even when its last row has left the quarantine. */
function offer(select: HTMLSelectElement, names: readonly string[], labels: Parameters<typeof labelOf>[0]): void {
  const chosen = select.value;
  const all = chosen === '' || names.includes(chosen) ? names : [...names, chosen];
  if (
    [...select.options]
      .slice(1)
      .map(({ value }) => value)
      .join() === all.join()
  )
    return;
  const option = (value: string, { ko, en }: Label) => h('option', { value }, en === '' || en === ko ? ko : `${ko} ${en}`);
  select.replaceChildren(option('', { ko: '전체', en: 'All' }), ...all.map((name) => option(name, labelOf(labels, name))));
  select.value = chosen;
}

function retriedLabel(results: readonly RetryResult[]): Label {
  const sum = (key: keyof RetryResult) => formatCount(results.reduce((total, result) => total + result[key], 0));
  const left = results.some((result) => result.left > 0);
  return {
    ko: `${sum('queued')}행을 다시 시도 목록에 넣었습니다 (이미 대기 ${sum('alreadyQueued')}행${left ? `, 남은 ${sum('left')}행은 한 번 더 눌러 주세요` : ''}). 다음 변경 반영 때 처리됩니다.`,
    en: `${sum('queued')} queued (${sum('alreadyQueued')} already were${left ? `, ${sum('left')} left: press again` : ''}); the next catch-up tries them.`,
  };
}
