-- Which handle a legacy user's channel asks for. A name may be asked for by many: the earliest (created_at, legacy_id) gets it plain.
-- Derived from the legacy tables by the channel entity before it is copied; an index on the legacy tables themselves is not ours to make.
create table if not exists video_platform.channel_handle_request (
  legacy_id  varchar(30)  primary key,
  handle     varchar(120) not null,
  created_at timestamp(3) not null
);
create index if not exists channel_handle_request_order_idx
  on video_platform.channel_handle_request (handle, created_at, legacy_id);
