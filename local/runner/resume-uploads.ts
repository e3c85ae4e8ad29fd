import { HeadObjectCommand, NotFound } from '@aws-sdk/client-s3';
import type pg from 'pg';
import type { Cloud } from '../cloud/start-cloud.ts';

export interface ResumeOptions {
  readonly cloud: {
    readonly s3: Pick<Cloud['s3'], 'send'>;
    readonly stepFunctions: { startExecution(execution: Parameters<Cloud['stepFunctions']['startExecution']>[0]): unknown };
    readonly stateMachines: Cloud['stateMachines'];
  };
  readonly database: pg.ClientBase;
  /** Keys of uploads that are sent again by themselves. */
  readonly except: readonly string[];
}

interface UploadRow {
  readonly bucket: string;
  readonly object_key: string;
  /** The ETag: an object has no versions here (docs/parity.md). */
  readonly version: string;
  readonly execution_arn: string;
  readonly status: string;
  readonly uploaded_at: Date;
}

const UNFINISHED = ['uploaded', 'inspecting', 'encoding', 'checking'];

/**
 * Starts again what a killed laptop left in the middle: in the cloud executions outlive everything, here they do not. Under its old name an execution
 * finds its own claim and, by their tokens, the jobs that MediaConvert's stand-in has run on with, so that nothing is encoded twice. One that was checking its output gets
 * a new name and takes over, since states do not move back. An upload whose object is gone is left to the sweep. Answers how many were started.
 */
export async function resumeUploads({ cloud, database, except }: ResumeOptions): Promise<number> {
  // A claim whose execution is not known is given time to become known, which none of these needs: no execution outlives the laptop.
  await database.query(`update video_platform.video_upload set updated_at = updated_at - interval '1 hour' where status = any($1)`, [
    UNFINISHED,
  ]);
  const { rows } = await database.query<UploadRow>(
    `select bucket, object_key, version, execution_arn, status, uploaded_at from video_platform.video_upload
     where status = any($1) and object_key <> all($2)
     order by uploaded_at, sequencer`,
    [UNFINISHED, except],
  );
  let resumed = 0;
  for (const { bucket, object_key: key, version: etag, execution_arn: arn, status, uploaded_at: uploadedAt } of rows) {
    const size = await sizeOf(cloud.s3, bucket, key);
    if (size === undefined) continue;
    cloud.stepFunctions.startExecution({
      stateMachineArn: cloud.stateMachines.transcode ?? '',
      ...(status === 'checking' ? {} : { name: arn.slice(arn.lastIndexOf(':') + 1) }),
      input: { time: uploadedAt.toISOString(), detail: { bucket: { name: bucket }, object: { key, size, etag } } },
    });
    resumed += 1;
  }
  return resumed;
}

async function sizeOf(s3: ResumeOptions['cloud']['s3'], bucket: string, key: string): Promise<number | undefined> {
  try {
    return (await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))).ContentLength;
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}
