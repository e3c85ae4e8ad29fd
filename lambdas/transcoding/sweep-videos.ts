import { z } from 'zod';
import type { DataApi, Row } from '../data-api/data-api.ts';
import type { DeletePrefix } from './delete-prefix.ts';
import type { ReadExecutionEnd } from './execution-end.ts';
import type { RestartExecution } from './restart-execution.ts';
import type { TranscodingSettings } from './settings.ts';
import { markFailed } from './upload-states.ts';

export const SweepVideosInput = z.object({});

export interface SweepVideosOutput {
  /** Uploads that had waited for processing to be on again, and were started. */
  readonly resumed: number;
  /** Uploads whose execution had ended without an outcome, and that were given one. */
  readonly stuck: number;
  /** Uploads whose output was removed altogether. */
  readonly removed: number;
  readonly deletedObjects: number;
}

export interface SweepVideosDependencies {
  readonly db: DataApi;
  readonly executionEnd: ReadExecutionEnd;
  readonly restart: RestartExecution;
  readonly deletePrefix: DeletePrefix;
  /** The flag VIDEO_PROCESSING_ENABLED. */
  readonly processingEnabled: boolean;
  readonly settings: TranscodingSettings;
  readonly timeLeftMs: () => number;
}

const MAX_UPLOADS = 200;
/** What is started at once after a pause: the encoder's queue takes the rest a quarter of an hour later. */
const MAX_RESUMED = 50;
/** An execution that has just ended may still be about to say so. */
const QUIET_MINUTES = 10;
const MARGIN_MS = 30_000;

/** Starts what waited, gives stuck uploads a reason, then removes output that nothing plays any more: as much as a run may. */
export async function sweepVideos(dependencies: SweepVideosDependencies): Promise<SweepVideosOutput> {
  const resumed = await resumeWaiting(dependencies);
  const stuck = await endStuckUploads(dependencies);
  return { resumed, stuck, ...(await removeOutput(dependencies)) };
}

/** The oldest first. An upload that has just been started and not been claimed yet is started twice: the second finds it taken. */
async function resumeWaiting({ db, restart, processingEnabled, timeLeftMs }: SweepVideosDependencies): Promise<number> {
  if (!processingEnabled) return 0;
  const uploads = await db.query<Row & { readonly execution_arn: string }>(
    `select execution_arn from video_platform.video_upload where status = 'uploaded' and reason_code = 'PROCESSING_OFF'
     order by uploaded_at, sequencer limit ${MAX_RESUMED}`,
  );
  let resumed = 0;
  for (const { execution_arn: executionArn } of uploads) {
    if (timeLeftMs() < MARGIN_MS) break;
    if (await restart(executionArn)) resumed += 1;
    else await markFailed(db, executionArn, 'INTERNAL', 'It waited longer than its execution is kept on record.');
  }
  return resumed;
}

/** A reason rather than a new start: what died once without a word may do so again, and each time costs an encode. A repeated event starts over. */
async function endStuckUploads({ db, executionEnd, timeLeftMs }: SweepVideosDependencies): Promise<number> {
  const uploads = await db.query<Row & { readonly execution_arn: string }>(
    `select execution_arn from video_platform.video_upload
     where status in ('uploaded', 'inspecting', 'encoding', 'checking') and updated_at < now() - make_interval(mins => :minutes::int)
       and reason_code is distinct from 'PROCESSING_OFF'
     order by updated_at limit ${MAX_UPLOADS}`,
    { minutes: QUIET_MINUTES },
  );
  let stuck = 0;
  for (const { execution_arn: executionArn } of uploads) {
    if (timeLeftMs() < MARGIN_MS) break;
    const end = await executionEnd(executionArn);
    if (end === 'running') continue;
    const marked =
      end === 'stopped'
        ? await markFailed(db, executionArn, 'CANCELLED')
        : await markFailed(db, executionArn, 'INTERNAL', 'Its execution ended without an outcome.');
    if (marked) stuck += 1;
  }
  return stuck;
}

interface RemovableRow extends Row {
  readonly upload_id: string;
  readonly bucket: string;
  /** `<videoId>/<version>`. */
  readonly folder: string;
  readonly keeps_thumbnail: boolean;
}

/** Superseded, failed, cancelled, or of a video that is gone. Never what its video plays, and never the picture that it shows. */
const REMOVABLE = `select u.upload_id, u.bucket, substr(u.output_prefix, length('encoded/') + 1) as folder,
    coalesce(v.thumbnail_url like '/thumbnails/' || substr(u.output_prefix, length('encoded/') + 1) || '/%', false) as keeps_thumbnail
  from video_platform.video_upload u
  left join video_platform.videos v on v.id = u.video_id
  where u.output_prefix is not null and u.removed_at is null
    and v.video_url is distinct from '/' || u.output_prefix || '/index.m3u8'
    and (
      u.superseded_at < now() - make_interval(secs => :superseded::int)
      or (u.status in ('failed', 'cancelled') and u.updated_at < now() - make_interval(secs => :failed::int))
      or (u.status = 'ready' and v.id is null and u.updated_at < now() - make_interval(secs => :superseded::int))
    )
  order by u.updated_at limit ${MAX_UPLOADS}`;

async function removeOutput({ db, deletePrefix, settings, timeLeftMs }: SweepVideosDependencies) {
  const rows = await db.query<RemovableRow>(REMOVABLE, {
    superseded: Math.round(settings.supersededHours * 3_600),
    failed: Math.round(settings.failedHours * 3_600),
  });
  let removed = 0;
  let deletedObjects = 0;
  for (const { upload_id: uploadId, bucket, folder, keeps_thumbnail: keepsThumbnail } of rows) {
    const prefixes = ['encoded', 'previews', ...(keepsThumbnail ? [] : ['thumbnails'])].map((kind) => `${kind}/${folder}/`);
    let isWhole = true;
    for (const prefix of prefixes) {
      const left = settings.maxDeletionsPerSweep - deletedObjects;
      if (left <= 0 || timeLeftMs() < MARGIN_MS) return { removed, deletedObjects };
      const { deleted, isEmpty } = await deletePrefix(bucket, prefix, left);
      deletedObjects += deleted;
      isWhole &&= isEmpty;
    }
    if (!isWhole) break;
    await db.query(`update video_platform.video_upload set removed_at = now() where upload_id = :uploadId`, { uploadId });
    removed += 1;
  }
  return { removed, deletedObjects };
}
