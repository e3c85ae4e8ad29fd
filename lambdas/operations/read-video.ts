import { z } from 'zod';
import type { DataApi, Row } from '../data-api/data-api.ts';
import { RefusedRequestError } from './errors.ts';
import type { VideoStatus } from './status.ts';
import { VIDEO_SQL } from './status-videos-sql.ts';
import { type StoredVideo, videoStatus } from './stored-video.ts';

/** Of a deep link, so it may be anything. */
export const VideoQuery = z.strictObject({ id: z.string().min(1).max(200) });
export type VideoQuery = z.output<typeof VideoQuery>;

interface VideoRow extends Row {
  readonly video: StoredVideo;
}

/**
 * One video for its deep link: the status lists the latest only.
 * @throws {RefusedRequestError} 404 when the id names neither a video nor an upload
 */
export async function readVideo(db: DataApi, { id }: VideoQuery): Promise<VideoStatus> {
  const [row] = await db.query<VideoRow>(VIDEO_SQL, { id });
  if (row === undefined) throw new RefusedRequestError(404, `there is no video "${id}"; take its address from the list`);
  return videoStatus(row.video);
}
