-- One row per uploaded object version: the guard that makes one upload one encode, and where a rejected upload keeps its reason.
create table if not exists video_platform.video_upload (
  bucket        varchar(63)   not null,
  object_key    varchar(1024) not null,
  version       varchar(128)  not null, -- the object's version id, or its ETag where the bucket keeps no versions
  video_id      varchar(64)   not null, -- as the key names it; the video may not exist
  execution_arn text          not null, -- who works on it
  status        varchar(20)   not null check (status in ('inspecting', 'encoding', 'ready', 'failed')),
  reason_code   varchar(50),
  reason        text,
  output_prefix text,                   -- encoded/<videoId>/<version>
  renditions    jsonb,                  -- [{name, width, height}], tallest first
  created_at    timestamptz   not null default now(),
  updated_at    timestamptz   not null default now(),
  primary key (bucket, object_key, version)
);
create index if not exists video_upload_video_id_idx on video_platform.video_upload (video_id);
