import { describe, expect, it } from 'vitest';
import { type Alarm, type Facts, judgeGates } from '../../lambdas/rollout/gates.ts';

const NOW = new Date('2026-11-23T12:00:00Z');
const THRESHOLDS = {
  verificationMaxAgeHours: 36,
  maxQuarantinePercent: 1,
  maxLagSeconds: 900,
  minPreviousPhaseDays: 14,
  minUploadsPerDay: 10,
};
const FACTS: Facts = {
  verification: { finished: true, faults: 0, at: '2026-11-23T00:00:00.000Z' },
  quarantined: 1,
  legacyRows: 1000,
  oldestChangeAt: null,
  previousPhaseAt: '2026-11-01T00:00:00.000Z',
  uploadsPerDay: 12,
};
const ok: Alarm = { AlarmName: 'errors', StateValue: 'OK', StateUpdatedTimestamp: '2026-11-20T00:00:00Z' };

function judge({
  facts = {},
  alarms = [ok],
  hasPrevious = true,
}: {
  facts?: Partial<Facts>;
  alarms?: readonly Alarm[];
  hasPrevious?: boolean;
} = {}) {
  return judgeGates(THRESHOLDS, { ...FACTS, ...facts }, { alarms, expectedAlarms: ['errors'], now: NOW, hasPrevious });
}
const shut = (given: Parameters<typeof judge>[0]) => judge(given).filter(({ passed }) => !passed);

describe('the gates', () => {
  it('all pass when all is well, each with its value, threshold and time', () => {
    expect(judge()).toEqual([
      { name: 'verification-differences', value: 0, threshold: 0, passed: true, since: '2026-11-23T00:00:00.000Z' },
      { name: 'verification-age-hours', value: 12, threshold: 36, passed: true, since: '2026-11-23T00:00:00.000Z' },
      { name: 'quarantine-percent', value: 0.1, threshold: 1, passed: true, since: null },
      { name: 'catch-up-lag-seconds', value: 0, threshold: 900, passed: true, since: null },
      { name: 'alarm:errors', value: 'OK', threshold: 'OK', passed: true, since: '2026-11-20T00:00:00.000Z' },
      { name: 'previous-phase-days', value: 22.5, threshold: 14, passed: true, since: '2026-11-01T00:00:00.000Z' },
      { name: 'uploads-a-day', value: 12, threshold: 10, passed: true, since: null },
    ]);
  });

  it.each([
    ['rows that differ', { verification: { finished: true, faults: 3, at: NOW.toISOString() } }, ['verification-differences']],
    [
      'a verification that has not ended',
      { verification: { finished: false, faults: 0, at: NOW.toISOString() } },
      ['verification-differences'],
    ],
    ['none at all', { verification: null }, ['verification-differences', 'verification-age-hours']],
    ['one of two days ago', { verification: { finished: true, faults: 0, at: '2026-11-21T12:00:00Z' } }, ['verification-age-hours']],
    ['too many rows in quarantine', { quarantined: 11 }, ['quarantine-percent']],
    ['a change that waits too long', { oldestChangeAt: '2026-11-23T11:44:59Z' }, ['catch-up-lag-seconds']],
    ['a phase before that is young', { previousPhaseAt: '2026-11-10T00:00:00Z' }, ['previous-phase-days']],
    ['a phase before that no rollout opened', { previousPhaseAt: null }, ['previous-phase-days']],
    ['few uploads', { uploadsPerDay: 9.99 }, ['uploads-a-day']],
  ])('are shut by %s', (_, facts, names) => {
    expect(shut({ facts }).map(({ name }) => name)).toEqual(names);
  });

  it.each(['ALARM', 'INSUFFICIENT_DATA'])('are shut by an alarm in %s', (StateValue) => {
    expect(shut({ alarms: [{ ...ok, StateValue }] })).toMatchObject([{ name: 'alarm:errors', value: StateValue, threshold: 'OK' }]);
  });

  it('are shut by an alarm that CloudWatch does not know', () => {
    expect(shut({ alarms: [] })).toMatchObject([{ name: 'alarm:errors', value: null }]);
  });

  it('do not ask the first phase for one before', () => {
    expect(judge({ hasPrevious: false }).some(({ name }) => name === 'previous-phase-days')).toBe(false);
  });

  it('divide by no rows: an empty platform has nothing in quarantine', () => {
    expect(shut({ facts: { quarantined: 0, legacyRows: 0 } })).toEqual([]);
  });
});
