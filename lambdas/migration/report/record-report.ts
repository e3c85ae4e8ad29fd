import { recordQuarantine, recordRun, recordVerification } from '../../metrics.ts';
import type { RunReport } from '../run-report.ts';
import { durationMs } from './duration.ts';
import { outcomeOf, totalsOf } from './outcome.ts';

/** The metrics that a closed run knows: how it ended, what is left, the quarantine by class, the differences of what was verified to its end. */
export function recordReport(report: RunReport): void {
  const { runId, quota } = report;
  const { pending } = totalsOf(report);
  recordRun({ runId, outcome: outcomeOf(report), durationMs: durationMs(report) ?? 0, quotaRemaining: quota.remaining, pending });
  for (const { entity, reasons } of report.entities) {
    for (const [reason, size] of Object.entries(reasons)) recordQuarantine({ entity, class: reason, size, runId });
  }
  for (const { entity, missing, extra, different, finished } of report.verification) {
    if (finished || missing + extra + different > 0) recordVerification({ entity, missing, extra, different, runId });
  }
}
