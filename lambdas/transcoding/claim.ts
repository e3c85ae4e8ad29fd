import type { DataApi, Row } from '../data-api/data-api.ts';
import type { IsExecutionRunning } from '../execution-status.ts';
import type { Arrival } from './arrived-object.ts';
import { OutputBeingRemovedError } from './errors.ts';
import { sentence } from './reasons.ts';
import { BEING_REMOVED } from './remove-output.ts';
import { identity, type Upload } from './upload.ts';

/** What became of a claim: this execution's, or nothing to do because the upload is done or another execution is at it. */
export type Claim = 'claimed' | 'duplicate';

interface ClaimRow extends Row {
  readonly execution_arn: string;
  readonly status: string;
  readonly retryable: boolean;
  /** Since its execution was last heard of, by the database's clock. */
  readonly held_seconds: number;
}

/**
 * Puts an upload aside while processing is off: `uploaded`, with the reason. The sweep starts its execution's input again when it is on
 * (sweep-videos.ts). One that is known already keeps its state. False when the upload is not this execution's to wait for.
 */
export async function awaitProcessing(db: DataApi, upload: Upload, arrival: Arrival, executionArn: string): Promise<boolean> {
  const uploadId = identity(upload);
  await insertUpload(db, upload, arrival, executionArn, 'PROCESSING_OFF');
  const rows = await db.query(
    `select upload_id from video_platform.video_upload
     where upload_id = :uploadId and execution_arn = :executionArn and status = 'uploaded' and reason_code = 'PROCESSING_OFF'`,
    { uploadId, executionArn },
  );
  return rows.length === 1;
}

/** Puts the upload on record as the execution's, unless it is on record. */
export async function insertUpload(
  db: DataApi,
  upload: Upload,
  arrival: Arrival,
  executionArn: string,
  reasonCode: 'PROCESSING_OFF' | null = null,
): Promise<void> {
  await db.query(
    `insert into video_platform.video_upload
       (bucket, object_key, version, upload_id, video_id, execution_arn, status, uploaded_at, sequencer, reason_code, reason)
     values (:bucket, :key, :version, :uploadId, :videoId, :executionArn, 'uploaded', :uploadedAt::timestamptz, lpad(:sequencer, 64, '0'),
       :reasonCode::text, :reason::text)
     on conflict do nothing`,
    {
      ...{ bucket: upload.bucket, key: upload.key, version: upload.version, uploadId: identity(upload), videoId: upload.videoId },
      ...{ executionArn, ...arrival, reasonCode, reason: reasonCode === null ? null : sentence(reasonCode) },
    },
  );
}

/** Has an outcome, and not one that a repeated event may change. */
function isSettled({ status, retryable }: ClaimRow): boolean {
  return status === 'ready' || ((status === 'failed' || status === 'cancelled') && !retryable);
}

/**
 * Makes this execution the only one that works on the upload, however often its event arrives: the row is the guard, since a rule's target
 * cannot name the execution it starts. An upload whose execution has ended without an outcome is taken over.
 * @throws {ExecutionNotKnownYetError} when it is too early to say whether that execution lives
 * @throws {OutputBeingRemovedError} when what an earlier attempt wrote is being deleted from where this one would write
 */
export async function claimUpload(
  db: DataApi,
  upload: Upload,
  arrival: Arrival,
  executionArn: string,
  isRunning: IsExecutionRunning,
): Promise<Claim> {
  const uploadId = identity(upload);
  await insertUpload(db, upload, arrival, executionArn);
  const claim = await readClaim(db, uploadId);
  if (claim?.execution_arn === executionArn) return 'claimed';
  if (claim === undefined || isSettled(claim) || (await isRunning(claim.execution_arn, claim.held_seconds))) return 'duplicate';
  const taken = await db.query(
    `update video_platform.video_upload set execution_arn = :executionArn, status = 'inspecting', retryable = false, progress_percent = 0,
       reason_code = null, reason = null, jobs = '{}', removed_at = null, removing_at = null, updated_at = now()
     where upload_id = :uploadId and execution_arn = :dead and status <> 'ready' and (status not in ('failed', 'cancelled') or retryable)
       and not ${BEING_REMOVED}
     returning video_id`,
    { uploadId, executionArn, dead: claim.execution_arn },
  );
  if (taken.length === 1) return 'claimed';
  const now = await readClaim(db, uploadId);
  // Nobody else took it, and it may still be taken: the sweep is at its output, or was a moment ago.
  if (now?.execution_arn === claim.execution_arn && !isSettled(now)) throw new OutputBeingRemovedError(uploadId);
  return 'duplicate';
}

async function readClaim(db: DataApi, uploadId: string): Promise<ClaimRow | undefined> {
  const [claim] = await db.query<ClaimRow>(
    `select execution_arn, status, retryable, extract(epoch from now() - updated_at)::float8 as held_seconds
     from video_platform.video_upload where upload_id = :uploadId`,
    { uploadId },
  );
  return claim;
}

export async function videoExists(db: DataApi, videoId: string): Promise<boolean> {
  return (await db.query('select id from video_platform.videos where id = :videoId', { videoId })).length === 1;
}
