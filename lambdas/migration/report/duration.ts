import type { RunReport } from '../run-report.ts';

/** How long the run was at work. Null while it is. */
export function durationMs({ startedAt, finishedAt }: Pick<RunReport, 'startedAt' | 'finishedAt'>): number | null {
  return finishedAt === null ? null : Math.max(0, Date.parse(finishedAt) - Date.parse(startedAt));
}
