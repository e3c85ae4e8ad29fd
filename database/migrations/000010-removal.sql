-- What the sweep of videos remembers: deletions under way, videos that are gone, and how to show a video again whose row came back.
alter table video_platform.video_upload
  add column if not exists shown            jsonb,       -- what publishing wrote on the video, by the video's columns
  add column if not exists video_missing_at timestamptz, -- since when the sweep has found no video
  add column if not exists removing_at      timestamptz; -- its output is being deleted: nobody may write to it
create index if not exists videos_uploaded_idx on video_platform.videos (updated_at) where processing_status = 'uploaded';

-- As in 000007, and one way back: a file that was announced and never came takes its announcement back.
create or replace function video_platform.forward_video() returns trigger language plpgsql as $$
begin
  if new.processing_status is not distinct from old.processing_status then return new; end if;
  if old.processing_status is null or (new.processing_status = 'ready' and new.video_url is not null) then return new; end if;
  if new.processing_status is null and old.processing_status = 'uploaded'
    and not exists (select from video_platform.video_upload where video_id = new.id) then return new; end if;
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
