import { outcomeOf, totalsOf } from '../report/outcome.ts';
import type { RunReport } from '../run-report.ts';
import { errorNameOf } from './error-name.ts';
import { pauseReasonOf } from './pause-reason.ts';

/** SNS: fewer than 100 characters. Source: the API reference of Publish. */
const MAX_LENGTH = 99;

/** One line in ASCII, so that it needs no encoding in a mail's header: the day, how it ended, and the number that matters. */
export function subjectOf(report: RunReport): string {
  const subject = `VideoPick migration ${report.runDate}: ${endOf(report)}`;
  return subject
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .slice(0, MAX_LENGTH)
    .trimEnd();
}

function endOf(report: RunReport): string {
  const { differences, failedChecks, quarantined, pending } = totalsOf(report);
  switch (outcomeOf(report)) {
    case 'completed':
      return pending === 0 ? 'completed, every row migrated' : `completed, ${rows(pending)} pending`;
    case 'quarantined':
      return `completed, ${rows(quarantined)} in quarantine (${report.quarantined} new)`;
    case 'unverified':
      return 'verification not finished';
    case 'different':
      return differences > 0
        ? `VERIFICATION NOT CLEAN, ${rows(differences)} ${differences === 1 ? 'differs' : 'differ'}`
        : `VERIFICATION NOT CLEAN, ${failedChecks} ${failedChecks === 1 ? 'check' : 'checks'} failed`;
    case 'paused':
      return `PAUSED${report.pause == null ? '' : `, ${pauseReasonOf(report.pause)}`}`;
    case 'cancelled':
      return 'cancelled';
    case 'failed':
      return `FAILED${named(errorNameOf(report.reason))}`;
    case 'running':
      return 'at work';
  }
}

function rows(count: number): string {
  return `${count} ${count === 1 ? 'row' : 'rows'}`;
}

function named(error: string | null): string {
  return error === null ? '' : `, ${error}`;
}
