import { GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { DataApi, Row } from '../data-api/data-api.ts';
import { RefusedRequestError } from './errors.ts';

/** The query of `GET /api/report`. */
export const ReportQuery = z.strictObject({ run: z.uuid() });
export type ReportQuery = z.output<typeof ReportQuery>;

export interface ReportDependencies {
  readonly db: DataApi;
  readonly s3: Pick<S3Client, 'send'>;
  readonly reportBucket: string;
}

/** A run's report as the page that was written when it closed. Which object that is, the run's row says, never the request. */
export async function readReport({ db, s3, reportBucket }: ReportDependencies, { run }: ReportQuery): Promise<string> {
  const [found] = await db.query<Row & { report_key: string | null }>(
    'select report_key from video_platform.migration_run where id = :run::uuid',
    { run },
  );
  if (found === undefined) throw new RefusedRequestError(404, 'there is no such run');
  if (found.report_key === null) throw new RefusedRequestError(404, 'this run has no report: it is written when a run is closed');
  const page = await readObject(s3, reportBucket, found.report_key.replace(/\.json$/, '.html'));
  if (page === undefined) throw new RefusedRequestError(404, 'the report of this run is no longer kept');
  return page;
}

/** Without leave to list the bucket, S3 answers a missing object with AccessDenied; that and a missing grant are for the log to tell apart. */
async function readObject(s3: ReportDependencies['s3'], Bucket: string, Key: string): Promise<string | undefined> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
    return await Body?.transformToString('utf8');
  } catch (error) {
    if (error instanceof NoSuchKey) return undefined;
    throw error;
  }
}
