import type { EndedRollout } from './rollout-history.ts';

/** SNS: fewer than 100 characters. Source: the API reference of Publish. */
const MAX_SUBJECT = 99;
const MAX_REASON = 1_000;

export interface RolloutMessage {
  /** Printable ASCII in one line, so that it needs no encoding in a mail's header. */
  readonly subject: string;
  /** Plain text: Korean first, English beside it. Names, counts and ids only. */
  readonly text: string;
}

const WORDS = {
  completed: { subject: 'completed', ko: '단계가 열렸습니다.', en: 'The phase is open.' },
  refused: { subject: 'refused', ko: '시작되지 않았습니다. 바뀐 것은 없습니다.', en: 'It was not started; nothing was changed.' },
  rolled_back: {
    subject: 'ROLLED BACK',
    ko: '되돌려졌습니다. 플래그와 공지는 이전 그대로입니다.',
    en: 'It was rolled back; flags and notice are as before.',
  },
  failed: { subject: 'FAILED', ko: '실패했습니다. 상태를 확인하세요.', en: 'It failed; look at its state.' },
  running: { subject: 'at work', ko: '진행 중입니다.', en: 'It is at work.' },
} as const;

/** What people are told at the end of a rollout. */
export function rolloutMessage({ phase, percent, status, reason, executionArn }: EndedRollout): RolloutMessage {
  const { subject, ko, en } = WORDS[status];
  const lines = [
    `롤아웃 Rollout ${phase} (${percent} %): ${ko} / ${en}`,
    ...(reason === null ? [] : [`사유 Reason: ${reason.replaceAll(/[\s\p{Cc}]+/gu, ' ').slice(0, MAX_REASON)}`]),
    `실행 Execution: ${executionArn}`,
    ...(status === 'rolled_back' || status === 'failed' ? ['할 일 Next step: docs/runbook.md'] : []),
  ];
  return { subject: `VideoPick rollout ${phase}: ${subject}`.slice(0, MAX_SUBJECT), text: `${lines.join('\n')}\n` };
}
