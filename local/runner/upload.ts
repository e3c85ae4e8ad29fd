import { createHash } from 'node:crypto';
import { createReadStream, statSync } from 'node:fs';
import { basename, extname } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type pg from 'pg';
import type { Cloud } from '../cloud/start-cloud.ts';
import { UserError } from '../errors.ts';
import type { ExecutionDescription } from '../step-functions/describe-execution.ts';

export interface UploadOptions {
  readonly cloud: Pick<Cloud, 's3' | 'stepFunctions' | 'stateMachines'>;
  readonly database: pg.ClientBase;
  readonly bucket: string;
  readonly signal: AbortSignal;
}

/** A file and the video it is uploaded to. */
export interface PlannedUpload {
  readonly file: string;
  readonly videoId: string;
  readonly key: string;
}

/** S3's limit on one PUT. */
export const MAX_PUT_BYTES = 5 * 1024 ** 3;

/** Gives each file a migrated, published video: the same ones every time. @throws {UserError} when there are fewer videos than files */
export async function planUploads(files: readonly string[], database: pg.ClientBase): Promise<readonly PlannedUpload[]> {
  const { rows } = await database.query<{ id: string }>(
    `select id from video_platform.videos where origin = 'legacy' and status = 'PUBLISHED' order by created_at, id limit $1`,
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

/** Uploads what has no outcome yet and waits until each upload has one: ready, or failed with a reason. */
export async function upload(plans: readonly PlannedUpload[], { cloud, database, bucket, signal }: UploadOptions): Promise<void> {
  const pending = [];
  for (const plan of plans) if (!(await hasOutcome(plan, database))) pending.push(plan);
  const ends = pending.map(({ key }) => transcodeOf(key, cloud, signal));
  for (const { file, key } of pending) {
    await cloud.s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: createReadStream(file), ContentLength: statSync(file).size }),
      { abortSignal: signal },
    );
  }
  await Promise.all(ends);
}

/** Resolves when the execution that S3's event starts has ended. Its outcome stands in the database. */
function transcodeOf(key: string, { stepFunctions, stateMachines }: UploadOptions['cloud'], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const off = stepFunctions.onExecution((execution) => {
      if (execution.stateMachineArn !== stateMachines.transcode || execution.status === 'RUNNING' || keyOf(execution) !== key) return;
      off();
      resolve();
    });
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

function keyOf({ input }: ExecutionDescription): string | undefined {
  return (JSON.parse(input ?? '{}') as { detail?: { object?: { key?: string } } }).detail?.object?.key;
}

/** An outcome of this very file: what a run before has uploaded and finished is not uploaded again. */
async function hasOutcome({ key, file }: PlannedUpload, database: pg.ClientBase): Promise<boolean> {
  const { rows } = await database.query<{ updated_at: Date }>(
    `select updated_at from video_platform.video_upload where object_key = $1 and status in ('ready', 'failed') order by updated_at desc limit 1`,
    [key],
  );
  return rows[0] !== undefined && rows[0].updated_at >= statSync(file).mtime;
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
