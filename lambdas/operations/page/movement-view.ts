import type { Movement, Status } from '../status.ts';
import type { Question } from './confirm.ts';
import { byId, h, setAttribute, setText } from './dom.ts';
import { formatCount, formatDateTime, formatSpan } from './format.ts';
import { bilingual, type Label, labelOf, movementLabels, noReason, reasonInWords } from './labels.ts';
import { sendCommand } from './send-command.ts';

export interface MovementDependencies {
  readonly confirm: (question: Question) => Promise<Label | undefined>;
  /** Asks for the status at once. */
  readonly refresh: () => void;
}

/** The answer to "why is it not moving?", the buttons that make it stop and go, and when it will be done. */
export function movementView({ confirm, refresh }: MovementDependencies): (status: Status) => void {
  const panel = byId('movement');
  const title = byId('movement-title');
  const reason = byId('movement-reason');
  const facts = byId('movement-facts');
  const result = byId('control-result');
  const buttons = {
    pause: byId<HTMLButtonElement>('control-pause'),
    resume: byId<HTMLButtonElement>('control-resume'),
    cancel: byId<HTMLButtonElement>('control-cancel'),
  };
  for (const [action, button] of Object.entries(buttons) as [keyof typeof questions, HTMLButtonElement][]) {
    button.addEventListener('click', async () => {
      const done = await confirm({
        ...questions[action],
        run: async (why) => {
          await sendCommand('/api/control', { action, ...(why === '' ? {} : { reason: why }) });
          return questions[action].done;
        },
      });
      if (done === undefined) return;
      result.replaceChildren(bilingual(done));
      result.hidden = false;
      refresh();
    });
  }

  let shown = '';
  return ({ now, movement, control, runs, eta, quota, capture }) => {
    const running = runs[0]?.status === 'running';
    // A request that was lost is asked for anew by either button.
    buttons.pause.hidden = control !== null && control.request !== 'run';
    buttons.resume.hidden = control?.request === 'run';
    buttons.cancel.hidden = !running || control?.request === 'cancel';
    setText(byId('eta'), eta === null ? '–' : rangeOf(eta));
    setText(byId('quota'), quota === null ? '–' : quotaOf(quota));
    setText(byId('backlog'), backlogOf(capture));
    setAttribute(byId('backlog'), 'data-late', movement.code === 'CHANGES_WAITING');
    const text = JSON.stringify([movement, minutesSince(now, movement.since)]);
    if (text === shown) return;
    shown = text;
    setAttribute(panel, 'data-state', movement.state);
    title.replaceChildren(bilingual(labelOf(movementLabels, movement.code)));
    const why = whyOf(movement);
    reason.hidden = why === undefined;
    reason.replaceChildren(why === undefined ? '' : bilingual(why));
    facts.replaceChildren(...factsOf(movement, now));
  };
}

/** The words of whoever stopped it; a request may come without any. */
function whyOf({ code, reason }: Movement): Label | undefined {
  if (reason !== null) return reasonInWords(reason);
  return code === 'PAUSE_REQUESTED' || code === 'CANCEL_REQUESTED' ? noReason : explanations[code];
}

/** What the title does not say of a stop that nobody gave a reason for. */
const explanations: Partial<Readonly<Record<Movement['code'], Label>>> = {
  CONTROL_MISSING: {
    ko: '요청을 담는 행(migration_control)이 없어 모든 배치가 멈춥니다. 재개를 누르거나 다음 실행이 열리면 다시 만들어집니다.',
    en: 'The row of requests (migration_control) is gone, so every batch stops. Resume, or the next run, makes it anew.',
  },
  SETTINGS_DISABLED: {
    ko: '설정의 enabled가 꺼져 있어 행도 변경도 옮기지 않습니다. 켠 설정을 배포하면 다음 실행부터 움직입니다.',
    en: 'The setting "enabled" is off: neither rows nor changes move. Deploy it switched on; the next run moves again.',
  },
  INFLOW_OUTRUNS: {
    ko: '들어오는 행이 하루 한도보다 많거나 같아 이대로는 끝나지 않습니다. 한도를 올려 주세요.',
    en: 'As much comes in as the day’s limit lets through, or more: it would never end. Raise the limit.',
  },
  QUOTA_USED: { ko: '다음 날 실행부터 이어집니다.', en: 'The next day’s run goes on.' },
};

const questions = {
  pause: {
    title: { ko: '이관을 일시 중지할까요?', en: 'Pause the migration?' },
    text: {
      ko: '진행 중인 실행은 다음 배치에서 멈추고, 재개할 때까지 어떤 실행도 행을 옮기지 않습니다. 변경 반영은 계속됩니다.',
      en: 'The run at work stops at its next batch and none copies until you resume. Legacy changes are still applied.',
    },
    action: { ko: '일시 중지', en: 'Pause' },
    asksReason: true,
    done: { ko: '일시 중지를 요청했습니다.', en: 'Pause requested.' },
  },
  resume: {
    title: { ko: '이관을 재개할까요?', en: 'Resume the migration?' },
    text: {
      ko: '다음 실행부터 다시 행을 옮깁니다. 이미 멈춘 실행은 이어지지 않습니다.',
      en: 'Rows move again from the next run on. A run that has stopped does not go on.',
    },
    action: { ko: '재개', en: 'Resume' },
    done: { ko: '재개했습니다. 다음 실행부터 행을 옮깁니다.', en: 'Resumed; rows move from the next run on.' },
  },
  cancel: {
    title: { ko: '진행 중인 실행을 취소할까요?', en: 'Cancel the run at work?' },
    text: {
      ko: '다음 배치에서 멈추고 취소로 기록됩니다. 이미 옮긴 행은 그대로 남고, 다음 실행은 예정대로 시작합니다.',
      en: 'It stops at its next batch and is recorded as cancelled. Rows already copied stay; the next run starts as planned.',
    },
    action: { ko: '실행 취소', en: 'Cancel the run' },
    danger: true,
    asksReason: true,
    done: { ko: '실행 취소를 요청했습니다.', en: 'Cancellation requested.' },
  },
} as const;

function factsOf({ value, threshold, unit, since }: Movement, now: string): readonly HTMLElement[] {
  const facts: HTMLElement[] = [];
  const add = (label: Label, value: Label) => facts.push(h('div', {}, h('dt', {}, bilingual(label)), h('dd', {}, bilingual(value))));
  if (value !== null) add({ ko: '현재 값', en: 'Value' }, measure(value, unit));
  if (threshold !== null) add({ ko: '기준', en: 'Threshold' }, measure(threshold, unit));
  if (since !== null) {
    const ago = formatSpan(minutesSince(now, since) * 60);
    const isNew = minutesSince(now, since) < 1;
    add(
      { ko: '시각', en: 'Since' },
      {
        ko: `${formatDateTime(since)} · ${isNew ? '방금' : `${ago.ko} 전`}`,
        en: isNew ? 'now' : `${ago.en} ago`,
      },
    );
  }
  return facts;
}

function measure(value: number | string, unit: Movement['unit']): Label {
  if (typeof value === 'string') return { ko: value, en: '' };
  if (unit === 'seconds') return formatSpan(value);
  if (unit === 'rows-per-day') return { ko: `하루 ${formatCount(value)}행`, en: `${formatCount(value)} rows a day` };
  return { ko: `${formatCount(value)}행`, en: `${formatCount(value)} rows` };
}

function quotaOf({ completed, dailyLimit, byHand }: NonNullable<Status['quota']>): string {
  return `${formatCount(completed)} / ${formatCount(dailyLimit)}${byHand ? ' · 수동 지정 by hand' : ''}`;
}

function minutesSince(now: string, since: string | null): number {
  return since === null ? 0 : Math.max(0, Math.floor((Date.parse(now) - Date.parse(since)) / 60_000));
}

function rangeOf({ earliest, latest }: NonNullable<Status['eta']>): string {
  const ends = [earliest, latest].filter((end) => end !== null).map(formatDateTime);
  return ends.length === 0 ? '–' : [...new Set(ends)].join(' ~ ');
}

function backlogOf({ backlog, oldestSeconds }: Status['capture']): string {
  if (oldestSeconds === null) return '0건';
  const age = formatSpan(oldestSeconds);
  return `${formatCount(backlog)}건 · 가장 오래된 것 ${age.ko} 전 oldest ${age.en}`;
}
