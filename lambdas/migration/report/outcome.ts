import type { RunReport } from '../run-report.ts';

/**
 * How a run ended, as its readers care: what needs a person first.
 * `different`: it ended, and verification found differences or a named check did not pass. `unverified`: it ended, and not every entity was
 * verified to its end. `quarantined`: all well but for rows set aside.
 */
export type Outcome = 'completed' | 'quarantined' | 'unverified' | 'different' | 'paused' | 'cancelled' | 'failed' | 'running';

export function outcomeOf(report: RunReport): Outcome {
  if (report.status === 'running') return 'running';
  if (report.status === 'paused' || (report.status === 'completed' && report.pause !== null)) return 'paused';
  if (report.status === 'cancelled') return 'cancelled';
  if (report.status !== 'completed') return 'failed';
  const verdict = verdictOf(report);
  if (verdict === 'unfinished') return 'unverified';
  if (verdict !== 'clean') return 'different';
  return totalsOf(report).quarantined > 0 ? 'quarantined' : 'completed';
}

/** What verification came to, worst first: rows differ, a named check did not pass, it did not come to its end. */
export type Verdict = 'different' | 'failed-checks' | 'unfinished' | 'clean';

export function verdictOf(report: RunReport): Verdict {
  if (report.clean) return 'clean';
  const { differences, failedChecks } = totalsOf(report);
  if (differences > 0) return 'different';
  return failedChecks > 0 ? 'failed-checks' : 'unfinished';
}

export interface Totals {
  readonly legacyRows: number;
  readonly completed: number;
  readonly quarantined: number;
  readonly pending: number;
  /** Missing, extra and different rows together. */
  readonly differences: number;
  readonly failedChecks: number;
}

export function totalsOf({ entities, verification, checks }: RunReport): Totals {
  const sum = (key: 'legacyRows' | 'completed' | 'quarantined' | 'pending') => entities.reduce((total, entity) => total + entity[key], 0);
  return {
    legacyRows: sum('legacyRows'),
    completed: sum('completed'),
    quarantined: sum('quarantined'),
    pending: sum('pending'),
    differences: verification.reduce((total, { missing, extra, different }) => total + missing + extra + different, 0),
    failedChecks: checks.filter(({ passed }) => !passed).length,
  };
}
