import type { EntityReport, RunReport, VerificationReport } from '../../lambdas/migration/run-report.ts';

/** A day on which all went well: two entities, nothing in quarantine, nothing pending. */
export function sampleReport(overrides: Partial<RunReport> = {}): RunReport {
  return {
    runId: '6b9f1f2e-8d5e-4f8e-9d5c-0c2f7a4a1e11',
    runDate: '2026-11-23',
    status: 'completed',
    reason: null,
    startedAt: '2026-11-22T17:00:03.120Z',
    finishedAt: '2026-11-22T17:03:24.900Z',
    completed: 800,
    quarantined: 0,
    quota: { dailyLimit: 1000, completed: 800, remaining: 200 },
    entities: [sampleEntity(), sampleEntity({ entity: 'channel' })],
    verification: [sampleVerification(), sampleVerification({ entity: 'channel' })],
    checks: [],
    rates: [],
    pause: null,
    switchedOff: [],
    clean: true,
    ...overrides,
  };
}

export function sampleEntity(overrides: Partial<EntityReport> = {}): EntityReport {
  return {
    entity: 'user',
    legacyRows: 400,
    completed: 400,
    quarantined: 0,
    pending: 0,
    completedNow: 400,
    quarantinedNow: 0,
    reasons: {},
    ...overrides,
  };
}

export function sampleVerification(overrides: Partial<VerificationReport> = {}): VerificationReport {
  return { entity: 'user', compared: 400, missing: 0, extra: 0, different: 0, findings: [], finished: true, ...overrides };
}

/** Seven entities with every section filled: what an operator sees on a bad day. */
export function fullReport(overrides: Partial<RunReport> = {}): RunReport {
  const entity = (name: string, legacyRows: number, completed: number, reasons: Record<string, number>, completedNow = 0) => {
    const quarantined = Object.values(reasons).reduce((sum, rows) => sum + rows, 0);
    const pending = legacyRows - completed - quarantined;
    return { entity: name, legacyRows, completed, quarantined, pending, completedNow, quarantinedNow: quarantined > 0 ? 3 : 0, reasons };
  };
  return sampleReport({
    completed: 12_340,
    quarantined: 12,
    quota: { dailyLimit: 20_000, completed: 12_340, remaining: 7_660 },
    entities: [
      entity('user', 128_400, 128_391, { UNSUPPORTED_TEXT: 2, CONSTRAINT: 7 }),
      entity('channel', 9_120, 9_101, { MISSING_REFERENCE: 11, TOO_LONG: 8 }),
      entity('channel_setting', 9_120, 9_101, { MISSING_REFERENCE: 19 }),
      entity('video', 86_300, 41_020, { MISSING_REFERENCE: 310, UNKNOWN_VALUE: 45 }, 12_340),
      entity('video_submission', 301_000, 0, {}),
      entity('watch_later', 54_000, 0, {}),
      entity('video_analytics', 0, 0, {}),
    ],
    verification: [
      sampleVerification({ compared: 128_391 }),
      sampleVerification({ entity: 'channel', compared: 9_101 }),
      sampleVerification({
        entity: 'video',
        compared: 41_022,
        missing: 1,
        extra: 2,
        different: 14,
        findings: [
          { key: 'clq3x9k2m0001ab', outcome: 'missing', columns: [] },
          { key: 'clq3x9k2m0002ab', outcome: 'different', columns: ['title', 'tags'] },
          { key: 'clq3x9k2m0003ab', outcome: 'extra', columns: [] },
        ],
        finished: false,
      }),
    ],
    switchedOff: [{ entity: 'watch_later', waiting: ['watch_later'], pending: 54_000, since: '2026-11-20T01:02:03.004Z' }],
    clean: false,
    rates: [
      { entity: 'user', rowsPerSecond: 9_421.4 },
      { entity: 'video', rowsPerSecond: 3_200 },
    ],
    checks: [
      { name: 'User Count Match', passed: true, value: 128_391, expected: 128_391 },
      { name: 'No Orphaned Records', passed: false, value: 3, expected: 0 },
      { name: 'Mapping One-to-One', passed: true, value: 0, expected: 0 },
    ],
    ...overrides,
  });
}
