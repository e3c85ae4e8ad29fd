import type { DataApi, Row } from '../data-api/data-api.ts';
import type { DeletePrefix } from './delete-prefix.ts';
import type { TranscodingSettings } from './settings.ts';

export interface RemoveOutputDependencies {
  readonly db: DataApi;
  readonly deletePrefix: DeletePrefix;
  readonly settings: TranscodingSettings;
  readonly timeLeftMs: () => number;
}

/** Of one run. */
const MAX_UPLOADS = 200;
const MARGIN_MS = 30_000;
/** No sweep takes longer (lib/transcoding/sweep.ts): a mark that is older is of one that was cut off. */
const REMOVING_MINUTES = 10;

/** SQL: somebody deletes the upload's output right now. */
export const BEING_REMOVED = `coalesce(removing_at > now() - interval '${REMOVING_MINUTES} minutes', false)`;

interface MarkedRow extends Row {
  readonly upload_id: string;
  readonly bucket: string;
  /** `<videoId>/<version>`. */
  readonly folder: string;
  readonly keeps_thumbnail: boolean;
  /** Names this removal. */
  readonly mark: string;
}

/**
 * Marks the next upload whose output may go: superseded, failed, cancelled, or of a video that has been gone for long enough. Never what its video
 * plays, and never the picture that it shows. From the mark on nobody claims it (claim.ts), and what it showed cannot be shown again.
 */
const MARK_NEXT = `with next as materialized (
    select u.upload_id, substr(u.output_prefix, length('encoded/') + 1) as folder,
      coalesce(v.thumbnail_url like '/thumbnails/' || substr(u.output_prefix, length('encoded/') + 1) || '/%', false) as keeps_thumbnail
    from video_platform.video_upload u
    left join video_platform.videos v on v.id = u.video_id
    where u.output_prefix is not null and u.removed_at is null and not ${BEING_REMOVED}
      and v.video_url is distinct from '/' || u.output_prefix || '/index.m3u8'
      and (
        u.superseded_at < now() - make_interval(secs => :superseded::int)
        or (u.status in ('failed', 'cancelled') and u.updated_at < now() - make_interval(secs => :failed::int))
        or (v.id is null and u.video_missing_at < now() - make_interval(secs => :superseded::int))
      )
    order by u.updated_at limit 1 for update of u skip locked
  )
  update video_platform.video_upload u set removing_at = clock_timestamp(), shown = null
  from next where u.upload_id = next.upload_id
  returning u.upload_id, u.bucket, next.folder, next.keeps_thumbnail, u.removing_at::text as mark`;

/** Deletes what nothing plays any more, as much as a run may. What is left half deleted goes on in the next run. */
export async function removeOutput(dependencies: RemoveOutputDependencies): Promise<{ removed: number; deletedObjects: number }> {
  const { db, settings } = dependencies;
  let removed = 0;
  let deletedObjects = 0;
  while (removed < MAX_UPLOADS && deletedObjects < settings.maxDeletionsPerSweep && dependencies.timeLeftMs() >= MARGIN_MS) {
    const [marked] = await db.query<MarkedRow>(MARK_NEXT, {
      superseded: Math.round(settings.supersededHours * 3_600),
      failed: Math.round(settings.failedHours * 3_600),
    });
    if (marked === undefined) break;
    let isWhole = false;
    try {
      const { deleted, isEmpty } = await deleteOutput(marked, settings.maxDeletionsPerSweep - deletedObjects, dependencies);
      deletedObjects += deleted;
      isWhole = isEmpty;
    } finally {
      await settle(db, marked, isWhole);
    }
    if (!isWhole) break;
    removed += 1;
  }
  return { removed, deletedObjects };
}

async function deleteOutput(
  { bucket, folder, keeps_thumbnail: keepsThumbnail }: MarkedRow,
  max: number,
  { deletePrefix, timeLeftMs }: RemoveOutputDependencies,
): Promise<{ deleted: number; isEmpty: boolean }> {
  let deleted = 0;
  for (const kind of ['encoded', 'previews', ...(keepsThumbnail ? [] : ['thumbnails'])]) {
    if (deleted >= max || timeLeftMs() < MARGIN_MS) return { deleted, isEmpty: false };
    const of = await deletePrefix(bucket, `${kind}/${folder}/`, max - deleted);
    deleted += of.deleted;
    if (!of.isEmpty) return { deleted, isEmpty: false };
  }
  return { deleted, isEmpty: true };
}

/** Takes the mark back; an upload whose output is gone says so. A mark that is another removal's stays. */
async function settle(db: DataApi, { upload_id: uploadId, mark }: MarkedRow, isWhole: boolean): Promise<void> {
  await db.query(
    `update video_platform.video_upload set removing_at = null, removed_at = case when :isWhole::boolean then now() else removed_at end
     where upload_id = :uploadId and removing_at = :mark::timestamptz`,
    { uploadId, mark, isWhole },
  );
}
