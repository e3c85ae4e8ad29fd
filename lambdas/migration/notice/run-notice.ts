import { formatCount, formatDateTime, formatPercent, formatSpan } from '../../operations/page/format.ts';
import type { Pause } from '../pause.ts';
import { durationMs } from '../report/duration.ts';
import { headlineOf } from '../report/headline.ts';
import { clip } from '../report/html.ts';
import { type Outcome, outcomeOf, totalsOf, type Verdict, verdictOf } from '../report/outcome.ts';
import { entityLabel, reasonLabel } from '../report/words.ts';
import type { RunReport } from '../run-report.ts';
import { errorNameOf } from './error-name.ts';
import { pauseReasonOf } from './pause-reason.ts';
import { subjectOf } from './subject.ts';

export interface NoticeLinks {
  /** Where the report is, such as `s3://<bucket>/daily-migration/2026-11-23/<run>.html`. Null when it could not be written. */
  readonly report: string | null;
  readonly console?: string;
}

export interface RunNotice {
  /** Printable ASCII, fewer than 100 characters: what every protocol of SNS takes. */
  readonly subject: string;
  /** Plain text, a few lines. Counts, codes and ids only. */
  readonly message: string;
}

/** What operators are told at the end of a run: Korean first, English beside it. Holds no personal data: the notice leaves the account. */
export function runNotice(report: RunReport, links: NoticeLinks): RunNotice {
  const { ko, en } = headlineOf(report);
  const parts = [
    [ko, en],
    [...whyOf(report), ...nextStepOf(report)],
    numbersOf(report),
    quarantineOf(report),
    verificationOf(report),
    whereOf(report, links),
  ];
  const message = parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n');
  return { subject: subjectOf(report), message: `${message}\n` };
}

/** An error first: a run that was paused may have failed after it, and what paused it is there still. */
function whyOf(report: RunReport): readonly string[] {
  const { reason, pause } = report;
  const outcome = outcomeOf(report);
  if (outcome === 'failed') return [errorOf(reason), ...(pause === null ? [] : pauseOf(pause, '그 전에 멈춘 사유 Had paused for'))];
  if (pause !== null) return pauseOf(pause, '사유 Reason');
  return outcome === 'cancelled' || outcome === 'paused' ? [errorOf(reason)] : [];
}

function errorOf(reason: string | null): string {
  const error = errorNameOf(reason);
  const what = error === null ? '보고서에 있습니다 / in the report' : `${error} (내용은 보고서에 / details in the report)`;
  return `사유 Reason: ${what}`;
}

/** Endings that somebody has to see to. A cancel is what somebody wanted. */
const UNSETTLED: readonly Outcome[] = ['failed', 'paused', 'different', 'unverified'];

function nextStepOf(report: RunReport): readonly string[] {
  return UNSETTLED.includes(outcomeOf(report)) ? ['할 일 Next step: docs/runbook.md'] : [];
}

function pauseOf(pause: Pause, label: string): readonly string[] {
  const { value, threshold, since } = pause;
  return [
    `${label}: ${oneLine(pauseReasonOf(pause))}`,
    `현재 값 Value: ${shown(value)}`,
    `기준 Threshold: ${shown(threshold)}`,
    `시작 Since: ${formatDateTime(since)} (서울 Seoul)`,
  ];
}

function numbersOf(report: RunReport): readonly string[] {
  const { legacyRows, completed, quarantined, pending } = totalsOf(report);
  const took = durationMs(report);
  const span = formatSpan((took ?? 0) / 1000);
  return [
    `이번 실행 This run: 완료 completed ${formatCount(report.completed)}, 격리 quarantined ${formatCount(report.quarantined)}`,
    `전체 All: ${formatPercent(completed + quarantined, legacyRows)}, 대기 pending ${formatCount(pending)} / ${formatCount(legacyRows)}`,
    `오늘 한도 Quota of the day: ${formatCount(report.quota.completed)} / ${formatCount(report.quota.dailyLimit)}`,
    ...(took === null ? [] : [`소요 Took: ${span.ko} / ${span.en}`]),
  ];
}

/** A line per entity and class in quarantine, most first; the report has the rest. */
const MAX_LINES = 10;

function quarantineOf({ entities }: RunReport): readonly string[] {
  const counts = entities.flatMap(({ entity, reasons }) => Object.entries(reasons).map(([reason, count]) => ({ entity, reason, count })));
  if (counts.length === 0) return [];
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  const lines = counts
    .sort((a, b) => b.count - a.count)
    .slice(0, MAX_LINES)
    .map(
      ({ entity, reason, count }) => `- ${entityLabel(entity).ko} ${entity} · ${reasonLabel(reason).ko} ${reason}: ${formatCount(count)}`,
    );
  return [`격리 In quarantine: ${formatCount(total)}`, ...lines, ...more(counts.length - MAX_LINES)];
}

function verificationOf(report: RunReport): readonly string[] {
  if (report.verification.length === 0) return ['검증 Verification: 하지 않음 / not done in this run'];
  const failed = report.checks.filter(({ passed }) => !passed);
  const checks = failed
    .slice(0, MAX_LINES)
    .map(({ name, value, expected }) => `- ${oneLine(name)}: ${shown(value)}, 기대값 expected ${shown(expected)}`);
  const entities = report.verification
    .filter(({ missing, extra, different }) => missing + extra + different > 0)
    .map(
      ({ entity, missing, extra, different }) =>
        `- ${entityLabel(entity).ko} ${entity}: 누락 missing ${formatCount(missing)}, 초과 extra ${formatCount(extra)}, 다름 different ${formatCount(different)}`,
    );
  return [
    `검증 Verification: ${verdictText(report)}`,
    ...entities,
    ...(failed.length === 0 ? [] : [`통과하지 못한 점검 Failed checks: ${failed.length}`, ...checks, ...more(failed.length - MAX_LINES)]),
  ];
}

function verdictText(report: RunReport): string {
  const differences = formatCount(totalsOf(report).differences);
  const texts: Readonly<Record<Verdict, string>> = {
    clean: '차이 없음 / clean',
    unfinished: '끝나지 않음 / not finished',
    different: `차이 ${differences}건 / ${differences} rows differ`,
    'failed-checks': '차이는 없고, 통과하지 못한 점검이 있음 / no differences, but checks failed',
  };
  return texts[verdictOf(report)];
}

function whereOf({ runId }: RunReport, links: NoticeLinks): readonly string[] {
  return [
    `보고서 Report: ${links.report ?? '쓰지 못했습니다 / could not be written'}`,
    ...(links.console === undefined ? [] : [`콘솔 Console: ${links.console}`]),
    `실행 Run: ${runId}`,
  ];
}

function more(count: number): readonly string[] {
  return count > 0 ? [`- 외 ${count} / and ${count} more`] : [];
}

function shown(value: number | string): string {
  return typeof value === 'number' ? formatCount(value) : oneLine(value);
}

function oneLine(text: string): string {
  return clip(text.replaceAll(/[\s\p{Cc}]+/gu, ' '), 200);
}
