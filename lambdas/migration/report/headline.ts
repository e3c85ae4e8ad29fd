import type { RunReport } from '../run-report.ts';
import { type Outcome, outcomeOf, totalsOf } from './outcome.ts';
import type { Label } from './words.ts';

/** One sentence on how the run ended. */
export function headlineOf(report: RunReport): Label {
  const outcome = outcomeOf(report);
  return (outcome === 'completed' || outcome === 'quarantined') && totalsOf(report).pending === 0
    ? everything[outcome]
    : headlines[outcome];
}

const headlines: Readonly<Record<Outcome, Label>> = {
  completed: { ko: '오늘 분량을 모두 이관했습니다', en: 'The rows of the day are migrated' },
  quarantined: { ko: '오늘 분량을 이관했고, 격리된 행이 있습니다', en: 'The rows of the day are migrated; some are in quarantine' },
  unverified: { ko: '이관했지만 검증이 끝나지 않았습니다', en: 'The run ended, but verification did not finish' },
  different: { ko: '검증을 통과하지 못했습니다', en: 'Verification did not pass' },
  paused: { ko: '이관이 일시 중지되었습니다', en: 'The migration is paused' },
  cancelled: { ko: '실행이 취소되었습니다', en: 'The run was cancelled' },
  failed: { ko: '실행이 실패했습니다', en: 'The run failed' },
  running: { ko: '실행이 진행 중입니다', en: 'The run is at work' },
};

const everything: Readonly<Record<'completed' | 'quarantined', Label>> = {
  completed: { ko: '모든 행을 이관했습니다', en: 'Every row is migrated' },
  quarantined: { ko: '이관을 마쳤고, 격리된 행이 남았습니다', en: 'Every row is migrated but those in quarantine' },
};
