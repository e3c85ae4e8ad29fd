import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import type pg from 'pg';
import { sentence } from '../../lambdas/transcoding/reasons.ts';
import { MAX_UPLOAD_BYTES, UPLOADABLE_ID } from '../../lambdas/transcoding/upload.ts';
import type { Cloud } from '../cloud/start-cloud.ts';
import { UserError } from '../errors.ts';
import type { VideoReport } from './report.ts';
import { sendFile } from './send-file.ts';
import { transcodeOf } from './transcode-of.ts';

export interface UploadOptions {
  readonly cloud: Pick<Cloud, 's3' | 'stepFunctions' | 'stateMachines'>;
  readonly database: pg.ClientBase;
  readonly bucket: string;
  readonly signal: AbortSignal;
  /** Called when an upload that was sent has an outcome, the status it ended with. */
  readonly onOutcome?: (plan: PlannedUpload, status: string) => void;
}

/** A file and the video it is uploaded to. */
export interface PlannedUpload {
  readonly file: string;
  readonly videoId: string;
  readonly key: string;
}

/** Holds for a migrated video that takes uploads. */
const TAKES_UPLOADS = `origin = 'legacy' and status = 'PUBLISHED' and id ~ '^${UPLOADABLE_ID}$'`;

/** Whether a migrated video takes uploads: a LinkPick without an active campaign has none. */
export async function hasPublishedVideo(database: pg.ClientBase): Promise<boolean> {
  const { rowCount } = await database.query(`select from video_platform.videos where ${TAKES_UPLOADS} limit 1`);
  return rowCount === 1;
}

/** Gives each file a migrated, published video: the same ones every time. @throws {UserError} when there are fewer videos than files */
export async function planUploads(files: readonly string[], database: pg.ClientBase): Promise<readonly PlannedUpload[]> {
  const { rows } = await database.query<{ id: string }>(
    `select id from video_platform.videos where ${TAKES_UPLOADS} order by created_at, id limit $1`,
    [files.length],
  );
  return files.map((file, index) => {
    const videoId = rows[index]?.id;
    if (videoId === undefined) {
      throw new UserError(
        `there are ${files.length} videos to upload but only ${rows.length} published videos came out of the migration; give fewer --video, or more active campaigns`,
      );
    }
    return { file, videoId, key: `originals/${videoId}/${safeName(file)}` };
  });
}

/**
 * Uploads what has no outcome yet and waits until each upload has one: ready, cancelled, or failed with a reason. Gives those that were not sent: the
 * upload API would refuse them for their size.
 */
export async function upload(plans: readonly PlannedUpload[], options: UploadOptions): Promise<readonly VideoReport[]> {
  const { cloud, database, bucket, signal, onOutcome } = options;
  const rejected: VideoReport[] = [];
  const pending: (PlannedUpload & { sizeBytes: number })[] = [];
  for (const plan of plans) {
    const sizeBytes = statSync(plan.file).size;
    if (sizeBytes > MAX_UPLOAD_BYTES) rejected.push(tooLarge(plan));
    else if (!(await hasOutcome(plan, database))) pending.push({ ...plan, sizeBytes });
  }
  const ends = pending.map(async (plan) => {
    await transcodeOf(plan.key, cloud, signal);
    onOutcome?.(plan, await statusOf(plan.key, database));
  });
  // One that is interrupted before it is awaited is no unhandled rejection: the first failure counts below.
  const ended = Promise.all(ends);
  ended.catch(() => {});
  for (const { file, key, sizeBytes } of pending) await sendFile({ s3: cloud.s3, bucket, key, file, sizeBytes, signal });
  await ended;
  return rejected;
}

function tooLarge({ key, videoId }: PlannedUpload): VideoReport {
  const reason = `TOO_LARGE: ${sentence('TOO_LARGE')}`;
  return { key, videoId, status: 'failed', multivariantUrl: null, durationSeconds: null, renditions: [], reason };
}

/** An outcome of this very file that stays: what a run before has finished is not uploaded again, what failed by no fault of the file is. */
async function hasOutcome({ key, file }: PlannedUpload, database: pg.ClientBase): Promise<boolean> {
  const { rows } = await database.query<{ updated_at: Date }>(
    `select updated_at from video_platform.video_upload
     where object_key = $1 and status in ('ready', 'failed', 'cancelled') and retryable is not true order by updated_at desc limit 1`,
    [key],
  );
  return rows[0] !== undefined && rows[0].updated_at >= statSync(file).mtime;
}

async function statusOf(key: string, database: pg.ClientBase): Promise<string> {
  const { rows } = await database.query<{ status: string }>(
    `select status from video_platform.video_upload where object_key = $1 order by updated_at desc limit 1`,
    [key],
  );
  return rows[0]?.status ?? 'not claimed';
}

/** Keys are made of `A-Za-z0-9/_.-`, so that every reader of an event reads them alike; the path's hash keeps two files apart. */
function safeName(file: string): string {
  const extension = extname(file);
  const ascii = basename(file, extension)
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-');
  const name = ascii.replaceAll(/^-+|-+$/g, '') || 'video';
  const path = createHash('sha256').update(file).digest('hex').slice(0, 8);
  return `${name}-${path}${extension.replaceAll(/[^A-Za-z0-9.]/g, '').toLowerCase()}`;
}
