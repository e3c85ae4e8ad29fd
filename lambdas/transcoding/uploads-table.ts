import type { DataApi, Row } from '../data-api/data-api.ts';
import type { IsExecutionRunning } from '../execution-status.ts';
import { type RejectionCode, sentence } from './reasons.ts';
import type { Upload } from './upload.ts';

/** What became of a claim: this execution's, or nothing to do because the upload is done or another execution is at it. */
export type Claim = 'claimed' | 'duplicate';

interface ClaimRow extends Row {
  readonly execution_arn: string;
  readonly status: string;
  readonly reason_code: RejectionCode | null;
}

/** Done, or refused for what it is. What failed through no fault of the file may be tried again when its event is sent again. */
function isSettled({ status, reason_code: code }: ClaimRow): boolean {
  return status === 'ready' || (status === 'failed' && code !== 'INTERNAL' && code !== 'ENCODING_FAILED');
}

/**
 * Makes this execution the only one that works on the upload, however often its event arrives. An upload whose execution has ended without
 * an outcome is taken over.
 */
export async function claimUpload(db: DataApi, upload: Upload, executionArn: string, isRunning: IsExecutionRunning): Promise<Claim> {
  const identity = { bucket: upload.bucket, key: upload.key, version: upload.version };
  await db.query(
    `insert into video_platform.video_upload (bucket, object_key, version, video_id, execution_arn, status)
     values (:bucket, :key, :version, :videoId, :executionArn, 'inspecting') on conflict do nothing`,
    { ...identity, videoId: upload.videoId, executionArn },
  );
  const [claim] = await db.query<ClaimRow>(
    `select execution_arn, status, reason_code from video_platform.video_upload where bucket = :bucket and object_key = :key and version = :version`,
    identity,
  );
  if (claim?.execution_arn === executionArn) return 'claimed';
  if (claim === undefined || isSettled(claim) || (await isRunning(claim.execution_arn))) return 'duplicate';
  const taken = await db.query(
    `update video_platform.video_upload set execution_arn = :executionArn, status = 'inspecting', updated_at = now()
     where bucket = :bucket and object_key = :key and version = :version and execution_arn = :dead
       and status <> 'ready' returning video_id`,
    { ...identity, executionArn, dead: claim.execution_arn },
  );
  return taken.length === 1 ? 'claimed' : 'duplicate';
}

export async function videoExists(db: DataApi, videoId: string): Promise<boolean> {
  return (await db.query('select id from video_platform.videos where id = :videoId', { videoId })).length === 1;
}

/** Upload and video move to 'encoding'; false when the claim was taken over meanwhile. A video that plays stays 'ready'. */
export async function markEncoding(db: DataApi, executionArn: string, outputPrefix: string): Promise<boolean> {
  const rows = await db.query(
    `with upload as (
       update video_platform.video_upload set status = 'encoding', output_prefix = :outputPrefix, updated_at = now()
       where execution_arn = :executionArn and status in ('inspecting', 'encoding') returning video_id
     )
     , video as (
       update video_platform.videos v set processing_status = 'encoding' from upload where v.id = upload.video_id and v.video_url is null
     )
     select video_id from upload`,
    { executionArn, outputPrefix },
  );
  return rows.length === 1;
}

/** Ends the execution's upload with a reason. Its video shows the failure unless an older output plays or another upload is at work. */
export async function markFailed(db: DataApi, executionArn: string, code: RejectionCode, detail?: string): Promise<void> {
  await db.query(
    `with upload as (
       update video_platform.video_upload set status = 'failed', reason_code = :code, reason = :reason, updated_at = now()
       where execution_arn = :executionArn and status in ('inspecting', 'encoding') returning video_id
     )
     update video_platform.videos v set processing_status = 'failed' from upload
     where v.id = upload.video_id and v.video_url is null and not exists (
       select from video_platform.video_upload other
       where other.video_id = upload.video_id and other.execution_arn <> :executionArn and other.status in ('inspecting', 'encoding')
     )`,
    { executionArn, code, reason: detail === undefined ? sentence(code) : `${sentence(code)} ${detail}` },
  );
}

/** What publishing writes on the video. Paths are below the CDN: `/encoded/…/index.m3u8`. */
export interface Publication {
  readonly videoUrl: string;
  readonly thumbnailUrl: string | null;
  readonly durationSeconds: number;
  readonly resolution: string;
  readonly fileSizeBytes: number;
  readonly renditions: readonly { readonly name: string; readonly width: number; readonly height: number }[];
}

/**
 * Switches the video to the new output in one statement, unless a newer upload is published already. Repeating it writes the same values.
 * False when the video does not show this output.
 */
export async function publish(db: DataApi, upload: Upload, publication: Publication): Promise<boolean> {
  const { videoUrl, thumbnailUrl, durationSeconds, resolution, fileSizeBytes, renditions } = publication;
  const rows = await db.query(
    `with upload as (
       update video_platform.video_upload
       set status = 'ready', renditions = :renditions::jsonb, reason_code = null, reason = null, updated_at = now()
       where bucket = :bucket and object_key = :key and version = :version returning video_id, created_at
     )
     update video_platform.videos v
     set video_url = :videoUrl, thumbnail_url = coalesce(:thumbnailUrl::text, v.thumbnail_url), duration_seconds = :durationSeconds::numeric,
       resolution = :resolution, file_size_bytes = :fileSizeBytes::bigint, processing_status = 'ready',
       published_at = coalesce(v.published_at, now())
     from upload
     where v.id = upload.video_id and not exists (
       select from video_platform.video_upload newer
       where newer.video_id = upload.video_id and newer.status = 'ready' and newer.created_at > upload.created_at
     )
     returning v.id`,
    {
      bucket: upload.bucket,
      key: upload.key,
      version: upload.version,
      renditions: JSON.stringify(renditions),
      videoUrl,
      thumbnailUrl,
      durationSeconds: durationSeconds.toFixed(3),
      resolution,
      fileSizeBytes,
    },
  );
  return rows.length === 1;
}
