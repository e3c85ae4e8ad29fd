import { h } from './dom.ts';

/** Korean, and English beside it. */
export interface Label {
  readonly ko: string;
  readonly en: string;
}

type Labels = Readonly<Record<string, Label>>;

export const entityLabels: Labels = {
  user: { ko: '사용자', en: 'Users' },
  channel: { ko: '채널', en: 'Channels' },
  channel_setting: { ko: '채널 설정', en: 'Channel settings' },
  video: { ko: '동영상', en: 'Videos' },
  video_submission: { ko: '지원', en: 'Submissions' },
  watch_later: { ko: '나중에 볼 동영상', en: 'Watch later' },
  video_analytics: { ko: '동영상 통계', en: 'Analytics' },
};

export const reasonLabels: Labels = {
  UNKNOWN_VALUE: { ko: '알 수 없는 값', en: 'Unknown value' },
  MISSING_REFERENCE: { ko: '참조 대상 없음', en: 'Missing reference' },
  CONSTRAINT: { ko: '제약 조건 위반', en: 'Constraint' },
  TOO_LONG: { ko: '너무 긴 값', en: 'Too long' },
  UNSUPPORTED_TEXT: { ko: '지원하지 않는 문자', en: 'Unsupported text' },
  UNSUPPORTED_VALUE: { ko: '지원하지 않는 값', en: 'Unsupported value' },
};

/** One sentence for each answer to "why is it not moving?". */
export const movementLabels: Labels = {
  RUNNING: { ko: '이관하고 있습니다', en: 'Migrating' },
  DONE: { ko: '남은 행이 없습니다', en: 'No row is left' },
  NOT_STARTED: { ko: '아직 시작하지 않았습니다', en: 'Not started yet' },
  CONTROL_MISSING: { ko: '요청 행이 없어 멈춰 있습니다', en: 'The row of requests is missing' },
  SETTINGS_REFUSED: { ko: '배포된 설정을 쓸 수 없어 실행이 열리지 않습니다', en: 'No run opens: the deployed settings cannot be used' },
  SETTINGS_DISABLED: { ko: '설정에서 꺼져 있습니다', en: 'Switched off in the settings' },
  PAUSE_REQUESTED: { ko: '운영자 요청으로 멈춰 있습니다', en: 'Paused by an operator' },
  CANCEL_REQUESTED: { ko: '실행을 취소하고 있습니다', en: 'The run is being cancelled' },
  RUN_STALLED: { ko: '실행이 진행되지 않고 있습니다', en: 'The run gives no sign of progress' },
  RUN_PAUSED: { ko: '실행이 멈췄습니다', en: 'The run paused' },
  RUN_CANCELLED: { ko: '실행이 취소되었습니다', en: 'The run was cancelled' },
  RUN_FAILED: { ko: '마지막 실행이 실패했습니다', en: 'The latest run failed' },
  CHANGES_WAITING: { ko: '변경이 반영되지 않고 있습니다', en: 'Legacy changes are not being applied' },
  INFLOW_OUTRUNS: { ko: '유입이 하루 한도를 앞지릅니다', en: 'More comes in than the limit lets through' },
  QUOTA_USED: { ko: '오늘 한도를 모두 썼습니다', en: 'The day’s limit is used up' },
  ENTITY_OFF: { ko: '설정에서 꺼진 대상이 있어 행이 기다립니다', en: 'Rows wait for what is switched off in the settings' },
  NEXT_RUN: { ko: '다음 실행을 기다립니다', en: 'Waiting for the next run' },
};

export const noReason: Label = { ko: '사유를 적지 않았습니다', en: 'No reason was given' };

const requestLabels: Labels = {
  pause: { ko: '운영자 요청: 일시 중지', en: 'Asked for: pause' },
  cancel: { ko: '운영자 요청: 취소', en: 'Asked for: cancel' },
  null: { ko: '요청을 담는 행이 없음', en: 'The row of requests is missing' }, // what a batch finds when it is gone
};

/** A pause's reason in words; an error's or an operator's as it is. */
export function reasonInWords(reason: string): Label {
  if (reason.startsWith('DISABLED: ')) return { ko: '설정의 enabled가 꺼져 있음', en: 'The setting "enabled" is off' };
  if (reason.startsWith('REQUESTED: ')) {
    const request = reason.slice('REQUESTED: '.length);
    return requestLabels[request] ?? { ko: `운영자 요청: ${request}`, en: 'Asked for by an operator' };
  }
  if (reason.startsWith('ENTITY_OFF: ')) return switchedOffInWords(reason.slice('ENTITY_OFF: '.length).split(', '));
  const [, entity = '', reasonClass = ''] = /^QUARANTINE_BUDGET: (\S+) (\S+)$/.exec(reason) ?? [];
  if (entity === '') return { ko: reason, en: '' };
  const [of, why] = [labelOf(entityLabels, entity), labelOf(reasonLabels, reasonClass)];
  return { ko: `격리 한도 초과: ${of.ko} · ${why.ko}`, en: `Quarantine budget passed: ${of.en}, ${why.en.toLowerCase()}` };
}

function switchedOffInWords(entities: readonly string[]): Label {
  const off = entities.map((entity) => labelOf(entityLabels, entity));
  return {
    ko: `꺼진 대상: ${off.map(({ ko }) => ko).join(', ')}. 이를 참조하는 행도 함께 기다립니다. 켠 설정을 배포하면 다음 실행부터 옮깁니다.`,
    en: `Switched off: ${off.map(({ ko, en }) => en || ko).join(', ')}. What refers to it waits, too. Deploy it switched on; the next run takes these rows.`,
  };
}

export const checkLabels: Labels = {
  'User Count Match': { ko: '사용자 수 일치', en: 'User Count Match' },
  'No Orphaned Records': { ko: '참조 없는 행 없음', en: 'No Orphaned Records' },
  'Every Row Accounted For': { ko: '모든 행이 집계됨', en: 'Every Row Accounted For' },
  'Mapping One To One': { ko: '매핑 일대일', en: 'Mapping One To One' },
  'Unique Handles': { ko: '핸들 중복 없음', en: 'Unique Handles' },
  'Cursors In Order': { ko: '커서 순서', en: 'Cursors In Order' },
  'Channel Counts Right': { ko: '채널 집계 일치', en: 'Channel Counts Right' },
};

export const runLabels: Labels = {
  running: { ko: '진행 중', en: 'Running' },
  completed: { ko: '완료', en: 'Completed' },
  paused: { ko: '일시 중지', en: 'Paused' },
  cancelled: { ko: '취소됨', en: 'Cancelled' },
  failed: { ko: '실패', en: 'Failed' },
  abandoned: { ko: '중단됨', en: 'Abandoned' },
};

export const videoLabels: Labels = {
  uploaded: { ko: '업로드됨', en: 'Uploaded' },
  inspecting: { ko: '검사 중', en: 'Inspecting' },
  encoding: { ko: '변환 중', en: 'Encoding' },
  checking: { ko: '결과 확인 중', en: 'Checking' },
  ready: { ko: '재생 가능', en: 'Ready' },
  failed: { ko: '실패', en: 'Failed' },
  cancelled: { ko: '취소됨', en: 'Cancelled' },
};

/** Why a video stopped playing, and what to do. */
export const playbackLabels = {
  gone: {
    ko: '재생할 파일이 없습니다. 새 버전으로 바뀌었을 수 있으니 페이지를 새로 고쳐 주세요.',
    en: 'The file to play is not there; a new version may have replaced it. Reload the page.',
  },
  network: {
    ko: '동영상을 불러오지 못했습니다. 연결을 확인하고 다시 시도해 주세요.',
    en: 'The video could not be loaded. Check the connection and try again.',
  },
  media: {
    ko: '이 브라우저에서 재생하지 못했습니다. 다시 시도하거나 다른 브라우저로 열어 주세요.',
    en: 'This browser could not play it. Try again, or open it in another browser.',
  },
  unsupported: {
    ko: '이 브라우저는 HLS를 재생할 수 없습니다. 최신 브라우저로 열어 주세요.',
    en: 'This browser cannot play HLS. Open it in a current browser.',
  },
} as const satisfies Labels;
export type PlaybackFault = keyof typeof playbackLabels;

/** What has no words yet is shown by its own name. */
export function labelOf(labels: Labels, key: string): Label {
  return Object.hasOwn(labels, key) ? (labels[key] ?? { ko: key, en: '' }) : { ko: key, en: '' };
}

export function bilingual({ ko, en }: Label): DocumentFragment {
  const fragment = document.createDocumentFragment();
  fragment.append(ko);
  if (en !== '' && en !== ko) fragment.append(' ', h('span', { class: 'en', lang: 'en' }, en));
  return fragment;
}

/** A line that is there only while there is something to say. */
export function say(line: HTMLElement, label: Label | null | undefined): void {
  line.hidden = !label;
  line.replaceChildren(label ? bilingual(label) : '');
}
