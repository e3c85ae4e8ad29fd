import type { Gate } from '../../rollout/gates.ts';
import type { Thresholds } from '../../rollout/phases.ts';
import { formatCount } from './format.ts';
import { type Label, labelOf } from './labels.ts';

export const phaseLabels = {
  on: { ko: '열림', en: 'On' },
  next: { ko: '다음', en: 'Next' },
  later: { ko: '나중', en: 'Later' },
} as const satisfies Readonly<Record<string, Label>>;

export const entryLabels: Readonly<Record<string, Label>> = {
  running: { ko: '진행 중', en: 'At work' },
  completed: { ko: '완료', en: 'Completed' },
  refused: { ko: '거절됨', en: 'Refused' },
  rolled_back: { ko: '되돌려짐', en: 'Rolled back' },
  failed: { ko: '실패', en: 'Failed' },
};

export const deploymentLabels: Readonly<Record<string, Label>> = {
  VALIDATING: { ko: '문서 확인 중', en: 'validating' },
  DEPLOYING: { ko: '배포 중', en: 'deploying' },
  BAKING: { ko: '알람 지켜보는 중', en: 'baking' },
  ROLLING_BACK: { ko: '되돌리는 중', en: 'rolling back' },
};

export const flagLabels: Readonly<Record<string, Label>> = {
  SHOW_VIDEO_TAB: { ko: '동영상 탭', en: 'Video tab' },
  ENABLE_VIDEO_UPLOAD: { ko: '업로드', en: 'Uploading' },
  ENABLE_VIDEO_PLAYER: { ko: '재생', en: 'Playing' },
  ENABLE_CHANNELS: { ko: '채널', en: 'Channels' },
  ENABLE_SUBSCRIPTIONS: { ko: '구독', en: 'Subscriptions' },
  ENABLE_RECOMMENDATIONS: { ko: '추천', en: 'Recommendations' },
  ENABLE_MONETIZATION: { ko: '수익', en: 'Monetization' },
  DISABLE_LEGACY_CAMPAIGNS: { ko: '기존 캠페인 등록 닫기', en: 'Old campaigns closed' },
  USE_LEGACY_ROUTES: { ko: 'LinkPick 화면으로 보내기', en: 'Pages served by LinkPick' },
  VIDEO_PROCESSING_ENABLED: { ko: '업로드 처리', en: 'Upload processing' },
  VIDEO_ANALYTICS_ENABLED: { ko: '조회 집계', en: 'View counts' },
};

/** A gate's name, how it is compared, and the unit of its value and threshold. */
interface GateWords {
  readonly name: Label;
  readonly compared: '=' | '≤' | '≥';
  readonly unit: Label;
}

const none: Label = { ko: '', en: '' };
const gateWords: Readonly<Record<string, GateWords>> = {
  'verification-differences': { name: { ko: '검증 차이', en: 'Verification' }, compared: '=', unit: { ko: '건', en: ' found' } },
  'verification-age-hours': { name: { ko: '검증 후 경과', en: 'Since verification' }, compared: '≤', unit: { ko: '시간', en: ' h' } },
  'quarantine-percent': { name: { ko: '격리 비율', en: 'Quarantined' }, compared: '≤', unit: { ko: '%', en: '%' } },
  'catch-up-lag-seconds': { name: { ko: '변경 반영 지연', en: 'Catch-up lag' }, compared: '≤', unit: { ko: '초', en: ' s' } },
  'previous-phase-days': {
    name: { ko: '이전 단계 후 경과', en: 'Since the phase before' },
    compared: '≥',
    unit: { ko: '일', en: ' days' },
  },
  'uploads-a-day': { name: { ko: '하루 업로드', en: 'Uploads a day' }, compared: '≥', unit: { ko: '건', en: '' } },
};

const ALARM = 'alarm:';

function wordsOf(name: string): GateWords {
  const words = Object.hasOwn(gateWords, name) ? gateWords[name] : undefined;
  if (words !== undefined) return words;
  const alarm = name.startsWith(ALARM) ? name.slice(ALARM.length) : undefined;
  return { name: alarm === undefined ? labelOf({}, name) : { ko: `알람 ${alarm}`, en: 'Alarm' }, compared: '=', unit: none };
}

export const gateLabel = (name: string): Label => wordsOf(name).name;

/** `0.3% ≤ 1%` */
export function gateFinding({ name, value, threshold }: Pick<Gate, 'name' | 'value' | 'threshold'>): Label {
  const { compared, unit } = wordsOf(name);
  const measure = (found: number | string, by: string) => (typeof found === 'number' ? `${formatDecimal(found)}${by}` : found);
  const finding = (by: string, unknown: string) => `${value === null ? unknown : measure(value, by)} ${compared} ${measure(threshold, by)}`;
  return { ko: finding(unit.ko, '알 수 없음'), en: finding(unit.en, 'unknown') };
}

/** What a phase's gates ask for: `검증 후 경과 ≤ 36시간`. What asks for nothing is left out. */
export function thresholdLabels(thresholds: Thresholds): readonly Label[] {
  const asked: readonly (readonly [string, number])[] = [
    ['verification-age-hours', thresholds.verificationMaxAgeHours],
    ['quarantine-percent', thresholds.maxQuarantinePercent],
    ['catch-up-lag-seconds', thresholds.maxLagSeconds],
    ['previous-phase-days', thresholds.minPreviousPhaseDays],
    ['uploads-a-day', thresholds.minUploadsPerDay],
  ];
  return asked.flatMap(([gate, threshold]) => {
    const { name, compared, unit } = wordsOf(gate);
    if (compared === '≥' && threshold === 0) return [];
    const text = (word: string, by: string) => `${word} ${compared} ${formatDecimal(threshold)}${by}`;
    return [{ ko: text(name.ko, unit.ko), en: text(name.en, unit.en) }];
  });
}

const decimals = new Intl.NumberFormat('ko-KR', { maximumFractionDigits: 2 });
const formatDecimal = (value: number): string => (Number.isInteger(value) ? formatCount(value) : decimals.format(value));
