-- When a file was announced has a column of its own. It was kept in updated_at, which follows the campaign: the migration compares and sets it.
alter table video_platform.videos add column if not exists announced_at timestamptz; -- by the upload API, last; null once that was taken back
-- Few rows: files on their way right now. Their time may have been overwritten, so each is given its whole time again.
update video_platform.videos set announced_at = now() where processing_status = 'uploaded' and announced_at is null;
create index if not exists videos_announced_idx on video_platform.videos (announced_at) where processing_status = 'uploaded';
drop index if exists video_platform.videos_uploaded_idx;
