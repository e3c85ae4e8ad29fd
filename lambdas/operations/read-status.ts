import type { DataApi, Row } from '../data-api/data-api.ts';
import { explain } from './movement.ts';
import type { Status } from './status.ts';
import { STATUS_SQL } from './status-sql.ts';
import { type StoredVideo, videoStatus } from './stored-video.ts';

interface StatusRow extends Row {
  readonly status: Omit<Status, 'videos' | 'movement'> & { readonly videos: readonly StoredVideo[] };
}

/** How migration and uploads stand: one statement, so one snapshot, and below 200 KiB however much data there is. */
export async function readStatus(db: DataApi): Promise<Status> {
  const [row] = await db.query<StatusRow>(STATUS_SQL);
  if (row === undefined) throw new Error('the status statement answered no row; expected one');
  return { ...row.status, movement: explain(row.status), videos: row.status.videos.map(videoStatus) };
}
