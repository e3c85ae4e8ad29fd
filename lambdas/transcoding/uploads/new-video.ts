import { createHash } from 'node:crypto';
import type { DataApi } from '../../data-api/data-api.ts';
import { UPLOADABLE_ID } from '../upload.ts';
import { UploadError } from './upload-faults.ts';

export interface NewVideo {
  readonly channelId: string;
  readonly title: string;
}

const UPLOADABLE = new RegExp(`^${UPLOADABLE_ID}$`);

/** @throws {UploadError} UNKNOWN_VIDEO, UNSUPPORTED_VIDEO_ID */
export async function requireVideo(db: DataApi, videoId: string): Promise<void> {
  const rows = await db.query('select id from video_platform.videos where id = :videoId', { videoId });
  if (rows.length === 0) throw new UploadError('UNKNOWN_VIDEO', { found: videoId });
  if (!UPLOADABLE.test(videoId))
    throw new UploadError('UNSUPPORTED_VIDEO_ID', { found: videoId, expected: 'letters, digits, _ and - alone' });
}

/**
 * The video a file goes to that names none: the one of this title in this channel that waits for this file, or for any since its upload was
 * cancelled; else a new one. Its channel's count moves with it, in the same statement.
 * @throws {UploadError} UNKNOWN_CHANNEL
 */
export async function openVideo(db: DataApi, { channelId, title }: NewVideo, fileName: string, newId: () => string): Promise<string> {
  const channel = await db.query('select id::text as id from video_platform.channels where id = :channelId::uuid', { channelId });
  if (channel.length === 0) throw new UploadError('UNKNOWN_CHANNEL', { found: channelId });
  const [waiting] = await db.query<{ id: string }>(
    `select v.id from video_platform.videos v
     where v.channel_id = :channelId::uuid and v.title = :title and v.origin = 'videopick' and v.processing_status is null
       and not exists (
         select from video_platform.upload_session s where s.video_id = v.id and s.status <> 'aborted' and s.file_name <> :fileName
       )
     order by v.created_at, v.id limit 1`,
    { channelId, title, fileName },
  );
  if (waiting !== undefined) return waiting.id;
  const id = videoIdFrom(newId());
  await db.query(
    `with video as (
       insert into video_platform.videos (id, channel_id, title, status, origin)
       values (:id, :channelId::uuid, :title, 'PRIVATE', 'videopick') on conflict do nothing returning channel_id
     )
     update video_platform.channels c set video_count = c.video_count + 1 from video where c.id = video.channel_id`,
    { id, channelId, title },
  );
  return id;
}

/** LinkPick's ids are `c…` of 25 characters; `v…` of 25 cannot be one of them. */
function videoIdFrom(uuid: string): string {
  return `v${createHash('sha256').update(uuid).digest('hex').slice(0, 24)}`;
}
