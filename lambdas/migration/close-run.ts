import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { DataApi, Row } from '../data-api/data-api.ts';
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
  { db, s3, reportBucket }: CloseRunDependencies,
): Promise<CloseRunOutput> {
  const status = error === undefined ? 'completed' : 'failed';
  const reason = error === undefined ? null : `${error.Error}: ${messageOf(error.Cause)}`;
  await db.query(
    `update video_platform.migration_run set status = :status, reason = :reason::text, finished_at = now()
     where execution_arn = :executionArn and status = 'running'`,
    { status, reason, executionArn },
  );
  const [run] = await db.query<ClosedRun>(
    `select id, to_char(run_date, 'YYYY-MM-DD') as run_date from video_platform.migration_run where execution_arn = :executionArn`,
    { executionArn },
  );
  if (run === undefined) return { report: null, reportKey: null };
  const report = await readRunReport(db, run.id);
  const reportKey = `daily-migration/${run.run_date}/${run.id}.json`;
  await s3.send(
    new PutObjectCommand({
      Bucket: reportBucket,
      Key: reportKey,
      Body: JSON.stringify(report, null, 2),
      ContentType: 'application/json',
    }),
  );
  await db.query('update video_platform.migration_run set report_key = :reportKey where id = :id::uuid', { reportKey, id: run.id });
  return { report, reportKey };
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
