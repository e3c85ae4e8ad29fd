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
       set status = 'ready', renditions = :renditions::jsonb, measured = :measured::jsonb, reason_code = null, reason = null,
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
        ...texts,
        uploadId: identity(upload),
        executionArn,
        durationSeconds: durationSeconds.toFixed(3),
        renditions: JSON.stringify(renditions),
        measured: JSON.stringify(measured),
      },
    );
  });
  return rows.length === 1;
}
