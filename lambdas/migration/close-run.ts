import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { DataApi, Row } from '../data-api/data-api.ts';
import { RELEASE_CANCEL } from './release-cancel.ts';
import { renderReport } from './report/render-report.ts';
import { type RunReport, readRunReport } from './run-report.ts';

export const CloseRunInput = z.looseObject({
  executionArn: z.string().startsWith('arn:'),
  /** What a failed step left behind; absent when all went well. */
  error: z.object({ Error: z.string(), Cause: z.string().optional() }).optional(),
});
export type CloseRunInput = z.output<typeof CloseRunInput>;

export interface CloseRunOutput {
  /** Null when no run was opened. */
  readonly report: RunReport | null;
  readonly reportKey: string | null;
}

export interface CloseRunDependencies {
  readonly db: DataApi;
  readonly s3: S3Client;
  readonly reportBucket: string;
  /** Tells people and metrics how the run ended. Does not throw: a lost notice never fails a closed run. */
  readonly announce: (report: RunReport, reportUrl: string) => Promise<void>;
}

interface ClosedRun extends Row {
  readonly id: string;
  readonly run_date: string;
}

/**
 * Ends the execution's run: status and reason, then the report object. Safe to repeat: the status moves once, the report is written anew.
 * A run that never opened has nothing to close.
 */
export async function closeRun(
  { executionArn, error }: CloseRunInput,
  { db, s3, reportBucket, announce }: CloseRunDependencies,
): Promise<CloseRunOutput> {
  const reason = error === undefined ? null : `${error.Error}: ${messageOf(error.Cause)}`;
  await db.query(
    `update video_platform.migration_run set finished_at = now(), reason = coalesce(:reason::text, pause ->> 'reason'),
       status = case when :reason::text is not null then 'failed' when pause ->> 'value' = 'cancel' then 'cancelled'
         when pause is not null then 'paused' else 'completed' end
     where execution_arn = :executionArn and status = 'running'`,
    { reason, executionArn },
  );
  await db.query(RELEASE_CANCEL, { executionArn }); // before the report, which may fail and is to tell of it
  const [run] = await db.query<ClosedRun>(
    `select id, to_char(run_date, 'YYYY-MM-DD') as run_date from video_platform.migration_run where execution_arn = :executionArn`,
    { executionArn },
  );
  if (run === undefined) return { report: null, reportKey: null };
  const report = await readRunReport(db, run.id);
  const reportKey = `daily-migration/${run.run_date}/${run.id}.json`;
  const pageKey = reportKey.replace(/\.json$/, '.html');
  await put(s3, reportBucket, reportKey, JSON.stringify(report, null, 2), 'application/json');
  await put(s3, reportBucket, pageKey, renderReport(report), 'text/html; charset=utf-8');
  await db.query('update video_platform.migration_run set report_key = :reportKey where id = :id::uuid', { reportKey, id: run.id });
  await announce(report, `s3://${reportBucket}/${pageKey}`);
  return { report, reportKey };
}

async function put(s3: S3Client, bucket: string, key: string, body: string, type: string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: type }));
}

/** A Lambda's cause is JSON `{errorType, errorMessage, trace}`; any other cause is text. */
function messageOf(cause = 'no cause given'): string {
  try {
    const parsed: unknown = JSON.parse(cause);
    return typeof parsed === 'object' && parsed !== null && 'errorMessage' in parsed ? String(parsed.errorMessage) : cause;
  } catch {
    return cause;
  }
}
