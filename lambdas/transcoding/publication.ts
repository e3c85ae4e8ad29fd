import type { DataApi } from '../data-api/data-api.ts';
import { identity, type Upload } from './upload.ts';

/** What publishing writes on the video. Paths are below the CDN: `/encoded/…/index.m3u8`. */
export interface Publication {
  readonly videoUrl: string;
  /** Null keeps the one there is. */
  readonly thumbnailUrl: string | null;
  readonly previewUrl: string | null;
  readonly storyboardUrl: string | null;
  readonly durationSeconds: number;
  readonly resolution: string;
  readonly fileSizeBytes: number;
  readonly renditions: readonly { readonly name: string; readonly width: number; readonly height: number }[];
  /** What the output check measured; JSON. */
  readonly measured: object;
}

/** What an upload keeps of it, so that it can be shown again without a new encode. */
interface Shown extends Omit<Publication, 'durationSeconds' | 'renditions' | 'measured'> {
  /** With three decimals. */
  readonly durationSeconds: string;
}

/** Whether a newer upload of the same video is published: then this one has nothing to show. */
const NEWER_IS_PUBLISHED = `exists (
  select from video_platform.video_upload newer, this where newer.video_id = this.video_id and newer.status = 'ready'
    and (newer.uploaded_at, newer.sequencer, newer.version) > (this.uploaded_at, this.sequencer, this.version))`;

/**
 * Switches the video to the new output in one statement, and marks what it played before as superseded; an upload that comes after a newer one
 * is superseded itself. Repeating it writes the same values. False when the video does not show this output.
 */
export async function publish(db: DataApi, upload: Upload, executionArn: string, publication: Publication): Promise<boolean> {
  const { durationSeconds, renditions, measured, ...texts } = publication;
  const shown: Shown = { ...texts, durationSeconds: durationSeconds.toFixed(3) };
  const rows = await db.transaction(async (query) => {
    // Two versions that are published at the same moment must see each other: the second waits here, and looks only then.
    await query('select id from video_platform.videos where id = :videoId for update', { videoId: upload.videoId });
    return query(
      `with this as materialized (
       select upload_id, video_id, uploaded_at, sequencer, version from video_platform.video_upload
       where upload_id = :uploadId and execution_arn = :executionArn and status in ('encoding', 'checking', 'ready') for update
     )
     , published as (
       update video_platform.video_upload u
       set status = 'ready', renditions = :renditions::jsonb, measured = :measured::jsonb, shown = :shown::jsonb, reason_code = null, reason = null,
         published_at = coalesce(u.published_at, now()), updated_at = now(),
         superseded_at = case when ${NEWER_IS_PUBLISHED} then coalesce(u.superseded_at, now()) end
       from this where u.upload_id = this.upload_id returning u.video_id, u.superseded_at
     )
     , superseded as (
       update video_platform.video_upload older set superseded_at = now()
       from this
       where older.video_id = this.video_id and older.status = 'ready' and older.superseded_at is null
         and (older.uploaded_at, older.sequencer, older.version) < (this.uploaded_at, this.sequencer, this.version)
     )
     update video_platform.videos v
     set video_url = :videoUrl, thumbnail_url = coalesce(:thumbnailUrl::text, v.thumbnail_url), preview_url = :previewUrl::text,
       storyboard_url = :storyboardUrl::text, duration_seconds = :durationSeconds::numeric, resolution = :resolution,
       file_size_bytes = :fileSizeBytes::bigint, processing_status = 'ready', published_at = coalesce(v.published_at, now())
     from published
     where v.id = published.video_id and published.superseded_at is null
     returning v.id`,
      {
        ...shown,
        uploadId: identity(upload),
        executionArn,
        renditions: JSON.stringify(renditions),
        measured: JSON.stringify(measured),
        shown: JSON.stringify(shown),
      },
    );
  });
  return rows.length === 1;
}

/**
 * Shows an upload's output on its video again: the video's row was gone and has come back without. False when there is nothing to show, or nothing
 * to show it on. Safe to repeat.
 */
export async function showAgain(db: DataApi, uploadId: string, videoId: string): Promise<boolean> {
  const rows = await db.transaction(async (query) => {
    await query('select id from video_platform.videos where id = :videoId for update', { videoId });
    return query(
      `with this as materialized (
       select video_id, shown, published_at from video_platform.video_upload
       where upload_id = :uploadId and status = 'ready' and superseded_at is null and removed_at is null and shown is not null for update
     )
     update video_platform.videos v
     set video_url = shown ->> 'videoUrl', thumbnail_url = coalesce(shown ->> 'thumbnailUrl', v.thumbnail_url),
       preview_url = shown ->> 'previewUrl', storyboard_url = shown ->> 'storyboardUrl', duration_seconds = (shown ->> 'durationSeconds')::numeric,
       resolution = shown ->> 'resolution', file_size_bytes = (shown ->> 'fileSizeBytes')::bigint, processing_status = 'ready',
       published_at = coalesce(v.published_at, this.published_at)
     from this where v.id = this.video_id and v.video_url is null
     returning v.id`,
      { uploadId },
    );
  });
  return rows.length === 1;
}
