import type { DataApi, Row } from '../data-api/data-api.ts';
import { type RejectionCode, rejections } from '../transcoding/reasons.ts';
import { explain } from './movement.ts';
import type { Status, VideoStatus } from './status.ts';
import { STATUS_SQL } from './status-sql.ts';

type StoredVideo = Omit<VideoStatus, 'reason'> & { readonly reasonCode: string | null };

interface StatusRow extends Row {
  readonly status: Omit<Status, 'videos' | 'movement'> & { readonly videos: readonly StoredVideo[] };
}

/** How migration and uploads stand: one statement, so one snapshot, and below 200 KiB however much data there is. */
export async function readStatus(db: DataApi): Promise<Status> {
  const [row] = await db.query<StatusRow>(STATUS_SQL);
  if (row === undefined) throw new Error('the status statement answered no row; expected one');
  return { ...row.status, movement: explain(row.status), videos: row.status.videos.map(withReason) };
}

function withReason({ reasonCode, ...video }: StoredVideo): VideoStatus {
  return { ...video, reason: reasonCode === null ? null : { code: reasonCode, ...sentencesOf(reasonCode) } };
}

/** A code that this version does not know was written by another one: the code itself is then all there is to say. */
function sentencesOf(code: string): { ko: string; en: string } {
  return code in rejections ? rejections[code as RejectionCode] : { ko: code, en: code };
}
