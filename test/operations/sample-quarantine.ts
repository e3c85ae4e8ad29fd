import type { QuarantinedRow, QuarantinePage } from '../../lambdas/operations/quarantine.ts';

export function samplePage(overrides: Partial<QuarantinePage> = {}): QuarantinePage {
  return { rows: [sampleRow()], next: null, ...overrides };
}

export function sampleRow(overrides: Partial<QuarantinedRow> = {}): QuarantinedRow {
  return {
    entity: 'video',
    legacyId: 'c000000000000000000000001',
    reason: 'UNKNOWN_VALUE',
    column: 'status',
    value: 'ARCHIVED',
    withheld: false,
    sqlState: null,
    message: null,
    attempts: 2,
    firstSince: '2026-11-20T17:02:00.000Z',
    since: '2026-11-22T17:03:00.000Z',
    queued: false,
    ...overrides,
  };
}
