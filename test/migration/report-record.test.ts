import { afterEach, expect, it, vi } from 'vitest';
import { flushMetrics } from '../../lambdas/metrics.ts';
import { recordReport } from '../../lambdas/migration/report/record-report.ts';
import { fullReport } from './report-sample.ts';

afterEach(() => vi.restoreAllMocks());

it('measures a closed run: how it ended, what is left, the quarantine by class, and the differences', () => {
  let written = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    written += String(text);
    return true;
  });
  recordReport(fullReport());
  flushMetrics();
  const lines = written
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ outcome: 'different', Runs: 1, RunDuration: 201_780 }),
      expect.objectContaining({ entity: 'all', QuotaRemaining: 7_660, PendingRows: 399_925 }),
      expect.objectContaining({ entity: 'video', outcome: 'MISSING_REFERENCE', QuarantineSize: 310 }),
      expect.objectContaining({ entity: 'video', outcome: 'different', Differences: 14 }),
      expect.objectContaining({ entity: 'user', outcome: 'missing', Differences: 0 }),
    ]),
  );
});
