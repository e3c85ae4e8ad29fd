import type { DataApi, Row } from '../data-api/data-api.ts';
import { showAgain } from './publication.ts';

/** Of one run. */
const MAX_SHOWN = 200;

/**
 * Notes when an upload's video was first found gone, and takes the note back when it is there again: a row that comes back within the delay finds
 * its files. How long the upload is there says nothing about how long its video is gone.
 */
export async function noteMissingVideos(db: DataApi): Promise<void> {
  await db.query(
    `update video_platform.video_upload u set video_missing_at = now()
     where u.status = 'ready' and u.video_missing_at is null and u.output_prefix is not null and u.removed_at is null
       and not exists (select from video_platform.videos v where v.id = u.video_id)`,
  );
  await db.query(
    `update video_platform.video_upload u set video_missing_at = null
     where u.video_missing_at is not null and exists (select from video_platform.videos v where v.id = u.video_id)`,
  );
}

interface LostRow extends Row {
  readonly upload_id: string;
  readonly video_id: string;
}

/** Shows again what a video played whose row came back without it. Answers how many. */
export async function showReturnedVideos(db: DataApi): Promise<number> {
  const rows = await db.query<LostRow>(
    `select u.upload_id, u.video_id from video_platform.video_upload u join video_platform.videos v on v.id = u.video_id
     where u.status = 'ready' and u.superseded_at is null and u.removed_at is null and u.shown is not null and v.video_url is null
     limit ${MAX_SHOWN}`,
  );
  let shown = 0;
  for (const { upload_id: uploadId, video_id: videoId } of rows) if (await showAgain(db, uploadId, videoId)) shown += 1;
  return shown;
}
