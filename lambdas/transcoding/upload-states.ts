import type { DataApi } from '../data-api/data-api.ts';
import { isRetryable, type RejectionCode, sentence } from './reasons.ts';

/**
 * The states an execution moves its upload through. Every statement names the state it comes from and the execution that may move it, so late,
 * repeated and reordered calls change nothing; the schema's triggers hold the rule, and let the video follow (database/migrations/000007).
 */

/** The one who works on the upload has begun to look at it. */
export async function markInspecting(db: DataApi, executionArn: string): Promise<void> {
  await db.query(
    `update video_platform.video_upload set status = 'inspecting', updated_at = now() where execution_arn = :executionArn and status = 'uploaded'`,
    { executionArn },
  );
}

export interface Plan {
  readonly outputPrefix: string;
  /** JSON values. */
  readonly source: object;
  readonly estimate: object;
}

/** False when the claim was taken over meanwhile. */
export async function markEncoding(db: DataApi, executionArn: string, { outputPrefix, source, estimate }: Plan): Promise<boolean> {
  const rows = await db.query(
    `update video_platform.video_upload set status = 'encoding', output_prefix = :outputPrefix, source = :source::jsonb,
       estimate = :estimate::jsonb, updated_at = now()
     where execution_arn = :executionArn and status in ('inspecting', 'encoding') returning video_id`,
    { executionArn, outputPrefix, source: JSON.stringify(source), estimate: JSON.stringify(estimate) },
  );
  return rows.length === 1;
}

/** What the jobs came to. */
export interface Encoded {
  readonly jobs: object;
  readonly actual: object;
}

export async function markChecking(db: DataApi, executionArn: string, { jobs, actual }: Encoded): Promise<void> {
  await db.query(
    `update video_platform.video_upload set status = 'checking', progress_percent = 100, jobs = jobs || :jobs::jsonb,
       actual = coalesce(actual, '{}') || :actual::jsonb, updated_at = now()
     where execution_arn = :executionArn and status in ('encoding', 'checking')`,
    { executionArn, jobs: JSON.stringify(jobs), actual: JSON.stringify(actual) },
  );
}

/** Ends the execution's upload with a reason, unless it has an outcome. Its video shows it unless an older output plays. */
export async function markFailed(db: DataApi, executionArn: string, code: RejectionCode, detail?: string): Promise<boolean> {
  const rows = await db.query(
    `update video_platform.video_upload set status = :status, reason_code = :code, reason = :reason, retryable = :retryable, updated_at = now()
     where execution_arn = :executionArn and status in ('uploaded', 'inspecting', 'encoding', 'checking') returning video_id`,
    {
      executionArn,
      status: code === 'CANCELLED' ? 'cancelled' : 'failed',
      code,
      reason: detail === undefined ? sentence(code) : `${sentence(code)} ${detail}`,
      retryable: isRetryable(code),
    },
  );
  return rows.length === 1;
}
