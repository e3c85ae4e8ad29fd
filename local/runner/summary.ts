import { count, duration } from './progress.ts';
import type { Report } from './report.ts';

export interface Links {
  readonly cdnUrl: string;
  readonly endpoint: string;
  readonly databaseUrl: string;
}

/** The closing lines: what came out, and where to look. */
export function summarize(report: Report, links: Links): readonly string[] {
  const { migration, verification, videos, timings } = report;
  const width = Math.max(...migration.entities.map(({ entity }) => entity.length));
  return [
    '',
    'Rows',
    ...migration.entities.map(
      ({ entity, legacyRows, completed, quarantined, pending }) =>
        `  ${entity.padEnd(width)} ${count(completed).padStart(9)} completed ${count(quarantined).padStart(7)} quarantined ${count(pending).padStart(7)} pending  of ${count(legacyRows)}`,
    ),
    `  ${new Set(migration.runs.map(({ runDate }) => runDate)).size} run date(s) · verification ${verification.clean ? 'clean' : 'NOT CLEAN'}: ${differences(verification)}`,
    'Videos',
    ...videos.map(({ key, status, multivariantUrl, renditions, reason }) =>
      multivariantUrl === null
        ? `  ${key}  ${status}  ${reason ?? ''}`
        : `  ${renditions.map(({ name }) => name).join(' ')}  ${multivariantUrl}`,
    ),
    `Done in ${duration(timings.totalMs ?? 0)}`,
    '',
    `  page      ${links.cdnUrl}/`,
    `  AWS APIs  ${links.endpoint}  (AWS_ENDPOINT_URL)`,
    `  database  ${links.databaseUrl}`,
  ];
}

function differences({ entities, failedChecks }: Report['verification']): string {
  const total = (pick: 'compared' | 'missing' | 'extra' | 'different') => count(entities.reduce((sum, entity) => sum + entity[pick], 0));
  const rows = `${total('compared')} compared, ${total('missing')} missing, ${total('extra')} extra, ${total('different')} different`;
  return failedChecks.length === 0 ? rows : `${rows}; checks failed: ${failedChecks.join(', ')}`;
}
