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
  sha256       varchar(64),                     -- of all parts' digests, as S3 writes it (base64, '-', parts); set when the parts were joined
  promotion_id text,                            -- the multipart upload under originals/ that the copy goes on with
  status       varchar(20)   not null default 'open' check (status in ('open', 'completed', 'aborted')),
  promoted_key varchar(1024),                   -- originals/<videoId>/<file>
  completing_by    uuid,                        -- the request that joins and copies, one at a time
  completing_until timestamptz,                 -- it has ended by then
  created_at   timestamptz   not null default now(),
  updated_at   timestamptz   not null default now()
);
create index if not exists upload_session_video_id_idx on video_platform.upload_session (video_id);
create unique index if not exists upload_session_open_idx on video_platform.upload_session (video_id, file_name, size_bytes, content_type)
  where status = 'open'; -- the same file for the same video is found again, not opened twice

alter table video_platform.video_upload
  add column if not exists upload_id        varchar(64),  -- SHA-256 of bucket, key and version: names the jobs' metadata
  add column if not exists uploaded_at      timestamptz not null default now(), -- when the object arrived, by S3's event: decides which upload is newer
  add column if not exists sequencer        varchar(64) not null default '',    -- S3's, padded: the order within one second
  add column if not exists retryable        boolean not null default false,     -- a repeated event may claim it again: its failure was not the file's
  add column if not exists progress_percent int not null default 0 check (progress_percent between 0 and 100),
  add column if not exists source           jsonb,        -- facts found by inspection
  add column if not exists estimate         jsonb,        -- before the jobs, by job: {hls: {outputMinutes, costUsd}, preview}
  add column if not exists actual           jsonb,        -- the same after them
  add column if not exists jobs             jsonb not null default '{}', -- {hls: id, preview: id}
  add column if not exists measured         jsonb,        -- what the output check found
  add column if not exists published_at     timestamptz,
  add column if not exists superseded_at    timestamptz,  -- a newer version plays since
  add column if not exists removed_at       timestamptz;  -- its output was deleted
create unique index if not exists video_upload_upload_id_idx on video_platform.video_upload (upload_id);
create index if not exists video_upload_execution_arn_idx on video_platform.video_upload (execution_arn);

alter table video_platform.video_upload drop constraint if exists video_upload_status_check;
alter table video_platform.video_upload add constraint video_upload_status_check
  check (status in ('uploaded', 'inspecting', 'encoding', 'checking', 'ready', 'failed', 'cancelled'));
alter table video_platform.videos drop constraint if exists videos_processing_status_check;
alter table video_platform.videos add constraint videos_processing_status_check
  check (processing_status in ('uploaded', 'inspecting', 'encoding', 'checking', 'ready', 'failed', 'cancelled'));
alter table video_platform.videos add column if not exists storyboard_url text;

-- How far a state is; the last ones are equally far.
create or replace function video_platform.processing_rank(status text) returns int language sql immutable as $$
  select case status when 'uploaded' then 1 when 'inspecting' then 2 when 'encoding' then 3 when 'checking' then 4 else 5 end
$$;

-- An upload moves forward only. Back to 'inspecting' leads one way: another execution takes over from one that has ended, and of an upload that
-- has an outcome only when that was no fault of the file.
create or replace function video_platform.forward_upload() returns trigger language plpgsql as $$
begin
  if new.status = old.status and new.execution_arn = old.execution_arn then return new; end if;
  if video_platform.processing_rank(old.status) < 5 and video_platform.processing_rank(new.status) > video_platform.processing_rank(old.status) then
    return new;
  end if;
  if new.status = 'inspecting' and new.execution_arn <> old.execution_arn
    and (video_platform.processing_rank(old.status) < 5 or (old.status in ('failed', 'cancelled') and old.retryable)) then
    return new;
  end if;
  raise exception 'the upload % cannot go from % to %; uploads move forward only (docs/decisions/0013-an-uploads-life.md)',
    old.upload_id, old.status, new.status using errcode = 'check_violation';
end
$$;
create or replace trigger video_upload_forward before update on video_platform.video_upload
  for each row execute function video_platform.forward_upload();

-- A video without a playing output follows its newest upload. 'ready' is publishing's own: it comes with the output's addresses.
create or replace function video_platform.follow_upload() returns trigger language plpgsql as $$
begin
  if new.status = 'ready' then return null; end if;
  update video_platform.videos v set processing_status = new.status
  where v.id = new.video_id and v.video_url is null and v.processing_status is distinct from new.status
    and not exists (
      select from video_platform.video_upload newer
      where newer.video_id = new.video_id and (newer.uploaded_at, newer.sequencer, newer.version) > (new.uploaded_at, new.sequencer, new.version)
    );
  return null;
end
$$;
create or replace trigger video_upload_followed after insert or update on video_platform.video_upload
  for each row execute function video_platform.follow_upload();

-- A video moves forward, too. It starts over with a newer upload, and what plays stays 'ready'.
create or replace function video_platform.forward_video() returns trigger language plpgsql as $$
begin
  if new.processing_status is not distinct from old.processing_status then return new; end if;
  if old.processing_status is null or (new.processing_status = 'ready' and new.video_url is not null) then return new; end if;
  if new.processing_status is not null and new.video_url is null then
    if video_platform.processing_rank(old.processing_status) < video_platform.processing_rank(new.processing_status) then return new; end if;
    if old.processing_status in ('failed', 'cancelled') and new.processing_status = 'uploaded' then return new; end if;
    if exists (
      select from (
        select status from video_platform.video_upload where video_id = new.id order by uploaded_at desc, sequencer desc, version desc limit 1
      ) newest where newest.status = new.processing_status
    ) then return new; end if;
  end if;
  raise exception 'the video % cannot go from % to %; videos move forward, or follow a newer upload (docs/decisions/0013-an-uploads-life.md)',
    old.id, old.processing_status, new.processing_status using errcode = 'check_violation';
end
$$;
create or replace trigger videos_forward before update of processing_status on video_platform.videos
  for each row execute function video_platform.forward_video();
