-- Who asked for a handle first is told by the microsecond, as LinkPick's columns may be that fine: rounded to three digits, two that differ count as one, and the last day of
-- time lies beyond its end. Requests on record keep their rounded time until a run opens, which compares them with the legacy rows and queues those that differ.
-- From timestamp(3) to timestamp no table is rewritten. The view that reads the column is taken away for it and made again as it was, so that no step misses it.
do $$
declare
  made_again text;
begin
  perform pg_advisory_xact_lock(hashtextextended('videopick.apply', 0)); -- before any table, as all that applies changes does it
  select format('create view video_platform.channels_prep as %s', pg_get_viewdef(c.oid)) into made_again
  from pg_class c
  where c.relnamespace = 'video_platform'::regnamespace and c.relkind = 'v' and c.relname = 'channels_prep';
  drop view if exists video_platform.channels_prep;

  alter table video_platform.channel_handle_request alter column created_at type timestamp;

  if made_again is not null then
    execute made_again;
  end if;
end
$$;

-- Requests of 120 characters may have been cut, and keep others from what is theirs. Those of rows that became no channel are asked for anew when a run opens; catch-up would
-- not replace them, since the database refuses their rows. Who asks for the same is derived again. Few rows: hardly anybody has such a name.
with cut as (
  delete from video_platform.channel_handle_request r using video_platform.migration_status s
  where char_length(r.handle) = 120 and s.entity_type = 'channel' and s.legacy_id = r.legacy_id and s.status = 'failed'
    and not exists (select from video_platform.channels c where c.user_id = r.legacy_id)
  returning r.legacy_id, r.handle
)
insert into video_platform.change_queue (entity_type, legacy_id)
select 'channel', r.legacy_id
from video_platform.channel_handle_request r
where r.handle in (select cut.handle from cut) and r.legacy_id not in (select cut.legacy_id from cut);
