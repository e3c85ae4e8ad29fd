import type { DataApi, Row } from '../../data-api/data-api.ts';
import type { PartPlan } from './part-plan.ts';
import { UploadError } from './upload-faults.ts';

/** An upload under way, or how it ended. */
export interface UploadSession extends PartPlan {
  readonly id: string;
  readonly videoId: string;
  readonly bucket: string;
  /** `temp/<id>/<file>` */
  readonly key: string;
  readonly s3UploadId: string;
  readonly fileName: string;
  readonly contentType: string;
  /** Of the joined parts; null until they were joined. */
  readonly sha256: string | null;
  readonly promotionId: string | null;
  readonly status: 'open' | 'completed' | 'aborted';
  /** `originals/<videoId>/<file>`, once it is there. */
  readonly promotedKey: string | null;
}

const COLUMNS = `id::text as id, video_id, bucket, object_key, s3_upload_id, file_name, content_type, size_bytes, part_bytes, sha256, promotion_id,
  status, promoted_key`;

interface SessionRow extends Row {
  readonly id: string;
  readonly video_id: string;
  readonly bucket: string;
  readonly object_key: string;
  readonly s3_upload_id: string;
  readonly file_name: string;
  readonly content_type: string;
  readonly size_bytes: number;
  readonly part_bytes: number;
  readonly sha256: string | null;
  readonly promotion_id: string | null;
  readonly status: UploadSession['status'];
  readonly promoted_key: string | null;
}

/** @throws {UploadError} UNKNOWN_UPLOAD */
export async function readSession(db: DataApi, id: string): Promise<UploadSession> {
  const [row] = await db.query<SessionRow>(`select ${COLUMNS} from video_platform.upload_session where id = :id::uuid`, { id });
  if (row === undefined) throw new UploadError('UNKNOWN_UPLOAD', { found: id });
  return sessionOf(row);
}

/** The open session of this very file for this video. */
export async function findOpenSession(
  db: DataApi,
  { videoId, fileName, sizeBytes, contentType }: Pick<UploadSession, 'videoId' | 'fileName' | 'sizeBytes' | 'contentType'>,
): Promise<UploadSession | undefined> {
  const [row] = await db.query<SessionRow>(
    `select ${COLUMNS} from video_platform.upload_session
     where video_id = :videoId and file_name = :fileName and size_bytes = :sizeBytes and content_type = :contentType and status = 'open'`,
    { videoId, fileName, sizeBytes, contentType },
  );
  return row === undefined ? undefined : sessionOf(row);
}

/** Answers the session that is open now: the given one, or the one that another request opened first. */
export async function insertSession(
  db: DataApi,
  session: Omit<UploadSession, 'sha256' | 'promotionId' | 'status' | 'promotedKey'>,
): Promise<UploadSession> {
  const { id, videoId, bucket, key, s3UploadId, fileName, contentType, sizeBytes, partBytes } = session;
  await db.query(
    `insert into video_platform.upload_session (id, video_id, bucket, object_key, s3_upload_id, file_name, content_type, size_bytes, part_bytes)
     values (:id::uuid, :videoId, :bucket, :key, :s3UploadId, :fileName, :contentType, :sizeBytes, :partBytes) on conflict do nothing`,
    { id, videoId, bucket, key, s3UploadId, fileName, contentType, sizeBytes, partBytes },
  );
  return (await findOpenSession(db, session)) ?? readSession(db, id);
}

/** Longer than any request may take (lib/transcoding/upload-api.ts). */
const COMPLETING_SECONDS = 35;

/** Makes `by` the one request that completes the upload; false while another is at it. One that died is given up by its time. */
export async function claimCompletion(db: DataApi, id: string, by: string): Promise<boolean> {
  const rows = await db.query(
    `update video_platform.upload_session set completing_by = :by::uuid, completing_until = now() + make_interval(secs => :seconds::int)
     where id = :id::uuid and (completing_by is null or completing_by = :by::uuid or completing_until < now()) returning id::text as id`,
    { id, by, seconds: COMPLETING_SECONDS },
  );
  return rows.length === 1;
}

export async function releaseCompletion(db: DataApi, id: string, by: string): Promise<void> {
  await db.query(
    'update video_platform.upload_session set completing_by = null, completing_until = null where id = :id::uuid and completing_by = :by::uuid',
    { id, by },
  );
}

/** The parts have been joined under `temp/`. */
export async function recordJoined(db: DataApi, id: string, sha256: string): Promise<void> {
  await db.query('update video_platform.upload_session set sha256 = :sha256, updated_at = now() where id = :id::uuid', { id, sha256 });
}

/** Puts `next` in the place of `previous`, and answers the one that counts: another request may have been first. */
export async function replacePromotion(db: DataApi, id: string, previous: string | null, next: string): Promise<string> {
  await db.query(
    `update video_platform.upload_session set promotion_id = :next, updated_at = now()
     where id = :id::uuid and status = 'open' and promotion_id is not distinct from :previous::text`,
    { id, previous, next },
  );
  return (await readSession(db, id)).promotionId ?? next;
}

/**
 * The file is about to be announced: its video waits to be worked on. A video that was worked on before keeps its state. `videos.updated_at` is not
 * ours to write: of a migrated video it is the campaign's, and compared (lambdas/migration/entities/video.ts).
 */
export async function recordArrival(db: DataApi, videoId: string): Promise<void> {
  await db.query(
    `update video_platform.videos set processing_status = 'uploaded', announced_at = now() where id = :videoId and processing_status is null`,
    { videoId },
  );
}

/** No file comes after all: its video waits for one as before, unless another has come. Safe to repeat. */
export async function takeArrivalBack(db: DataApi, videoId: string): Promise<void> {
  await db.query(
    `update video_platform.videos v set processing_status = null, announced_at = null
     where v.id = :videoId and v.processing_status = 'uploaded'
       and not exists (select from video_platform.video_upload u where u.video_id = v.id)`,
    { videoId },
  );
}

export async function recordCompleted(db: DataApi, id: string, promotedKey: string): Promise<void> {
  await db.query(
    `update video_platform.upload_session set status = 'completed', promoted_key = :promotedKey, updated_at = now()
     where id = :id::uuid and status = 'open'`,
    { id, promotedKey },
  );
}

/** False when it was completed meanwhile. */
export async function recordAborted(db: DataApi, id: string): Promise<boolean> {
  await db.query(
    `update video_platform.upload_session set status = 'aborted', updated_at = now() where id = :id::uuid and status = 'open'`,
    {
      id,
    },
  );
  return (await readSession(db, id)).status === 'aborted';
}

function sessionOf(row: SessionRow): UploadSession {
  return {
    id: row.id,
    videoId: row.video_id,
    bucket: row.bucket,
    key: row.object_key,
    s3UploadId: row.s3_upload_id,
    fileName: row.file_name,
    contentType: row.content_type,
    sizeBytes: row.size_bytes,
    partBytes: row.part_bytes,
    sha256: row.sha256,
    promotionId: row.promotion_id,
    status: row.status,
    promotedKey: row.promoted_key,
  };
}
