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
  UNSUPPORTED_VALUE: { ko: '지원하지 않는 값', en: 'Unsupported value' },
};

export const runLabels: Labels = {
  running: { ko: '진행 중', en: 'Running' },
  completed: { ko: '완료', en: 'Completed' },
  failed: { ko: '실패', en: 'Failed' },
  abandoned: { ko: '중단됨', en: 'Abandoned' },
};

export const videoLabels: Labels = {
  inspecting: { ko: '검사 중', en: 'Inspecting' },
  encoding: { ko: '변환 중', en: 'Encoding' },
  ready: { ko: '재생 가능', en: 'Ready' },
  failed: { ko: '거부됨', en: 'Rejected' },
};

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
