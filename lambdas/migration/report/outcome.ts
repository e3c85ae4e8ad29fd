import type { RunReport } from '../run-report.ts';
import type { ReportExtras } from './extras.ts';

/**
 * How a run ended, as its readers care: what needs a person first.
 * `different`: it ended, and verification found differences or a named check did not pass. `unverified`: it ended, and not every entity was
 * verified to its end. `quarantined`: all well but for rows set aside.
 */
export type Outcome = 'completed' | 'quarantined' | 'unverified' | 'different' | 'paused' | 'cancelled' | 'failed' | 'running';

export type FullReport = RunReport & ReportExtras;

export function outcomeOf(report: FullReport): Outcome {
  if (report.status === 'running') return 'running';
  if (report.status === 'paused' || (report.status === 'completed' && report.pause != null)) return 'paused';
  if (report.status === 'cancelled') return 'cancelled';
  if (report.status !== 'completed') return 'failed';
  const { differences, failedChecks, quarantined } = totalsOf(report);
  if (differences + failedChecks > 0) return 'different';
  if (!report.clean) return 'unverified';
  return quarantined > 0 ? 'quarantined' : 'completed';
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

export function totalsOf({ entities, verification, checks = [] }: FullReport): Totals {
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
