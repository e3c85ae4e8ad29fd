import { identity } from '../../lambdas/transcoding/upload.ts';
import { emptyVideoPlatform } from '../support/database-content.ts';
import { createMigrationDatabase, type MigrationDatabase } from '../support/migration-database.ts';
import { executionArn, upload } from './uploads.ts';

/** How a video reads after transcoding has worked on it. */
export interface VideoRow extends Record<string, unknown> {
  readonly processing_status: string | null;
  readonly video_url: string | null;
}

export interface TranscodingDatabase extends MigrationDatabase {
  /** Empties all tables and makes channel and video `v1`. */
  reset(): Promise<void>;
  uploads(): Promise<Record<string, unknown>[]>;
  video(id?: string): Promise<VideoRow | undefined>;
  /** What transcoding does not own: nothing of it may change the rest of the row. */
  playing(fields?: { videoUrl?: string; thumbnailUrl?: string }): Promise<void>;
  /** Puts an upload in a state, as an execution left it. */
  claim(status: string, arn?: string, of?: Partial<ReturnType<typeof upload>>): Promise<void>;
}

const CHANNEL = '00000000-0000-8000-8000-000000000001';

export async function createTranscodingDatabase(): Promise<TranscodingDatabase> {
  const database = await createMigrationDatabase();
  return {
    ...database,
    reset: async () => {
      await emptyVideoPlatform(database);
      await database.query(
        `insert into video_platform.users (id, email, name, user_type) values ('u', 'u@example.com', '이름', 'CREATOR')`,
      );
      await database.query(`insert into video_platform.channels (id, user_id, name, handle) values ('${CHANNEL}', 'u', '채널', '채널')`);
      await database.query(
        `insert into video_platform.videos (id, channel_id, title, status, thumbnail_url)
         values ('v1', '${CHANNEL}', '영상', 'PUBLISHED', 'https://old.example/t.png')`,
      );
    },
    uploads: () =>
      database.query(
        `select object_key, version, video_id, execution_arn, status, reason_code, reason, output_prefix, renditions, progress_percent,
           retryable, superseded_at is not null as superseded, removed_at is not null as removed
         from video_platform.video_upload order by uploaded_at, version`,
      ),
    video: async (id = 'v1') =>
      (
        await database.query<VideoRow>(
          `select video_url, thumbnail_url, processing_status, duration_seconds::float as duration, resolution,
             file_size_bytes::int as bytes, published_at is not null as published from video_platform.videos where id = $1`,
          [id],
        )
      )[0],
    playing: async ({ videoUrl = '/encoded/v1/old/index.m3u8', thumbnailUrl = '/thumbnails/v1/old/poster.jpg' } = {}) => {
      await database.query(
        `update video_platform.videos set video_url = $1, thumbnail_url = $2, processing_status = 'ready', duration_seconds = 7,
           resolution = '640x360', file_size_bytes = 70 where id = 'v1'`,
        [videoUrl, thumbnailUrl],
      );
    },
    claim: async (status, arn = executionArn(), of = {}) => {
      const { bucket, key, version, videoId } = upload(of);
      await database.query(
        `insert into video_platform.video_upload (bucket, object_key, version, upload_id, video_id, execution_arn, status, uploaded_at)
         values ($1, $2, $3, $4, $5, $6, $7, '2026-11-23T00:00:00Z')`,
        [bucket, key, version, identity({ bucket, key, version }), videoId, arn, status],
      );
    },
  };
}
