import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import type { IsExecutionRunning } from '../execution-status.ts';
import { markFailed } from './upload-states.ts';

/** MediaConvert's `Job State Change` of a job of ours. Events come at least once, late, and in any order. */
export const JobEvent = z.object({
  detail: z.object({
    jobId: z.string(),
    status: z.string(),
    userMetadata: z.object({ uploadId: z.string(), kind: z.enum(['hls', 'preview']), execution: z.string() }),
    jobProgress: z.object({ jobPercentComplete: z.number().min(0).max(100).nullish() }).nullish(),
  }),
});
export type JobEvent = z.output<typeof JobEvent>;

export interface RecordProgressDependencies {
  readonly db: DataApi;
  readonly isRunning: IsExecutionRunning;
}

/** 100 is said by the state that comes after. */
const MAX_PERCENT = 99;

/** Brings an upload's percentage forward. What is no news changes nothing: older events, events of an execution that was replaced, of the preview. */
export async function recordProgress({ detail }: JobEvent, { db, isRunning }: RecordProgressDependencies): Promise<void> {
  const { jobId, status, userMetadata, jobProgress } = detail;
  const { uploadId, kind, execution } = userMetadata;
  if (kind !== 'hls') return;
  // A stopped execution takes its job with it and can say nothing any more; one that runs says it itself.
  if (status === 'CANCELED' && !(await isRunning(execution))) {
    await markFailed(db, execution, 'CANCELLED');
    return;
  }
  const percent = Math.min(MAX_PERCENT, Math.floor(jobProgress?.jobPercentComplete ?? 0));
  await db.query(
    `update video_platform.video_upload set progress_percent = greatest(progress_percent, :percent),
       jobs = jobs || jsonb_build_object('hls', :jobId), updated_at = now()
     where upload_id = :uploadId and execution_arn = :execution and status = 'encoding'
       and (progress_percent < :percent or not jsonb_exists(jobs, 'hls'))`,
    { uploadId, execution, percent, jobId },
  );
}
