import { z } from 'zod';
import type { Row } from '../data-api/data-api.ts';
import type { ReadExecutionState } from '../execution-status.ts';
import { noteMissingVideos, showReturnedVideos } from './missing-videos.ts';
import { type RemoveOutputDependencies, removeOutput } from './remove-output.ts';
import type { RestartExecution } from './restart-execution.ts';
import { markFailed } from './upload-states.ts';

export const SweepVideosInput = z.object({});

export interface SweepVideosOutput {
  /** Uploads that had waited for processing to be on again, and were started. */
  readonly resumed: number;
  /** Uploads whose execution had ended without an outcome, and that were given one. */
  readonly stuck: number;
  /** Videos that were told of a file which never came. */
  readonly lost: number;
  /** Videos whose row came back and that show their output again. */
  readonly shown: number;
  /** Uploads whose output was removed altogether. */
  readonly removed: number;
  readonly deletedObjects: number;
}

export interface SweepVideosDependencies extends RemoveOutputDependencies {
  readonly executionState: ReadExecutionState;
  readonly restart: RestartExecution;
  /** The flag VIDEO_PROCESSING_ENABLED. */
  readonly processingEnabled: boolean;
}

const MAX_UPLOADS = 200;
/** What is started at once after a pause: the encoder's queue takes the rest a quarter of an hour later. */
const MAX_RESUMED = 50;
/** An execution that has just ended may still be about to say so. */
const QUIET_MINUTES = 10;
/** Longer than an execution tries to put its upload on record. */
const LOST_MINUTES = 30;
const MARGIN_MS = 30_000;

/** Starts what waited, gives stuck uploads a reason, puts videos right, then removes output that nothing plays any more: as much as a run may. */
export async function sweepVideos(dependencies: SweepVideosDependencies): Promise<SweepVideosOutput> {
  const { db } = dependencies;
  const resumed = await resumeWaiting(dependencies);
  const stuck = await endStuckUploads(dependencies);
  const lost = await takeLostArrivalsBack(dependencies);
  await noteMissingVideos(db);
  const shown = await showReturnedVideos(db);
  return { resumed, stuck, lost, shown, ...(await removeOutput(dependencies)) };
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
async function endStuckUploads({ db, executionState, timeLeftMs }: SweepVideosDependencies): Promise<number> {
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
    const state = await executionState(executionArn);
    if (state === 'running') continue;
    const marked =
      state === 'stopped'
        ? await markFailed(db, executionArn, 'CANCELLED')
        : await markFailed(db, executionArn, 'INTERNAL', 'Its execution ended without an outcome.');
    if (marked) stuck += 1;
  }
  return stuck;
}

/**
 * A file that was announced and that no execution has on record: its event was lost, or nothing could be written when it came. Its video waits for a
 * file as it did before, so that the owner may upload again. An event that comes after all finds nothing in its way. Without a time it was announced
 * by the release before, while this one was deployed.
 */
async function takeLostArrivalsBack({ db }: SweepVideosDependencies): Promise<number> {
  const videos = await db.query(
    `update video_platform.videos v set processing_status = null, announced_at = null
     where v.processing_status = 'uploaded' and (v.announced_at is null or v.announced_at < now() - make_interval(mins => :minutes::int))
       and not exists (select from video_platform.video_upload u where u.video_id = v.id)
     returning v.id`,
    { minutes: LOST_MINUTES },
  );
  return videos.length;
}
