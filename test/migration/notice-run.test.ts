import { describe, expect, it } from 'vitest';
import { runNotice } from '../../lambdas/migration/notice/run-notice.ts';
import type { RunReport } from '../../lambdas/migration/run-report.ts';
import { fullReport, sampleEntity, sampleReport, sampleVerification } from './report-sample.ts';

const links = { report: 's3://reports/daily-migration/2026-11-23/6b9f.html' };
const pause = { reason: 'MISSING_REFERENCE budget of video', value: 5.4, threshold: 5, since: '2026-11-22T17:03:20Z' };

const endings: readonly (readonly [string, Partial<RunReport>, string, string, string])[] = [
  ['completed, nothing left', {}, 'completed, every row migrated', '모든 행을 이관했습니다', 'Every row is migrated'],
  [
    'completed for the day',
    { entities: [sampleEntity({ legacyRows: 900, pending: 500 })] },
    'completed, 500 rows pending',
    '오늘 분량을 모두 이관했습니다',
    'The rows of the day are migrated',
  ],
  [
    'completed with quarantine',
    { entities: [sampleEntity({ completed: 399, quarantined: 1, reasons: { TOO_LONG: 1 } })], quarantined: 1 },
    'completed, 1 row in quarantine (1 new)',
    '격리된 행이 남았습니다',
    'those in quarantine',
  ],
  ['paused', { status: 'paused', pause }, 'PAUSED, MISSING_REFERENCE budget of video', '일시 중지되었습니다', 'The migration is paused'],
  ['failed', { status: 'failed', reason: 'LeaseLostError: gone' }, 'FAILED, LeaseLostError', '실패했습니다', 'The run failed'],
  ['cancelled', { status: 'cancelled' }, 'cancelled', '취소되었습니다', 'The run was cancelled'],
  [
    'differences',
    { clean: false, verification: [sampleVerification({ missing: 1, different: 2 })] },
    'VERIFICATION NOT CLEAN, 3 rows differ',
    '차이 3건',
    '누락 missing 1, 초과 extra 0, 다름 different 2',
  ],
  [
    'a check that failed',
    { clean: false, checks: [{ name: 'No Orphaned Records', passed: false, value: 3, expected: 0 }] },
    'VERIFICATION NOT CLEAN, 1 check failed',
    '검증을 통과하지 못했습니다',
    'no differences, but checks failed\n통과하지 못한 점검 Failed checks: 1\n- No Orphaned Records: 3, 기대값 expected 0',
  ],
  ['verification not finished', { clean: false }, 'verification not finished', '끝나지 않음', 'verification did not finish'],
];

describe('a run’s notice', () => {
  it.each(endings)('words %s its own way', (_, overrides, subject, ko, en) => {
    const notice = runNotice(sampleReport(overrides), links);
    expect(notice.subject).toBe(`VideoPick migration 2026-11-23: ${subject}`);
    expect(notice.message).toContain(ko);
    expect(notice.message).toContain(en);
  });

  it('has a subject for each ending that no other ending has', () => {
    const subjects = endings.map(([, overrides]) => runNotice(sampleReport(overrides), links).subject);
    expect(new Set(subjects).size).toBe(endings.length);
  });

  it('tells the numbers, the quarantine by class and where the report is', () => {
    const { message } = runNotice(fullReport(), { ...links, console: 'https://console.example' });
    expect(message.split('\n')).toEqual(
      expect.arrayContaining([
        '이번 실행 This run: 완료 completed 12,340, 격리 quarantined 12',
        '전체 All: 31.9%, 대기 pending 399,925 / 587,940',
        '오늘 한도 Quota of the day: 12,340 / 20,000',
        '소요 Took: 3분 22초 / 3m 22s',
        '격리 In quarantine: 402',
        '- 동영상 video · 참조 대상 없음 MISSING_REFERENCE: 310',
        '보고서 Report: s3://reports/daily-migration/2026-11-23/6b9f.html',
        '콘솔 Console: https://console.example',
      ]),
    );
  });

  it('says why it is paused, with value, threshold and since when', () => {
    const { message } = runNotice(sampleReport({ status: 'paused', pause }), links);
    expect(message).toMatch(
      /사유 Reason: MISSING_REFERENCE budget of video\n현재 값 Value: 5\.4\n기준 Threshold: 5\n시작 Since: 11\. 23\. 02:03/,
    );
  });

  it('says what it failed for before what it had paused for', () => {
    const { message } = runNotice(sampleReport({ status: 'failed', reason: 'StatementTimeoutException: 45 s', pause }), links);
    expect(message).toMatch(
      /사유 Reason: StatementTimeoutException .*\n그 전에 멈춘 사유 Had paused for: MISSING_REFERENCE budget of video\n현재 값 Value: 5\.4\n/,
    );
  });

  it('gives the next step for each ending that somebody has to see to, once, and for no other', () => {
    const told = endings.filter(([, overrides]) => {
      const lines = runNotice(sampleReport(overrides), links).message.split('\n');
      const steps = lines.filter((line) => line === '할 일 Next step: docs/runbook.md');
      expect(steps.length).toBeLessThan(2);
      return steps.length === 1;
    });
    expect(told.map(([ending]) => ending)).toEqual(['paused', 'failed', 'differences', 'a check that failed', 'verification not finished']);
  });

  it('gives it after the reason', () => {
    const { message } = runNotice(sampleReport({ status: 'paused', pause }), links);
    expect(message).toMatch(/사유 Reason: .*\n(.*\n){2}시작 Since: .*\n할 일 Next step: docs\/runbook\.md\n\n/);
  });

  it('says so when there is no report', () => {
    expect(runNotice(sampleReport(), { report: null }).message).toContain('could not be written');
  });

  it('keeps an error’s message, which may quote a row, inside the account', () => {
    const reason = 'DatabaseErrorException: ERROR: duplicate key\n  Detail: Key (email)=(haneul@example.com) already exists';
    const { subject, message } = runNotice(sampleReport({ status: 'failed', reason }), links);
    expect(subject).toContain('DatabaseErrorException');
    expect(message).toContain('사유 Reason: DatabaseErrorException');
    expect(subject + message).not.toMatch(/haneul|duplicate/);
    expect(runNotice(sampleReport({ status: 'failed', reason: 'haneul@example.com' }), links).message).not.toContain('haneul');
  });

  it.each(['pause', 'cancel'])(
    'tells that an operator asked to %s, and keeps what they typed, which may name people, inside the account',
    (value) => {
      const requested = { reason: 'REQUESTED: 홍길동 haneul@example.com 확인 중', value, threshold: 'run', since: pause.since };
      const report = sampleReport({ status: value === 'pause' ? 'paused' : 'cancelled', reason: requested.reason, pause: requested });
      const { subject, message } = runNotice(report, links);
      expect(message).toContain(`사유 Reason: REQUESTED: ${value}\n`);
      expect(subject).toContain(value === 'pause' ? 'PAUSED, REQUESTED: pause' : 'cancelled');
      expect(subject + message).not.toMatch(/haneul|홍길동/);
    },
  );

  it('keeps findings, which hold keys, out', () => {
    expect(runNotice(fullReport(), links).message).not.toContain('clq3x9k2m0001ab');
  });

  it('keeps the subject to what SNS takes: printable ASCII, fewer than 100 characters, however long the reason', () => {
    for (const reason of ['한국어 사유 '.repeat(50), `line\nbreak\u0000${'x'.repeat(300)}`]) {
      const { subject } = runNotice(sampleReport({ status: 'paused', pause: { ...pause, reason } }), links);
      expect(subject).toMatch(/^[\x20-\x7e]{1,99}$/);
    }
  });
});
