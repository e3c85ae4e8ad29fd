-- What transcoding keeps: uploads under way, and the states of uploads and videos, which move forward only.
create table if not exists video_platform.upload_session (
  id           uuid          primary key,
  video_id     varchar(30)   not null references video_platform.videos (id) on delete cascade,
  bucket       varchar(63)   not null,
  object_key   varchar(1024) not null,          -- temp/<id>/<file>
  s3_upload_id text          not null,
  file_name    varchar(255)  not null,
  content_type varchar(100)  not null,
  size_bytes   bigint        not null check (size_bytes > 0),
  part_bytes   bigint        not null check (part_bytes > 0),
  sha256       varchar(64),                     -- of the whole file, when the client declared it
  status       varchar(20)   not null default 'open' check (status in ('open', 'completed', 'aborted')),
  promoted_key varchar(1024),                   -- originals/<videoId>/<file>
  created_at   timestamptz   not null default now(),
  updated_at   timestamptz   not null default now()
);
create index if not exists upload_session_video_id_idx on video_platform.upload_session (video_id);

alter table video_platform.video_upload
  add column if not exists upload_id        varchar(64),  -- SHA-256 of bucket, key and version: names the jobs' metadata
  add column if not exists progress_percent int not null default 0 check (progress_percent between 0 and 100),
  add column if not exists source           jsonb,        -- facts found by inspection
  add column if not exists estimate         jsonb,        -- {outputMinutes, costUsd} before the job
  add column if not exists actual           jsonb,        -- the same after it
  add column if not exists jobs             jsonb not null default '{}', -- {hls: id, preview: id}
  add column if not exists measured         jsonb,        -- what the output check found
  add column if not exists published_at     timestamptz,
  add column if not exists superseded_at    timestamptz,  -- a newer version plays since
  add column if not exists removed_at       timestamptz;  -- its output was deleted
create unique index if not exists video_upload_upload_id_idx on video_platform.video_upload (upload_id);

alter table video_platform.video_upload drop constraint if exists video_upload_status_check;
alter table video_platform.video_upload add constraint video_upload_status_check
  check (status in ('inspecting', 'encoding', 'checking', 'ready', 'failed', 'cancelled'));
alter table video_platform.videos drop constraint if exists videos_processing_status_check;
alter table video_platform.videos add constraint videos_processing_status_check
  check (processing_status in ('uploaded', 'inspecting', 'encoding', 'checking', 'ready', 'failed', 'cancelled'));
alter table video_platform.videos add column if not exists storyboard_url text;
