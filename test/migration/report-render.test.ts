import { describe, expect, it } from 'vitest';
import { renderReport } from '../../lambdas/migration/report/render-report.ts';
import type { RunReport } from '../../lambdas/migration/run-report.ts';
import { fullReport, sampleEntity, sampleReport, sampleVerification } from './report-sample.ts';

/** The page's text, tags and style away, references resolved for the few that the tests look for. */
function textOf(report: RunReport): string {
  const body = renderReport(report).replace(/<style>[\s\S]*?<\/style>/, '');
  return body
    .replaceAll(/<title>[^<]*<\/title>/g, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
}

describe('a report page', () => {
  it('loads and runs nothing: no script, link, picture or address, and a policy that forbids them', () => {
    const page = renderReport(fullReport());
    expect(page).not.toMatch(/<script|<link|<img|<iframe|<object|@import|url\(|\bsrc=|\bhref=|https?:|\son\w+=/i);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page).toMatch(/^<!doctype html>\n<html lang="ko">/);
  });

  it.each([
    ['all rows migrated', {}, '모든 행을 이관했습니다', 'Every row is migrated'],
    [
      'a day’s rows',
      { entities: [sampleEntity({ legacyRows: 900, pending: 500 })] },
      '오늘 분량을 모두',
      'The rows of the day are migrated',
    ],
    ['quarantine', { entities: [sampleEntity({ completed: 399, quarantined: 1 })] }, '격리된 행이 남았습니다', 'but those in quarantine'],
    ['unfinished verification', { clean: false }, '검증이 끝나지 않았습니다', 'verification did not finish'],
    ['differences', { clean: false, verification: [sampleVerification({ missing: 1 })] }, '검증을 통과하지 못했습니다', 'did not pass'],
    [
      'a failed check',
      { clean: false, checks: [{ name: 'c', passed: false, value: 1, expected: 0 }] },
      '점검 1건을 통과하지 못했습니다',
      'No differences, but checks failed: 1',
    ],
    ['a pause', { status: 'paused' }, '일시 중지', 'is paused'],
    ['a cancelled run', { status: 'cancelled' }, '취소', 'was cancelled'],
    ['a failure', { status: 'failed', reason: 'LeaseLostError: gone' }, '실패했습니다', 'LeaseLostError: gone'],
    ['an abandoned run', { status: 'abandoned', reason: 'taken over' }, '실패했습니다', 'taken over'],
  ])('says first how it ended: %s', (_, overrides, ko, en) => {
    const text = textOf(sampleReport(overrides as Partial<RunReport>));
    expect(text).toContain(ko);
    expect(text).toContain(en);
  });

  it('says why it is paused: reason, value, threshold, since when in Seoul', () => {
    const pause = { reason: 'budget of MISSING_REFERENCE', value: 5_400, threshold: '5 %', since: '2026-11-22T17:03:20Z' };
    const text = textOf(fullReport({ status: 'paused', pause }));
    expect(text).toMatch(/사유 Reason budget of MISSING_REFERENCE 현재 값 Value 5,400 기준 Threshold 5 % 시작 Since 11\. 23\. 02:03/);
  });

  it('says what it failed for before what it had paused for', () => {
    const pause = { reason: 'budget of MISSING_REFERENCE', value: 5_400, threshold: '5 %', since: '2026-11-22T17:03:20Z' };
    const text = textOf(fullReport({ status: 'failed', reason: 'StatementTimeoutException: 45 s', pause }));
    expect(text).toMatch(
      /사유 Reason StatementTimeoutException: 45 s 그 전에 멈춘 사유 Had paused for budget of MISSING_REFERENCE 현재 값/,
    );
  });

  it('says what was switched off, how many rows wait for it, of whom, and since when in Seoul; nothing when nothing was', () => {
    const since = '2026-11-20T01:02:03.004Z';
    const text = textOf(
      sampleReport({
        switchedOff: [
          { entity: 'video', waiting: ['video', 'watch_later', 'video_analytics'], pending: 5_120, since },
          { entity: 'video_analytics', waiting: ['video_analytics'], pending: 120, since },
        ],
      }),
    );
    expect(text).toContain(
      '설정에서 꺼짐 Switched off 동영상 Videos · 대기 pending 5,120 · 함께 기다림 waiting with it 나중에 볼 동영상, 동영상 통계 · 시작 since 11. 20. 10:02',
    );
    expect(text).toContain('설정에서 꺼짐 Switched off 동영상 통계 Analytics · 대기 pending 120 · 시작 since 11. 20. 10:02');
    expect(textOf(sampleReport())).not.toContain('설정에서 꺼짐');
  });

  it('shows every entity with its counts, what this run added, and that they add up', () => {
    const text = textOf(fullReport());
    expect(text).toContain('동영상 Videos 47.9% 41,020 +12,340 355 +3 44,925 86,300');
    expect(text).toContain('합계 All 31.9% 187,613 +12,340 402 +12 399,925 587,940');
    expect(text).toContain('완료 + 격리 + 대기 = 전체');
  });

  it('says so when they do not add up', () => {
    expect(textOf(sampleReport({ entities: [sampleEntity({ legacyRows: 401 })] }))).toContain('do not add up to the legacy rows: Users');
  });

  it('shows the quarantine by class, most first, with where the rows are', () => {
    const text = textOf(fullReport());
    expect(text).toContain(
      '참조 대상 없음 Missing reference MISSING_REFERENCE 340 채널 Channels 11 채널 설정 Channel settings 19 동영상 Videos 310',
    );
    expect(text.indexOf('MISSING_REFERENCE')).toBeLessThan(text.indexOf('UNKNOWN_VALUE'));
  });

  it('shows the first findings with key and columns, and how many more there are', () => {
    const text = textOf(fullReport());
    expect(text).toContain('다름 Different clq3x9k2m0002ab title, tags');
    expect(text).toContain('and 14 more');
  });

  it('leaves findings of an unknown shape out', () => {
    const findings = [null, 'x', { key: 1 }, { key: 'k', outcome: 'odd' }];
    expect(textOf(sampleReport({ verification: [sampleVerification({ different: 4, findings })] }))).not.toContain('odd');
  });

  it('shows checks, those that failed first, and rates, when there are any', () => {
    const text = textOf(fullReport());
    expect(text).toMatch(/No Orphaned Records ✗ 실패 Failed 3 0 .*User Count Match ✓ 통과 Passed 128,391 128,391/);
    expect(text).toContain('9,421 행/초 rows/s');
    expect(textOf(sampleReport())).not.toMatch(/점검 항목|행\/초/);
  });

  it('escapes every text it is given', () => {
    const evil = `<img src=x onerror=alert(1)>"'&\u0000\u001b`;
    const page = renderReport(
      sampleReport({
        runId: evil,
        runDate: evil,
        status: 'failed',
        reason: evil,
        entities: [sampleEntity({ entity: evil, legacyRows: 401, quarantined: 1, reasons: { [evil]: 1 } })],
        verification: [
          sampleVerification({ entity: evil, different: 1, findings: [{ key: evil, outcome: 'different', columns: [evil] }] }),
        ],
        checks: [{ name: evil, passed: false, value: evil, expected: evil }],
        rates: [{ entity: evil, rowsPerSecond: 1 }],
        clean: false,
      }),
    );
    expect(page).not.toContain('<img');
    for (const control of ['\u0000', '\u001b']) expect(page).not.toContain(control);
    const paused = renderReport(sampleReport({ pause: { reason: evil, value: evil, threshold: evil, since: '2026-11-22T17:00:00Z' } }));
    expect(paused).not.toContain('<img');
  });

  it('stays below 100 KB for seven entities whatever a run found', () => {
    const long = '가'.repeat(5_000); // three bytes each
    const findings = Array.from({ length: 200 }, () => ({
      key: long,
      outcome: 'different',
      columns: Array.from({ length: 100 }, () => long),
    }));
    const full = fullReport();
    const page = renderReport({
      ...full,
      status: 'failed',
      reason: long,
      entities: full.entities.map((entity) => ({
        ...entity,
        reasons: Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`${i}${long}`, 1])),
      })),
      verification: full.entities.map(({ entity }) => sampleVerification({ entity, different: 200, findings })),
      checks: Array.from({ length: 20 }, () => ({ name: 'Orphaned Records of an entity', passed: false, value: 1, expected: 0 })),
    });
    expect(Buffer.byteLength(page)).toBeLessThan(100_000);
    expect(Buffer.byteLength(renderReport(fullReport()))).toBeLessThan(30_000);
  });
});
