create view video_platform.users_prep as
select l.id as legacy_id,
  l.id as id,
  l.email as email,
  l.name as name,
  case l.type when 'BUSINESS' then 'ADVERTISER' when 'INFLUENCER' then 'CREATOR' when 'ADMIN' then 'ADMIN' end as user_type,
  l.status as status,
  l.last_login_at at time zone interval '0' as last_login_at,
  l.created_at at time zone interval '0' as created_at,
  l.updated_at at time zone interval '0' as updated_at,
  l.xmin as source_version,
  case
    when l.id = '' then jsonb_build_object('class', 'UNSUPPORTED_VALUE', 'column', 'id', 'value', left(l.id::text, 100))
    when position(U&'\FDD0' in l.id) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'id', 'value', null)
    when position(U&'\FDD0' in l.email) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'email', 'value', null)
    when position(U&'\FDD0' in l.name) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'name', 'value', null)
    when l.type is null or l.type not in ('BUSINESS', 'INFLUENCER', 'ADMIN') then jsonb_build_object('class', 'UNKNOWN_VALUE', 'column', 'type', 'value', left(l.type::text, 100))
    when position(U&'\FDD0' in l.status) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'status', 'value', null)
  end as reason
from public.users l;

create function video_platform.waits_for_user(awaited_id text) returns boolean language plpgsql stable as $$
begin
  return exists (
    select from video_platform.users_prep awaited
    where awaited.legacy_id = awaited_id and coalesce(awaited.reason ->> 'class', 'WAITING') = 'WAITING'
  ) and not exists (
    select from video_platform.migration_status s
    where s.entity_type = 'user' and s.legacy_id = awaited_id and s.status = 'failed'
  );
end
$$;

create view video_platform.channels_prep as
select l.id as legacy_id,
  overlay(overlay(md5('videopick.channel.' || l.id) placing '8' from 13) placing '8' from 17)::uuid as id,
  user_ref.id as user_id,
  case when p.name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]' then btrim(p.name, E' \t\r\n\u00a0\u3000') else l.name end as name,
  case when (
      select first.legacy_id from video_platform.channel_handle_request first
      where first.handle = handle_request.handle order by first.created_at, first.legacy_id limit 1 -- by its index, whatever the planner believes of namesakes
    ) is distinct from handle_request.legacy_id or handle_request.handle is null
    then coalesce(handle_request.handle, l.id) || '-' || substr(md5(l.id), 1, 12) else handle_request.handle end as handle,
  p.bio as description,
  p.profile_image as avatar_url,
  l.created_at at time zone interval '0' as created_at,
  greatest(l.updated_at, p.updated_at) at time zone interval '0' as updated_at,
  null::xid as source_version,
  case
    when l.id = '' then jsonb_build_object('class', 'UNSUPPORTED_VALUE', 'column', 'id', 'value', left(l.id::text, 100))
    when position(U&'\FDD0' in l.id) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'id', 'value', null)
    when user_ref.id is null then jsonb_build_object('class', case when video_platform.waits_for_user(l.id) then 'WAITING' else 'MISSING_REFERENCE' end, 'column', 'id', 'value', left(l.id::text, 100))
    when position(U&'\FDD0' in case when p.name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]' then btrim(p.name, E' \t\r\n\u00a0\u3000') else l.name end) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'name', 'value', null)
    when position(U&'\FDD0' in p.bio) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'bio', 'value', null)
    when position(U&'\FDD0' in p.profile_image) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'profile_image', 'value', null)
  end as reason
from public.users l
join public.profiles p on p.user_id = l.id
left join video_platform.users user_ref on user_ref.id = l.id
left join video_platform.channel_handle_request handle_request on handle_request.legacy_id = l.id
where l.type in ('INFLUENCER', 'BUSINESS');

create function video_platform.waits_for_channel(awaited_id text) returns boolean language plpgsql stable as $$
begin
  return exists (
    select from video_platform.channels_prep awaited
    where awaited.legacy_id = awaited_id and coalesce(awaited.reason ->> 'class', 'WAITING') = 'WAITING'
  ) and not exists (
    select from video_platform.migration_status s
    where s.entity_type = 'channel' and s.legacy_id = awaited_id and s.status = 'failed'
  );
end
$$;

create view video_platform.channel_settings_prep as
select l.id as legacy_id,
  l.id as id,
  channel_ref.id as channel_id,
  l.company_name as company_name,
  l.company_intro as company_intro,
  l.business_number as business_number,
  l.website as website,
  l.created_at at time zone interval '0' as created_at,
  l.updated_at at time zone interval '0' as updated_at,
  l.xmin as source_version,
  case
    when l.id = '' then jsonb_build_object('class', 'UNSUPPORTED_VALUE', 'column', 'id', 'value', left(l.id::text, 100))
    when position(U&'\FDD0' in l.id) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'id', 'value', null)
    when channel_ref.id is null then jsonb_build_object('class', case when video_platform.waits_for_channel(l.user_id) then 'WAITING' else 'MISSING_REFERENCE' end, 'column', 'user_id', 'value', left(l.user_id::text, 100))
    when position(U&'\FDD0' in l.company_name) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'company_name', 'value', null)
    when position(U&'\FDD0' in l.company_intro) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'company_intro', 'value', null)
    when position(U&'\FDD0' in l.business_number) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'business_number', 'value', null)
    when position(U&'\FDD0' in l.website) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'website', 'value', null)
  end as reason
from public.business_profiles l
left join video_platform.channels channel_ref on channel_ref.user_id = l.user_id;

create view video_platform.videos_prep as
select l.id as legacy_id,
  l.id as id,
  channel_ref.id as channel_id,
  l.title as title,
  l.description as description,
  l.thumbnail_image_url as thumbnail_url,
  coalesce(l.view_count, 0) as view_count,
  case l.status when 'DRAFT' then 'PRIVATE' when 'ACTIVE' then 'PUBLISHED' when 'PAUSED' then 'UNLISTED' when 'COMPLETED' then 'PUBLISHED' end as status,
  (
      select case
        when octet_length(packed) <= 2000 and length(array_to_tsvector(array_remove(pieces, ''))) = cardinality(pieces) then pieces
        when cardinality(pieces) <= 32 then array(
          select tag from (select unnest(pieces) as tag, generate_subscripts(pieces, 1) as position) few
          where tag <> '' and array_position(pieces, tag) = position)
        else array(select tag from unnest(pieces) with ordinality as many (tag, position) where tag <> '' group by tag order by min(position))
      end
      from (
        select packed, case when packed ~ '^ |, | ,| $|[\u0001-\u001f\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]'
          then array(select btrim(unnest(string_to_array(packed, ',')), U&'\0001\0002\0003\0004\0005\0006\0007\0008\0009\000a\000b\000c\000d\000e\000f\0010\0011\0012\0013\0014\0015\0016\0017\0018\0019\001a\001b\001c\001d\001e\001f\0020\007f\0080\0081\0082\0083\0084\0085\0086\0087\0088\0089\008a\008b\008c\008d\008e\008f\0090\0091\0092\0093\0094\0095\0096\0097\0098\0099\009a\009b\009c\009d\009e\009f\00a0\00ad\034f\061c\115f\1160\1680\17b4\17b5\180b\180c\180d\180e\180f\2000\2001\2002\2003\2004\2005\2006\2007\2008\2009\200a\200b\200c\200d\200e\200f\2028\2029\202a\202b\202c\202d\202e\202f\205f\2060\2061\2062\2063\2064\2065\2066\2067\2068\2069\206a\206b\206c\206d\206e\206f\2800\3000\3164\feff\ffa0\fff9\fffa\fffb'))
          else array_remove(string_to_array(packed, ','), '')
        end as pieces
        from (select replace(replace(coalesce(l.hashtags, ''), '#', ''), ', ', ',') as packed offset 0) once -- computed once
        offset 0
      ) trimmed
    ) as tags,
  json_object('status' value l.status, 'budget' value l.budget, 'startDate' value l.start_date, 'endDate' value l.end_date returning jsonb) as campaign,
  l.created_at at time zone interval '0' as published_at,
  l.created_at at time zone interval '0' as created_at,
  l.updated_at at time zone interval '0' as updated_at,
  l.xmin as source_version,
  case
    when l.id = '' then jsonb_build_object('class', 'UNSUPPORTED_VALUE', 'column', 'id', 'value', left(l.id::text, 100))
    when position(U&'\FDD0' in l.id) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'id', 'value', null)
    when channel_ref.id is null then jsonb_build_object('class', case when video_platform.waits_for_channel(l.business_id) then 'WAITING' else 'MISSING_REFERENCE' end, 'column', 'business_id', 'value', left(l.business_id::text, 100))
    when position(U&'\FDD0' in l.title) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'title', 'value', null)
    when position(U&'\FDD0' in l.description) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'description', 'value', null)
    when position(U&'\FDD0' in l.thumbnail_image_url) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'thumbnail_image_url', 'value', null)
    when l.view_count < 0 then jsonb_build_object('class', 'UNSUPPORTED_VALUE', 'column', 'view_count', 'value', left(l.view_count::text, 100))
    when l.status is null or l.status not in ('DRAFT', 'ACTIVE', 'PAUSED', 'COMPLETED') then jsonb_build_object('class', 'UNKNOWN_VALUE', 'column', 'status', 'value', left(l.status::text, 100))
    when position(U&'\FDD0' in l.hashtags) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'hashtags', 'value', null)
  end as reason
from public.campaigns l
left join video_platform.channels channel_ref on channel_ref.user_id = l.business_id;

create function video_platform.waits_for_video(awaited_id text) returns boolean language plpgsql stable as $$
begin
  return exists (
    select from video_platform.videos_prep awaited
    where awaited.legacy_id = awaited_id and coalesce(awaited.reason ->> 'class', 'WAITING') = 'WAITING'
  ) and not exists (
    select from video_platform.migration_status s
    where s.entity_type = 'video' and s.legacy_id = awaited_id and s.status = 'failed'
  );
end
$$;

create function video_platform.sum_up_video(after_key text, chunk_rows bigint) returns setof text language plpgsql as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('videopick.apply', 0));
  return query with chunk as materialized (
  select id, video_count, view_count from video_platform.channels where after_key::text is null or id > after_key::uuid order by id limit chunk_rows::int
),
summed as (
  update video_platform.channels c
  set video_count = sums.video_count, view_count = sums.view_count
  from (
    select chunk.id, count(v.id) as video_count, coalesce(sum(v.view_count), 0) as view_count, chunk.video_count as videos_before, chunk.view_count as views_before
    from chunk left join video_platform.videos v on v.channel_id = chunk.id
    group by chunk.id, chunk.video_count, chunk.view_count
  ) sums
  where sums.id = c.id and (c.video_count, c.view_count) is distinct from (sums.video_count, sums.view_count)
    and (c.video_count, c.view_count) = (sums.videos_before, sums.views_before) -- not over what somebody has counted meanwhile
)
select case when count(*) = chunk_rows::int then (array_agg(id order by id desc))[1]::text end as next_key from chunk;
end
$$;

create view video_platform.video_submissions_prep as
select l.id as legacy_id,
  l.id as id,
  video_ref.id as video_id,
  user_ref.id as user_id,
  l.message as message,
  case l.status when 'PENDING' then 'PENDING' when 'APPROVED' then 'APPROVED' when 'REJECTED' then 'REJECTED' when 'COMPLETED' then 'COMPLETED' end as status,
  l.created_at at time zone interval '0' as created_at,
  l.updated_at at time zone interval '0' as updated_at,
  l.xmin as source_version,
  case
    when l.id = '' then jsonb_build_object('class', 'UNSUPPORTED_VALUE', 'column', 'id', 'value', left(l.id::text, 100))
    when position(U&'\FDD0' in l.id) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'id', 'value', null)
    when video_ref.id is null then jsonb_build_object('class', case when video_platform.waits_for_video(l.campaign_id) then 'WAITING' else 'MISSING_REFERENCE' end, 'column', 'campaign_id', 'value', left(l.campaign_id::text, 100))
    when user_ref.id is null then jsonb_build_object('class', case when video_platform.waits_for_user(l.influencer_id) then 'WAITING' else 'MISSING_REFERENCE' end, 'column', 'influencer_id', 'value', left(l.influencer_id::text, 100))
    when position(U&'\FDD0' in l.message) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'message', 'value', null)
    when l.status is null or l.status not in ('PENDING', 'APPROVED', 'REJECTED', 'COMPLETED') then jsonb_build_object('class', 'UNKNOWN_VALUE', 'column', 'status', 'value', left(l.status::text, 100))
  end as reason
from public.campaign_applications l
left join video_platform.videos video_ref on video_ref.id = l.campaign_id
left join video_platform.users user_ref on user_ref.id = l.influencer_id;

create view video_platform.watch_later_prep as
select l.id as legacy_id,
  l.id as id,
  user_ref.id as user_id,
  video_ref.id as video_id,
  l.created_at at time zone interval '0' as created_at,
  l.xmin as source_version,
  case
    when l.id = '' then jsonb_build_object('class', 'UNSUPPORTED_VALUE', 'column', 'id', 'value', left(l.id::text, 100))
    when position(U&'\FDD0' in l.id) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'id', 'value', null)
    when user_ref.id is null then jsonb_build_object('class', case when video_platform.waits_for_user(l.user_id) then 'WAITING' else 'MISSING_REFERENCE' end, 'column', 'user_id', 'value', left(l.user_id::text, 100))
    when video_ref.id is null then jsonb_build_object('class', case when video_platform.waits_for_video(l.campaign_id) then 'WAITING' else 'MISSING_REFERENCE' end, 'column', 'campaign_id', 'value', left(l.campaign_id::text, 100))
  end as reason
from public.saved_campaigns l
left join video_platform.users user_ref on user_ref.id = l.user_id
left join video_platform.videos video_ref on video_ref.id = l.campaign_id;

create view video_platform.video_analytics_prep as
select l.id as legacy_id,
  l.id as id,
  video_ref.id as video_id,
  case when not (l.created_at >= timestamp '294276-12-31 15:00' and isfinite(l.created_at)) then ((l.created_at at time zone interval '0') at time zone 'Asia/Seoul')::date end as day,
  coalesce(l.view_count, 0) as views,
  l.xmin as source_version,
  case
    when l.id = '' then jsonb_build_object('class', 'UNSUPPORTED_VALUE', 'column', 'id', 'value', left(l.id::text, 100))
    when position(U&'\FDD0' in l.id) > 0 then jsonb_build_object('class', 'UNSUPPORTED_TEXT', 'column', 'id', 'value', null)
    when video_ref.id is null then jsonb_build_object('class', case when video_platform.waits_for_video(l.id) then 'WAITING' else 'MISSING_REFERENCE' end, 'column', 'id', 'value', left(l.id::text, 100))
    when l.created_at >= timestamp '294276-12-31 15:00' and isfinite(l.created_at) then jsonb_build_object('class', 'UNSUPPORTED_VALUE', 'column', 'created_at', 'value', left(l.created_at::text, 100))
    when l.view_count < 0 then jsonb_build_object('class', 'UNSUPPORTED_VALUE', 'column', 'view_count', 'value', left(l.view_count::text, 100))
  end as reason
from public.campaigns l
left join video_platform.videos video_ref on video_ref.id = l.id;

create view video_platform.entity_mapping as
select s.entity_type, e.legacy_table::varchar(63) as legacy_table, s.legacy_id, e.new_table::varchar(63) as new_table, s.new_id
from video_platform.migration_status s
join (values ('user', 'users', 'users'), ('channel', 'users', 'channels'), ('channel_setting', 'business_profiles', 'channel_settings'), ('video', 'campaigns', 'videos'), ('video_submission', 'campaign_applications', 'video_submissions'), ('watch_later', 'saved_campaigns', 'watch_later'), ('video_analytics', 'campaigns', 'video_analytics')) e (entity_type, legacy_table, new_table) on e.entity_type = s.entity_type
where s.new_id is not null;

create view video_platform.pending_change as
select entity_type, legacy_id, changed_at from video_platform.change_queue
union all
select s.entity_type, c.legacy_key, c.changed_at from video_platform.change_log c join (values ('user', 'users.id'), ('channel', 'users.id'), ('channel', 'profiles.user_id'), ('channel_setting', 'business_profiles.id'), ('video', 'campaigns.id'), ('video_submission', 'campaign_applications.id'), ('watch_later', 'saved_campaigns.id'), ('video_analytics', 'campaigns.id')) s (entity_type, source) on s.source = c.source;

create view video_platform.migration_dashboard as
with accounts as (
  select 1 as position, 'user'::varchar(50) as entity_type, count(*) as legacy_total,
    count(*) filter (where s.status = 'completed') as completed,
    count(*) filter (where s.status = 'failed') as failed
  from public.users l
  left join video_platform.migration_status s on s.entity_type = 'user' and s.legacy_id = l.id
  union all
  select 2 as position, 'channel'::varchar(50) as entity_type, count(*) as legacy_total,
    count(*) filter (where s.status = 'completed') as completed,
    count(*) filter (where s.status = 'failed') as failed
  from public.users l
join public.profiles p on p.user_id = l.id
  left join video_platform.migration_status s on s.entity_type = 'channel' and s.legacy_id = l.id
  where l.type in ('INFLUENCER', 'BUSINESS')
  union all
  select 3 as position, 'channel_setting'::varchar(50) as entity_type, count(*) as legacy_total,
    count(*) filter (where s.status = 'completed') as completed,
    count(*) filter (where s.status = 'failed') as failed
  from public.business_profiles l
  left join video_platform.migration_status s on s.entity_type = 'channel_setting' and s.legacy_id = l.id
  union all
  select 4 as position, 'video'::varchar(50) as entity_type, count(*) as legacy_total,
    count(*) filter (where s.status = 'completed') as completed,
    count(*) filter (where s.status = 'failed') as failed
  from public.campaigns l
  left join video_platform.migration_status s on s.entity_type = 'video' and s.legacy_id = l.id
  union all
  select 5 as position, 'video_submission'::varchar(50) as entity_type, count(*) as legacy_total,
    count(*) filter (where s.status = 'completed') as completed,
    count(*) filter (where s.status = 'failed') as failed
  from public.campaign_applications l
  left join video_platform.migration_status s on s.entity_type = 'video_submission' and s.legacy_id = l.id
  union all
  select 6 as position, 'watch_later'::varchar(50) as entity_type, count(*) as legacy_total,
    count(*) filter (where s.status = 'completed') as completed,
    count(*) filter (where s.status = 'failed') as failed
  from public.saved_campaigns l
  left join video_platform.migration_status s on s.entity_type = 'watch_later' and s.legacy_id = l.id
  union all
  select 7 as position, 'video_analytics'::varchar(50) as entity_type, count(*) as legacy_total,
    count(*) filter (where s.status = 'completed') as completed,
    count(*) filter (where s.status = 'failed') as failed
  from public.campaigns l
  left join video_platform.migration_status s on s.entity_type = 'video_analytics' and s.legacy_id = l.id
),
latest as (
  select distinct on (e.entity_type) e.entity_type, e.completed + e.quarantined as rows_done,
    extract(epoch from e.updated_at - e.started_at) as seconds, e.updated_at
  from video_platform.migration_run_entity e
  order by e.entity_type, e.started_at desc
)
select a.entity_type,
  a.legacy_total as total,
  a.completed,
  a.failed,
  a.legacy_total - a.completed - a.failed as pending,
  a.legacy_total - a.completed - a.failed as remaining,
  case when a.legacy_total = 0 then 100 else trunc(100.0 * (a.completed + a.failed) / a.legacy_total, 2) end as percent, -- 100 means all of it
  case when l.seconds > 0 then round(l.rows_done / l.seconds) end as rows_per_second,
  case when l.seconds > 0 and l.rows_done > 0
    then make_interval(secs => ceil((a.legacy_total - a.completed - a.failed) * l.seconds / l.rows_done)::float8)::text end as time_left, -- the Data API answers no interval
  -- At the rate of the latest run, were there no limit; and a day's limit at a time, with all entities before this one. A limit
  -- given by hand is one date's; it counts where no other is known.
  case when l.seconds > 0 and l.rows_done > 0
    then now() + make_interval(secs => ceil((a.legacy_total - a.completed - a.failed) * l.seconds / l.rows_done)::float8) end as eta_earliest,
  now() + make_interval(days => case when quota.daily_limit is not null
    then least(ceil(sum(a.legacy_total - a.completed - a.failed) over (order by a.position) / quota.daily_limit), 36500) end::int)
    as eta_latest,
  l.updated_at as last_migrated_at
from accounts a
left join latest l on l.entity_type = a.entity_type
left join (select daily_limit from video_platform.migration_quota order by by_hand, run_date desc limit 1) quota on true
order by a.position;

-- accounts of user, channel, channel_setting, video, video_submission, watch_later, video_analytics
select 'user' as entity, account.* from (
  with chunk as materialized (
    select l.id as legacy_id
    from public.users l
    where (:after::text is null or l.id > :after::text)
    order by l.id
    limit :limit::int
  ),
  ledger as (
    select legacy_id, status from video_platform.migration_status
    where entity_type = 'user' and (:after::text is null or legacy_id > :after::text) and legacy_id <= (select max(legacy_id) from chunk)
  )
  select count(*)::int as total, count(*) filter (where status = 'completed')::int as completed, count(*) filter (where status = 'failed')::int as failed,
    case when count(*) = :limit::int then max(chunk.legacy_id) end as next_key
  from chunk left join ledger on ledger.legacy_id = chunk.legacy_id
) account
union all
select 'channel' as entity, account.* from (
  with chunk as materialized (
    select l.id as legacy_id
    from public.users l
join public.profiles p on p.user_id = l.id
    where l.type in ('INFLUENCER', 'BUSINESS') and (:after::text is null or l.id > :after::text) and (:after::text is null or p.user_id > :after::text)
    order by l.id
    limit :limit::int
  ),
  ledger as (
    select legacy_id, status from video_platform.migration_status
    where entity_type = 'channel' and (:after::text is null or legacy_id > :after::text) and legacy_id <= (select max(legacy_id) from chunk)
  )
  select count(*)::int as total, count(*) filter (where status = 'completed')::int as completed, count(*) filter (where status = 'failed')::int as failed,
    case when count(*) = :limit::int then max(chunk.legacy_id) end as next_key
  from chunk left join ledger on ledger.legacy_id = chunk.legacy_id
) account
union all
select 'channel_setting' as entity, account.* from (
  with chunk as materialized (
    select l.id as legacy_id
    from public.business_profiles l
    where (:after::text is null or l.id > :after::text)
    order by l.id
    limit :limit::int
  ),
  ledger as (
    select legacy_id, status from video_platform.migration_status
    where entity_type = 'channel_setting' and (:after::text is null or legacy_id > :after::text) and legacy_id <= (select max(legacy_id) from chunk)
  )
  select count(*)::int as total, count(*) filter (where status = 'completed')::int as completed, count(*) filter (where status = 'failed')::int as failed,
    case when count(*) = :limit::int then max(chunk.legacy_id) end as next_key
  from chunk left join ledger on ledger.legacy_id = chunk.legacy_id
) account
union all
select 'video' as entity, account.* from (
  with chunk as materialized (
    select l.id as legacy_id
    from public.campaigns l
    where (:after::text is null or l.id > :after::text)
    order by l.id
    limit :limit::int
  ),
  ledger as (
    select legacy_id, status from video_platform.migration_status
    where entity_type = 'video' and (:after::text is null or legacy_id > :after::text) and legacy_id <= (select max(legacy_id) from chunk)
  )
  select count(*)::int as total, count(*) filter (where status = 'completed')::int as completed, count(*) filter (where status = 'failed')::int as failed,
    case when count(*) = :limit::int then max(chunk.legacy_id) end as next_key
  from chunk left join ledger on ledger.legacy_id = chunk.legacy_id
) account
union all
select 'video_submission' as entity, account.* from (
  with chunk as materialized (
    select l.id as legacy_id
    from public.campaign_applications l
    where (:after::text is null or l.id > :after::text)
    order by l.id
    limit :limit::int
  ),
  ledger as (
    select legacy_id, status from video_platform.migration_status
    where entity_type = 'video_submission' and (:after::text is null or legacy_id > :after::text) and legacy_id <= (select max(legacy_id) from chunk)
  )
  select count(*)::int as total, count(*) filter (where status = 'completed')::int as completed, count(*) filter (where status = 'failed')::int as failed,
    case when count(*) = :limit::int then max(chunk.legacy_id) end as next_key
  from chunk left join ledger on ledger.legacy_id = chunk.legacy_id
) account
union all
select 'watch_later' as entity, account.* from (
  with chunk as materialized (
    select l.id as legacy_id
    from public.saved_campaigns l
    where (:after::text is null or l.id > :after::text)
    order by l.id
    limit :limit::int
  ),
  ledger as (
    select legacy_id, status from video_platform.migration_status
    where entity_type = 'watch_later' and (:after::text is null or legacy_id > :after::text) and legacy_id <= (select max(legacy_id) from chunk)
  )
  select count(*)::int as total, count(*) filter (where status = 'completed')::int as completed, count(*) filter (where status = 'failed')::int as failed,
    case when count(*) = :limit::int then max(chunk.legacy_id) end as next_key
  from chunk left join ledger on ledger.legacy_id = chunk.legacy_id
) account
union all
select 'video_analytics' as entity, account.* from (
  with chunk as materialized (
    select l.id as legacy_id
    from public.campaigns l
    where (:after::text is null or l.id > :after::text)
    order by l.id
    limit :limit::int
  ),
  ledger as (
    select legacy_id, status from video_platform.migration_status
    where entity_type = 'video_analytics' and (:after::text is null or legacy_id > :after::text) and legacy_id <= (select max(legacy_id) from chunk)
  )
  select count(*)::int as total, count(*) filter (where status = 'completed')::int as completed, count(*) filter (where status = 'failed')::int as failed,
    case when count(*) = :limit::int then max(chunk.legacy_id) end as next_key
  from chunk left join ledger on ledger.legacy_id = chunk.legacy_id
) account;

-- narrow columns of user: where the target takes less than the projection gives
select * from (
  select t.attname::text as column,
    case when t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
      then t.atttypmod - 4 end as "maxCharacters",
    t.attnotnull and not coalesce(l.attnotnull, true) as "refusesNull"
  from (values ('id', 'id'), ('email', 'email'), ('name', 'name'), ('status', 'status'), ('last_login_at', 'last_login_at'), ('created_at', 'created_at'), ('updated_at', 'updated_at')) carried (target_column, legacy_column)
  join pg_catalog.pg_attribute t on t.attrelid = 'video_platform.users'::regclass and t.attname = carried.target_column
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.users_prep'::regclass and v.attname = carried.target_column
  left join pg_catalog.pg_attribute l on l.attrelid = 'public.users'::regclass and l.attname = carried.legacy_column
) compared
where "maxCharacters" is not null or "refusesNull";

-- forecast user: what pending rows would come to
with chunk as materialized (
  select l.id as legacy_id
  from public.users l
  where (:after::text is null or l.id > :after::text)
  order by l.id
  limit :limit::int
),
pending as (
  select c.legacy_id from chunk c
  where not exists (select from video_platform.migration_status s where s.entity_type = 'user' and s.legacy_id = c.legacy_id)
),
classes as (
  select case
      when l.id = '' then 'UNSUPPORTED_VALUE'
      when position(U&'\FDD0' in l.id) > 0 then 'UNSUPPORTED_TEXT'
      when position(U&'\FDD0' in l.email) > 0 then 'UNSUPPORTED_TEXT'
      when position(U&'\FDD0' in l.name) > 0 then 'UNSUPPORTED_TEXT'
      when l.type is null or l.type not in ('BUSINESS', 'INFLUENCER', 'ADMIN') then 'UNKNOWN_VALUE'
      when position(U&'\FDD0' in l.status) > 0 then 'UNSUPPORTED_TEXT'
      else ''
    end as class, count(*) as rows
  from public.users l
  join pending on pending.legacy_id = l.id
  group by 1
)
select coalesce((select jsonb_object_agg(class, rows) from classes), '{}') as reasons,
  (select max(legacy_id) from chunk having count(*) = :limit::int) as next_key;

-- inflow of user
select round(count(*) / 7.0, 1)::float8 as rows_per_day
from public.users l
where l.created_at > (now() at time zone 'UTC') - interval '7 days' and l.created_at <= now() at time zone 'UTC';

-- copy user: users → users, the next rows of a range after its cursor · the reply carries counts only, never rows
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key, c.upto_key,
    pg_advisory_xact_lock_shared(hashtextextended('videopick.copy', 0)) as copying
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'user' and c.range_no = :range::int
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share of r for update of c
),
ahead as materialized (
  select (
    select s.legacy_id from video_platform.migration_status s
    where s.entity_type = 'user' and s.legacy_id > (select last_key from lease)
    order by s.legacy_id limit 1 -- in this order: by index, whatever the planner believes
  ) is not null as known
),
batch as materialized (
  select l.id as legacy_id
  from public.users l
  where l.id > (select last_key from lease)
    and (not (select known from ahead) or (select s.status from video_platform.migration_status s where s.entity_type = 'user' and s.legacy_id = l.id) is null)
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
inserted as (
  merge into video_platform.users t
  using (
    select p.* from keys keys join video_platform.users_prep p on p.legacy_id = keys.legacy_id
    where p.legacy_id > (select last_key from lease) and p.legacy_id <= (select max(legacy_id) from keys)
    offset 0 -- each value is computed once
  ) p on false
  when not matched and p.reason is null then insert (id, email, name, user_type, status, last_login_at, created_at, updated_at) values (p.id, p.email, p.name, p.user_type, p.status, p.last_login_at, p.created_at, p.updated_at)
  returning p.legacy_id, t.id::text as new_id, p.source_version, row(p.id, p.email, p.name, p.user_type, p.status, p.last_login_at, p.created_at, p.updated_at) is not distinct from row(t.id, t.email, t.name, t.user_type, t.status, t.last_login_at, t.created_at, t.updated_at) as matches
),
refused as materialized (
  select p.legacy_id, p.reason from (select legacy_id from keys except select legacy_id from inserted) keys join video_platform.users_prep p on p.legacy_id = keys.legacy_id
    where p.legacy_id > (select last_key from lease) and p.legacy_id <= (select max(legacy_id) from keys)
    and (select count(*) from inserted) < (select count(*) from keys)
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'user', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, null::jsonb as reason, new_id, source_version from inserted
    union all select legacy_id, reason, null, null from refused) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before,
    not exists (select from inserted where not matches) and not exists (select from refused where reason is null) as matches
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'user' and c.range_no = :range::int and outcome.leased
),
kept as (
  insert into video_platform.migration_batch (batch_key, run_id, entity_type, outcome)
  select :batch::uuid, lease.id, 'user', jsonb_build_object('leased', true, 'request', 'run', 'completed', outcome.completed,
    'quarantined', outcome.quarantined, 'exhausted', outcome.exhausted, 'remaining', outcome.remaining_before - outcome.completed)
  from outcome, lease
)
select leased,
  (select request from video_platform.migration_control) as request,
  completed::int, quarantined::int, leased and exhausted as exhausted,
  coalesce(remaining_before - completed, 0)::int as remaining,
  case
    when not matches then video_platform.abort_statement('VP001', 'the rows stored differ from the rows projected; nothing was copied')
    when quarantined > :aside::int then video_platform.abort_statement('VP003', 'more rows would be set aside than a batch may; nothing was copied')
  end as aborted
from outcome;

-- next key of user
select l.id as key
from public.users l
where l.id > (select last_key from video_platform.migration_cursor where entity_type = 'user' and range_no = :range::int)
  and (select s.status from video_platform.migration_status s where s.entity_type = 'user' and s.legacy_id = l.id) is null
order by l.id
limit 1;

-- set aside user: one row, which the database refused
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key, c.upto_key,
    pg_advisory_xact_lock_shared(hashtextextended('videopick.copy', 0)) as copying
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'user' and c.range_no = :range::int
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share of r for update of c
),
batch as materialized (
  select l.id as legacy_id
  from public.users l
  where l.id > (select last_key from lease)
    and (select s.status from video_platform.migration_status s where s.entity_type = 'user' and s.legacy_id = l.id) is null
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'user', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, null as new_id, null::xid as source_version from (select legacy_id, :reason::jsonb as reason from keys) refused) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before,
    true as matches
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'user' and c.range_no = :range::int and outcome.leased
),
kept as (
  insert into video_platform.migration_batch (batch_key, run_id, entity_type, outcome)
  select :batch::uuid, lease.id, 'user', jsonb_build_object('leased', true, 'request', 'run', 'completed', outcome.completed,
    'quarantined', outcome.quarantined, 'exhausted', outcome.exhausted, 'remaining', outcome.remaining_before - outcome.completed)
  from outcome, lease
)
select leased,
  (select request from video_platform.migration_control) as request,
  completed::int, quarantined::int, leased and exhausted as exhausted,
  coalesce(remaining_before - completed, 0)::int as remaining,
  case
    when not matches then video_platform.abort_statement('VP001', 'the rows stored differ from the rows projected; nothing was copied')
    when quarantined > :aside::int then video_platform.abort_statement('VP003', 'more rows would be set aside than a batch may; nothing was copied')
  end as aborted
from outcome;

-- too long user: the first column of a row that its value does not fit into
with widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'email') as email,
    max(t.atttypmod - 4) filter (where t.attname = 'name') as name,
    max(t.atttypmod - 4) filter (where t.attname = 'status') as status,
    max(t.atttypmod - 4) filter (where t.attname = 'last_login_at') as last_login_at,
    max(t.atttypmod - 4) filter (where t.attname = 'created_at') as created_at,
    max(t.atttypmod - 4) filter (where t.attname = 'updated_at') as updated_at
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.users_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.users'::regclass and t.attname in ('id', 'email', 'name', 'status', 'last_login_at', 'created_at', 'updated_at')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
)
select measured.target_column as column
from video_platform.users_prep p
cross join widths w
cross join lateral (values
  (0, 'id', char_length(p.id::text), w.id),
  (1, 'email', char_length(p.email::text), w.email),
  (2, 'name', char_length(p.name::text), w.name),
  (3, 'status', char_length(p.status::text), w.status),
  (4, 'last_login_at', char_length(p.last_login_at::text), w.last_login_at),
  (5, 'created_at', char_length(p.created_at::text), w.created_at),
  (6, 'updated_at', char_length(p.updated_at::text), w.updated_at)
) measured (position, target_column, characters, width)
where p.legacy_id = :key and measured.characters > measured.width
order by measured.position
limit 1;

-- retry user: quarantined rows not tried in this run
with lease as materialized (
  select r.id from video_platform.migration_run r
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share
),
keys as materialized (
  select s.legacy_id
  from video_platform.migration_status s, lease
  where s.entity_type = 'user' and s.status = 'failed' and s.run_id <> lease.id and (:only::text is null or s.legacy_id = :only::text)
  order by s.legacy_id
  limit :limit::int
  for update of s
),
derived as materialized (
  select p.* from keys join video_platform.users_prep p on p.legacy_id = keys.legacy_id
),
kept as materialized (
  select keys.legacy_id, d.legacy_id is not null and (false) as holds_own
  from keys
  join video_platform.users t on t.id = keys.legacy_id and t.origin = 'legacy'
  left join derived d on d.legacy_id = keys.legacy_id
  where d.legacy_id is null or d.reason is not null
),
widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'email') as email,
    max(t.atttypmod - 4) filter (where t.attname = 'name') as name,
    max(t.atttypmod - 4) filter (where t.attname = 'status') as status,
    max(t.atttypmod - 4) filter (where t.attname = 'last_login_at') as last_login_at,
    max(t.atttypmod - 4) filter (where t.attname = 'created_at') as created_at,
    max(t.atttypmod - 4) filter (where t.attname = 'updated_at') as updated_at
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.users_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.users'::regclass and t.attname in ('id', 'email', 'name', 'status', 'last_login_at', 'created_at', 'updated_at')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
),
projected as materialized (
  select d.legacy_id, d.id, d.email, d.name, d.user_type, d.status, d.last_login_at, d.created_at, d.updated_at, d.source_version,
    case when d.legacy_id in (select kept.legacy_id from kept) then d.reason || case when d.reason ->> 'class' = 'WAITING' then '{"class": "MISSING_REFERENCE"}'::jsonb else '{}' end
      || '{"kept": true, "message": "the row holds what users have put into it: it is served as it was"}'
    when w.narrow and d.reason is null and (
      case when w.id is not null then char_length(d.id::text) > w.id end
      or case when w.email is not null then char_length(d.email::text) > w.email end
      or case when w.name is not null then char_length(d.name::text) > w.name end
      or case when w.status is not null then char_length(d.status::text) > w.status end
      or case when w.last_login_at is not null then char_length(d.last_login_at::text) > w.last_login_at end
      or case when w.created_at is not null then char_length(d.created_at::text) > w.created_at end
      or case when w.updated_at is not null then char_length(d.updated_at::text) > w.updated_at end
    ) then case when video_platform.abort_statement('22001', 'value too long for its column, the blanks at its end counted') then d.reason end
    else d.reason end as reason
  from derived d cross join widths w
),
inserted as (
  insert into video_platform.users as t (id, email, name, user_type, status, last_login_at, created_at, updated_at)
  select id, email, name, user_type, status, last_login_at, created_at, updated_at from projected where reason is null
  on conflict (id) do update set
    id = excluded.id,
    email = excluded.email,
    name = excluded.name,
    user_type = excluded.user_type,
    status = excluded.status,
    last_login_at = excluded.last_login_at,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at,
    origin = case when t.origin = 'legacy' then t.origin else video_platform.refuse_row('a row born on VideoPick has this key') end
  returning hash_record_extended(row(t.id, t.email, t.name, t.user_type, t.status, t.last_login_at, t.created_at, t.updated_at), 0) as fingerprint
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'user', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, case when reason is null then id::text end as new_id, null::xid as source_version
    from projected) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
),
gone as materialized (
  select keys.legacy_id, keys.legacy_id in (select kept.legacy_id from kept) as stands
  from keys where keys.legacy_id not in (select r.legacy_id from recorded r)
),
-- What the database refused to remove stands until it can be removed: catch-up tries again.
queued as (
  insert into video_platform.change_queue (entity_type, legacy_id) select 'user', kept.legacy_id from kept where not kept.holds_own
),
tried_again as (
  update video_platform.migration_status s set run_id = :run::uuid from gone
  where gone.stands and s.entity_type = 'user' and s.legacy_id = gone.legacy_id
),
forgotten as (
  delete from video_platform.migration_status s using gone
  where not gone.stands and s.entity_type = 'user' and s.legacy_id = gone.legacy_id
)
select count(*)::int as tried from keys;

-- refused again user: one row
update video_platform.migration_status s
set run_id = :run::uuid, migrated_at = now(),
  metadata = :reason::jsonb || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
where s.entity_type = 'user' and s.legacy_id = :only and s.status = 'failed' and s.run_id <> :run::uuid;

-- oldest changes of user
with oldest_snapshot as materialized (
  select coalesce(max(age(backend_xmin)), 0) as age
  from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
),
settled as materialized (
  select age from oldest_snapshot
  where not exists (
    select from pg_locks
    where (select age from oldest_snapshot) is not null
      and locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
      and objsubid = 1 and (classid::bigint << 32 | objid::bigint) = hashtextextended('videopick.copy', 0))
),
oldest as materialized (
  select c.id, c.legacy_id, c.changed_at
  from video_platform.change_queue c
  where c.entity_type = 'user'
    and (
      (select age(c.xid) > age from settled)
      or exists (select from video_platform.migration_status s where s.entity_type = 'user' and s.legacy_id = c.legacy_id)
    )
  order by c.id
  limit :limit::int
)
select legacy_id, jsonb_agg(id)::text as ids, extract(epoch from clock_timestamp() - min(changed_at))::float8 as lag_seconds, count(*)::int as changes
from oldest group by legacy_id;

-- oldest changes of user rows in quarantine
with oldest as materialized (
  select c.id, c.legacy_id, c.changed_at
  from video_platform.change_queue c
  join video_platform.migration_status s on s.entity_type = 'user' and s.legacy_id = c.legacy_id and s.status = 'failed'
  where c.entity_type = 'user'
  order by c.id
  limit :limit::int
)
select legacy_id, jsonb_agg(id)::text as ids, extract(epoch from clock_timestamp() - min(changed_at))::float8 as lag_seconds, count(*)::int as changes
from oldest group by legacy_id;

-- known user: rows that are copied or set aside
with keys as materialized (
  select distinct key as legacy_id from jsonb_array_elements_text(:keys::jsonb) key
),
standing as materialized (
  select keys.legacy_id, t.id::text as target_key
  from keys join video_platform.users t on t.id = keys.legacy_id
  where t.origin = 'legacy'
)
select keys.legacy_id, standing.target_key
from keys
left join standing on standing.legacy_id = keys.legacy_id
left join video_platform.migration_status s on s.entity_type = 'user' and s.legacy_id = keys.legacy_id
where standing.legacy_id is not null or s.legacy_id is not null;

-- apply user: brings target rows to what the projection says now
with known as materialized (
  select distinct key as legacy_id from jsonb_array_elements_text(:keys::jsonb) key
),
derived as materialized (
  select p.* from known join video_platform.users_prep p on p.legacy_id = known.legacy_id
),
kept as materialized (
  select d.legacy_id from derived d join video_platform.users t on t.id = d.legacy_id
  where d.reason is not null and t.origin = 'legacy' and (false)
),
widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'email') as email,
    max(t.atttypmod - 4) filter (where t.attname = 'name') as name,
    max(t.atttypmod - 4) filter (where t.attname = 'status') as status,
    max(t.atttypmod - 4) filter (where t.attname = 'last_login_at') as last_login_at,
    max(t.atttypmod - 4) filter (where t.attname = 'created_at') as created_at,
    max(t.atttypmod - 4) filter (where t.attname = 'updated_at') as updated_at
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.users_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.users'::regclass and t.attname in ('id', 'email', 'name', 'status', 'last_login_at', 'created_at', 'updated_at')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
),
projected as materialized (
  select d.legacy_id, d.id, d.email, d.name, d.user_type, d.status, d.last_login_at, d.created_at, d.updated_at, d.source_version,
    case when d.legacy_id in (select kept.legacy_id from kept) then d.reason || case when d.reason ->> 'class' = 'WAITING' then '{"class": "MISSING_REFERENCE"}'::jsonb else '{}' end
      || '{"kept": true, "message": "the row holds what users have put into it: it is served as it was"}'
    when w.narrow and d.reason is null and (
      case when w.id is not null then char_length(d.id::text) > w.id end
      or case when w.email is not null then char_length(d.email::text) > w.email end
      or case when w.name is not null then char_length(d.name::text) > w.name end
      or case when w.status is not null then char_length(d.status::text) > w.status end
      or case when w.last_login_at is not null then char_length(d.last_login_at::text) > w.last_login_at end
      or case when w.created_at is not null then char_length(d.created_at::text) > w.created_at end
      or case when w.updated_at is not null then char_length(d.updated_at::text) > w.updated_at end
    ) then case when video_platform.abort_statement('22001', 'value too long for its column, the blanks at its end counted') then d.reason end
    else d.reason end as reason
  from derived d cross join widths w
  where d.reason is not null or not exists (
    select from video_platform.users t
    join video_platform.migration_status s on s.entity_type = 'user' and s.legacy_id = d.legacy_id and s.status = 'completed'
    where t.id = d.legacy_id and t.id is not distinct from d.id and t.email is not distinct from d.email and t.name is not distinct from d.name and t.user_type is not distinct from d.user_type and t.status is not distinct from d.status and t.last_login_at is not distinct from d.last_login_at and t.created_at is not distinct from d.created_at and t.updated_at is not distinct from d.updated_at
  )
),
removed as (
  delete from video_platform.users t using known
  where t.id = known.legacy_id and t.origin = 'legacy'
    and known.legacy_id not in (select d.legacy_id from derived d where d.reason is null)
    and known.legacy_id not in (select kept.legacy_id from kept)
),
inserted as (
  insert into video_platform.users as t (id, email, name, user_type, status, last_login_at, created_at, updated_at)
  select id, email, name, user_type, status, last_login_at, created_at, updated_at from projected where reason is null
  on conflict (id) do update set
    id = excluded.id,
    email = excluded.email,
    name = excluded.name,
    user_type = excluded.user_type,
    status = excluded.status,
    last_login_at = excluded.last_login_at,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at,
    origin = case when t.origin = 'legacy' then t.origin else video_platform.refuse_row('a row born on VideoPick has this key') end
  returning hash_record_extended(row(t.id, t.email, t.name, t.user_type, t.status, t.last_login_at, t.created_at, t.updated_at), 0) as fingerprint
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'user', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, case when reason is null then id::text end as new_id, null::xid as source_version
    from projected) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
)
delete from video_platform.migration_status s using known
where s.entity_type = 'user' and s.legacy_id = known.legacy_id
  and known.legacy_id not in (select d.legacy_id from derived d where coalesce(d.reason ->> 'class', '') <> 'WAITING')
  and known.legacy_id not in (select kept.legacy_id from kept);

-- chunks of user: where the next ones end
with recursive ends (position, upto) as (
  select 1, (
    select l.id from public.users l
    where l.id > :after::text
    order by l.id
    offset :limit::int - 1 limit 1
  )::text
  union all
  select position + 1, (
    select l.id from public.users l
    where l.id > ends.upto
    order by l.id
    offset :limit::int - 1 limit 1
  )::text
  from ends where position < :chunks::int and upto is not null
)
select upto from ends order by position;

-- verify user: projection against users, a chunk
with bounds as materialized (
  select coalesce(:upto::text,
    greatest((select max(l.id) from public.users l), (select max(t.id) from video_platform.users t),
      (select max(s.legacy_id) from video_platform.migration_status s where s.entity_type = 'user'))) as upto
),
waiting as materialized (
  select c.legacy_id as key from video_platform.pending_change c
  where c.entity_type = 'user' and c.legacy_id > :after::text and c.legacy_id <= (select upto from bounds)
),
moves as materialized (
  select m.range_no, m.after_key, m.upto_key, m.seen, m.xid
  from video_platform.migration_cursor_move m
  where m.entity_type = 'user' and m.upto_key > :after::text and m.after_key < (select upto from bounds)
    and m.xid = m.xmin -- else its xids are those of another cluster
),
passed as materialized (
  select min(after_key) as after_key, max(upto_key) as upto_key from moves group by range_no
),
sides as materialized (
  select count(*) filter (where proven) as proven,
    array_agg(legacy_id) filter (where not proven and (in_target or status = 'completed')) as keys,
    array_agg(legacy_id) filter (where status is not null and not in_legacy and not (status = 'failed' and in_target)) as without_legacy,
    array_agg(legacy_id) filter (where status is null and in_legacy
      and exists (select from passed where legacy_id > after_key and legacy_id <= upto_key)) as without_ledger,
    count(*) filter (where mismapped) as mismapped
  from (
    select coalesce(l.legacy_id, t.legacy_id, s.legacy_id) as legacy_id, s.status, l.legacy_id is not null as in_legacy, t.legacy_id is not null as in_target,
      s.status = 'completed' and s.mismapped as mismapped,
      not :recompute::boolean and coalesce(s.status = 'completed' and s.version = t.version and s.source_version = l.version, false) as proven
    from (
    select l.id as legacy_id, l.xmin as version
    from public.users l where l.id > :after::text and l.id <= (select upto from bounds)
  ) l
    full join (
    select t.id as legacy_id, t.xmin as version
    from video_platform.users t where t.origin = 'legacy' and t.id > :after::text and t.id <= (select upto from bounds)
  ) t on t.legacy_id = l.legacy_id
    full join (
    select s.legacy_id, s.status, s.xmin as version, case when s.migrated_at > (select applied_at from video_platform.schema_migration where name = 'compiled views') then s.source_version end as source_version,
      s.new_id is distinct from s.legacy_id as mismapped
    from video_platform.migration_status s where s.entity_type = 'user' and s.legacy_id > :after::text and s.legacy_id <= (select upto from bounds)
  ) s on s.legacy_id = coalesce(l.legacy_id, t.legacy_id)
  ) keys
),
passed_by as materialized (
  select count(*) as rows
  from (select unnest(without_ledger) as key from sides) pending
  join moves move on pending.key > move.after_key and pending.key <= move.upto_key
  join public.users l on l.id = pending.key
  where age(l.xmin) > age(move.seen)
    and not exists (
      select from video_platform.migration_batch b
      where b.entity_type = 'user' and b.xmin = move.xid
        and (b.outcome ->> 'completed')::bigint + (b.outcome ->> 'quarantined')::bigint < 2)
    and pending.key not in (select waiting.key from waiting)
),
suspects as materialized (
  select unnest(keys) as key from sides
),
expected as materialized (
  select p.*
  from suspects join video_platform.users_prep p on p.legacy_id = suspects.key
  where (select s.status from video_platform.migration_status s where s.entity_type = 'user' and s.legacy_id = p.legacy_id) = 'completed'
    and p.reason is null
    and p.legacy_id not in (select waiting.key from waiting)
),
actual as materialized (
  select t.*
  from suspects join video_platform.users t on t.id = suspects.key
  where t.origin = 'legacy'
    and t.id not in (select waiting.key from waiting)
    and not exists (
      select from video_platform.migration_status s
      where s.entity_type = 'user' and s.legacy_id = t.id and s.status = 'failed' and s.metadata ?| array['kept', 'sqlState'])
),
judged as materialized (
  select key, columns,
    case when not in_target then 'missing' when not derived then 'extra' when columns <> '{}' then 'different' end as outcome
  from (
    select coalesce(e.legacy_id, t.id) as key, e.legacy_id is not null as derived, t.id is not null as in_target,
      case when e.legacy_id is not null and t.id is not null then array_remove(array[
        case when e.id is distinct from t.id then 'id' end,
        case when e.email is distinct from t.email then 'email' end,
        case when e.name is distinct from t.name then 'name' end,
        case when e.user_type is distinct from t.user_type then 'user_type' end,
        case when e.status is distinct from t.status then 'status' end,
        case when e.last_login_at is distinct from t.last_login_at then 'last_login_at' end,
        case when e.created_at is distinct from t.created_at then 'created_at' end,
        case when e.updated_at is distinct from t.updated_at then 'updated_at' end
      ], null) else '{}' end as columns
    from expected e
    full join actual t on t.id = e.legacy_id
  ) pairs
),
counts as materialized (
  select (select proven from sides) + count(*) as compared,
    count(*) filter (where outcome = 'missing') as missing,
    count(*) filter (where outcome = 'extra') as extra,
    count(*) filter (where outcome = 'different') as different,
    (select count(*) from (select unnest(without_legacy) as key from sides) gone where gone.key not in (select waiting.key from waiting)) as unaccounted,
    (select mismapped from sides) as mismapped,
    (select rows from passed_by) as passed_by
  from judged
),
named as materialized (
  select key, outcome, columns from judged where outcome is not null order by key limit :named::int
)
select counts.*, named.key, named.outcome, named.columns
from counts left join named on true
order by named.key;

-- narrow columns of channel: where the target takes less than the projection gives
select * from (
  select t.attname::text as column,
    case when t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
      then t.atttypmod - 4 end as "maxCharacters",
    t.attnotnull and not coalesce(l.attnotnull, true) as "refusesNull"
  from (values ('id', null), ('name', null), ('description', null), ('avatar_url', null), ('created_at', 'created_at'), ('updated_at', null)) carried (target_column, legacy_column)
  join pg_catalog.pg_attribute t on t.attrelid = 'video_platform.channels'::regclass and t.attname = carried.target_column
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.channels_prep'::regclass and v.attname = carried.target_column
  left join pg_catalog.pg_attribute l on l.attrelid = 'public.users'::regclass and l.attname = carried.legacy_column
) compared
where "maxCharacters" is not null or "refusesNull";

-- forecast channel: what pending rows would come to
with chunk as materialized (
  select l.id as legacy_id
  from public.users l
join public.profiles p on p.user_id = l.id
  where l.type in ('INFLUENCER', 'BUSINESS') and (:after::text is null or l.id > :after::text) and (:after::text is null or p.user_id > :after::text)
  order by l.id
  limit :limit::int
),
pending as (
  select c.legacy_id from chunk c
  where not exists (select from video_platform.migration_status s where s.entity_type = 'channel' and s.legacy_id = c.legacy_id)
),
classes as (
  select case
      when l.id = '' then 'UNSUPPORTED_VALUE'
      when position(U&'\FDD0' in l.id) > 0 then 'UNSUPPORTED_TEXT'
      when user_ref.id is null and not (exists (
        select from public.users l
        where l.id = channel_awaits.id and ((l.id = '') or (position(U&'\FDD0' in l.id) > 0) or (position(U&'\FDD0' in l.email) > 0) or (position(U&'\FDD0' in l.name) > 0) or (l.type is null or l.type not in ('BUSINESS', 'INFLUENCER', 'ADMIN')) or (position(U&'\FDD0' in l.status) > 0)) is not true
      ) and not exists (
        select from video_platform.migration_status s
        where s.entity_type = 'user' and s.legacy_id = channel_awaits.id and s.status = 'failed'
      )) then 'MISSING_REFERENCE'
      when position(U&'\FDD0' in case when p.name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]' then btrim(p.name, E' \t\r\n\u00a0\u3000') else l.name end) > 0 then 'UNSUPPORTED_TEXT'
      when position(U&'\FDD0' in p.bio) > 0 then 'UNSUPPORTED_TEXT'
      when position(U&'\FDD0' in p.profile_image) > 0 then 'UNSUPPORTED_TEXT'
      when user_ref.id is null then 'WAITING'
      else ''
    end as class, count(*) as rows
  from public.users l
join public.profiles p on p.user_id = l.id
left join video_platform.users user_ref on user_ref.id = l.id
left join video_platform.channel_handle_request handle_request on handle_request.legacy_id = l.id
cross join lateral (select l.id) channel_awaits
  join pending on pending.legacy_id = l.id
  where l.type in ('INFLUENCER', 'BUSINESS')
  group by 1
)
select coalesce((select jsonb_object_agg(class, rows) from classes), '{}') as reasons,
  (select max(legacy_id) from chunk having count(*) = :limit::int) as next_key;

-- inflow of channel
select round(count(*) / 7.0, 1)::float8 as rows_per_day
from public.users l
join public.profiles p on p.user_id = l.id
where l.type in ('INFLUENCER', 'BUSINESS') and l.created_at > (now() at time zone 'UTC') - interval '7 days' and l.created_at <= now() at time zone 'UTC';

-- refresh the look-up of channel
with chunk as materialized (
  select id, name, type, created_at from public.users where :after::text is null or id > :after::text order by id limit :limit::int
),
requests as materialized (
  select legacy_id,
    case when char_length(visible) between 1 and 120 then visible else legacy_id end as handle, created_at
  from (
    select l.id as legacy_id, lower(regexp_replace(case when p.name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]' then btrim(p.name, E' \t\r\n\u00a0\u3000') else l.name end, '[\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]+', '', 'g')) as visible, coalesce(l.created_at, 'infinity') as created_at
    from chunk l
    join public.profiles p on p.user_id = l.id
    where l.type in ('INFLUENCER', 'BUSINESS') and char_length(l.id) <= 30 and greatest(char_length(l.name), char_length(case when p.name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]' then btrim(p.name, E' \t\r\n\u00a0\u3000') else l.name end)) <= 120
    offset 0 -- computed once
  ) named
),
asked_for as (
  insert into video_platform.channel_handle_request (legacy_id, handle, created_at)
  select legacy_id, handle, created_at from requests
  on conflict (legacy_id) do nothing
  returning legacy_id, handle, created_at
),
passed_on as (
  insert into video_platform.change_queue (entity_type, legacy_id)
  select 'channel', legacy_id
  from (
    select distinct on (r.handle) r.legacy_id, (asked_anew.created_at, asked_anew.legacy_id) < (r.created_at, r.legacy_id) as loses_it
    from video_platform.channel_handle_request r
    join (select distinct on (handle) * from asked_for order by handle, created_at, legacy_id) asked_anew on asked_anew.handle = r.handle
    order by r.handle, r.created_at, r.legacy_id
  ) holders
  where loses_it
),
asked_otherwise as (
  insert into video_platform.change_queue (entity_type, legacy_id)
  select 'channel', legacy_id
  from (
    select r.legacy_id, r.handle, r.created_at from video_platform.channel_handle_request r
    where (:after::text is null or r.legacy_id > :after::text) and r.legacy_id <= (select max(id) from chunk)
    except select legacy_id, handle, created_at from requests
  ) otherwise
  where legacy_id not in (
    select q.legacy_id from video_platform.change_queue q
    where q.entity_type = 'channel' and (:after::text is null or q.legacy_id > :after::text) and q.legacy_id <= (select max(id) from chunk))
)
select case when count(*) = :limit::int then max(id) end as next_key from chunk;

with keys as (
  select key as legacy_id from jsonb_array_elements_text(:keys::jsonb) key
),
before as (
  select r.legacy_id, r.handle, r.created_at from video_platform.channel_handle_request r join keys on keys.legacy_id = r.legacy_id
),
wanted as materialized (
  select legacy_id,
    case when char_length(visible) between 1 and 120 then visible else legacy_id end as handle, created_at
  from (
    select l.id as legacy_id, lower(regexp_replace(case when p.name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]' then btrim(p.name, E' \t\r\n\u00a0\u3000') else l.name end, '[\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]+', '', 'g')) as visible, coalesce(l.created_at, 'infinity') as created_at
    from public.users l
    join public.profiles p on p.user_id = l.id
    where l.type in ('INFLUENCER', 'BUSINESS') and char_length(l.id) <= 30 and greatest(char_length(l.name), char_length(case when p.name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]' then btrim(p.name, E' \t\r\n\u00a0\u3000') else l.name end)) <= 120 and l.id in (select legacy_id from keys)
    offset 0 -- computed once
  ) named
),
touched as (
  select handle from (table before except table wanted) given_up
  union
  select handle from (table wanted except table before) asked_for
)
select legacy_id
from (
  select first_two.legacy_id
  from touched cross join lateral (
    select r.legacy_id from video_platform.channel_handle_request r
    where r.handle = touched.handle and r.legacy_id not in (select legacy_id from keys)
    order by r.handle, r.created_at, r.legacy_id limit 2
  ) first_two
  union
  select w.legacy_id from wanted w join touched on touched.handle = w.handle
) affected;

with keys as (
  select key as legacy_id from jsonb_array_elements_text(:keys::jsonb) key
),
before as (
  select r.legacy_id, r.handle, r.created_at from video_platform.channel_handle_request r join keys on keys.legacy_id = r.legacy_id
),
wanted as materialized (
  select legacy_id,
    case when char_length(visible) between 1 and 120 then visible else legacy_id end as handle, created_at
  from (
    select l.id as legacy_id, lower(regexp_replace(case when p.name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]' then btrim(p.name, E' \t\r\n\u00a0\u3000') else l.name end, '[\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]+', '', 'g')) as visible, coalesce(l.created_at, 'infinity') as created_at
    from public.users l
    join public.profiles p on p.user_id = l.id
    where l.type in ('INFLUENCER', 'BUSINESS') and char_length(l.id) <= 30 and greatest(char_length(l.name), char_length(case when p.name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]' then btrim(p.name, E' \t\r\n\u00a0\u3000') else l.name end)) <= 120 and l.id in (select legacy_id from keys)
    offset 0 -- computed once
  ) named
),
touched as (
  select handle from (table before except table wanted) given_up
  union
  select handle from (table wanted except table before) asked_for
),
gone as (
  delete from video_platform.channel_handle_request r using keys
  where r.legacy_id = keys.legacy_id and not exists (select from wanted w where w.legacy_id = r.legacy_id)
)
insert into video_platform.channel_handle_request (legacy_id, handle, created_at)
select legacy_id, handle, created_at from wanted
on conflict (legacy_id) do update set handle = excluded.handle, created_at = excluded.created_at;

-- queue channel: keys that are pending or being copied
insert into video_platform.change_queue (entity_type, legacy_id)
select distinct 'channel', key from jsonb_array_elements_text(:keys::jsonb) key
where not exists (select from video_platform.migration_status s where s.entity_type = 'channel' and s.legacy_id = key)
returning legacy_id;

-- copy channel: users → channels, the next rows of a range after its cursor · the reply carries counts only, never rows
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key, c.upto_key,
    pg_advisory_xact_lock_shared(hashtextextended('videopick.copy', 0)) as copying
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'channel' and c.range_no = :range::int
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share of r for update of c
),
ahead as materialized (
  select (
    select s.legacy_id from video_platform.migration_status s
    where s.entity_type = 'channel' and s.legacy_id > (select last_key from lease)
    order by s.legacy_id limit 1 -- in this order: by index, whatever the planner believes
  ) is not null as known
),
batch as materialized (
  select l.id as legacy_id
  from public.users l
join public.profiles p on p.user_id = l.id
  where l.type in ('INFLUENCER', 'BUSINESS')
    and l.id > (select last_key from lease)
    and p.user_id > (select last_key from lease)
    and (not (select known from ahead) or (select s.status from video_platform.migration_status s where s.entity_type = 'channel' and s.legacy_id = l.id) is null)
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
inserted as (
  merge into video_platform.channels t
  using (
    select p.* from keys keys join video_platform.channels_prep p on p.legacy_id = keys.legacy_id
    where p.legacy_id > (select last_key from lease) and p.legacy_id <= (select max(legacy_id) from keys)
    offset 0 -- each value is computed once
  ) p on false
  when not matched and p.reason is null then insert (id, user_id, name, handle, description, avatar_url, created_at, updated_at) values (p.id, p.user_id, p.name, p.handle, p.description, p.avatar_url, p.created_at, p.updated_at)
  returning p.legacy_id, t.id::text as new_id, p.source_version, row(p.id, p.user_id, p.name, p.handle, p.description, p.avatar_url, p.created_at, p.updated_at) is not distinct from row(t.id, t.user_id, t.name, t.handle, t.description, t.avatar_url, t.created_at, t.updated_at) as matches
),
refused as materialized (
  select p.legacy_id, p.reason from (select legacy_id from keys except select legacy_id from inserted) keys join video_platform.channels_prep p on p.legacy_id = keys.legacy_id
    where p.legacy_id > (select last_key from lease) and p.legacy_id <= (select max(legacy_id) from keys)
    and (select count(*) from inserted) < (select count(*) from keys)
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'channel', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, null::jsonb as reason, new_id, source_version from inserted
    union all select legacy_id, reason, null, null from refused) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before,
    not exists (select from inserted where not matches) and not exists (select from refused where reason is null) as matches
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'channel' and c.range_no = :range::int and outcome.leased
),
kept as (
  insert into video_platform.migration_batch (batch_key, run_id, entity_type, outcome)
  select :batch::uuid, lease.id, 'channel', jsonb_build_object('leased', true, 'request', 'run', 'completed', outcome.completed,
    'quarantined', outcome.quarantined, 'exhausted', outcome.exhausted, 'remaining', outcome.remaining_before - outcome.completed)
  from outcome, lease
)
select leased,
  (select request from video_platform.migration_control) as request,
  completed::int, quarantined::int, leased and exhausted as exhausted,
  coalesce(remaining_before - completed, 0)::int as remaining,
  case
    when not matches then video_platform.abort_statement('VP001', 'the rows stored differ from the rows projected; nothing was copied')
    when quarantined > :aside::int then video_platform.abort_statement('VP003', 'more rows would be set aside than a batch may; nothing was copied')
  end as aborted
from outcome;

-- next key of channel
select l.id as key
from public.users l
join public.profiles p on p.user_id = l.id
where l.type in ('INFLUENCER', 'BUSINESS')
  and l.id > (select last_key from video_platform.migration_cursor where entity_type = 'channel' and range_no = :range::int)
  and p.user_id > (select last_key from video_platform.migration_cursor where entity_type = 'channel' and range_no = :range::int)
  and (select s.status from video_platform.migration_status s where s.entity_type = 'channel' and s.legacy_id = l.id) is null
order by l.id
limit 1;

-- set aside channel: one row, which the database refused
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key, c.upto_key,
    pg_advisory_xact_lock_shared(hashtextextended('videopick.copy', 0)) as copying
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'channel' and c.range_no = :range::int
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share of r for update of c
),
batch as materialized (
  select l.id as legacy_id
  from public.users l
join public.profiles p on p.user_id = l.id
  where l.type in ('INFLUENCER', 'BUSINESS')
    and l.id > (select last_key from lease)
    and p.user_id > (select last_key from lease)
    and (select s.status from video_platform.migration_status s where s.entity_type = 'channel' and s.legacy_id = l.id) is null
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'channel', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, null as new_id, null::xid as source_version from (select legacy_id, :reason::jsonb as reason from keys) refused) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before,
    true as matches
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'channel' and c.range_no = :range::int and outcome.leased
),
kept as (
  insert into video_platform.migration_batch (batch_key, run_id, entity_type, outcome)
  select :batch::uuid, lease.id, 'channel', jsonb_build_object('leased', true, 'request', 'run', 'completed', outcome.completed,
    'quarantined', outcome.quarantined, 'exhausted', outcome.exhausted, 'remaining', outcome.remaining_before - outcome.completed)
  from outcome, lease
)
select leased,
  (select request from video_platform.migration_control) as request,
  completed::int, quarantined::int, leased and exhausted as exhausted,
  coalesce(remaining_before - completed, 0)::int as remaining,
  case
    when not matches then video_platform.abort_statement('VP001', 'the rows stored differ from the rows projected; nothing was copied')
    when quarantined > :aside::int then video_platform.abort_statement('VP003', 'more rows would be set aside than a batch may; nothing was copied')
  end as aborted
from outcome;

-- too long channel: the first column of a row that its value does not fit into
with widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'name') as name,
    max(t.atttypmod - 4) filter (where t.attname = 'description') as description,
    max(t.atttypmod - 4) filter (where t.attname = 'avatar_url') as avatar_url,
    max(t.atttypmod - 4) filter (where t.attname = 'created_at') as created_at,
    max(t.atttypmod - 4) filter (where t.attname = 'updated_at') as updated_at
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.channels_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.channels'::regclass and t.attname in ('id', 'name', 'description', 'avatar_url', 'created_at', 'updated_at')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
)
select measured.target_column as column
from video_platform.channels_prep p
cross join widths w
cross join lateral (values
  (0, 'id', char_length(p.id::text), w.id),
  (1, 'name', char_length(p.name::text), w.name),
  (2, 'description', char_length(p.description::text), w.description),
  (3, 'avatar_url', char_length(p.avatar_url::text), w.avatar_url),
  (4, 'created_at', char_length(p.created_at::text), w.created_at),
  (5, 'updated_at', char_length(p.updated_at::text), w.updated_at)
) measured (position, target_column, characters, width)
where p.legacy_id = :key and measured.characters > measured.width
order by measured.position
limit 1;

-- retry channel: quarantined rows not tried in this run
with lease as materialized (
  select r.id from video_platform.migration_run r
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share
),
keys as materialized (
  select s.legacy_id
  from video_platform.migration_status s, lease
  where s.entity_type = 'channel' and s.status = 'failed' and s.run_id <> lease.id and (:only::text is null or s.legacy_id = :only::text)
  order by s.legacy_id
  limit :limit::int
  for update of s
),
derived as materialized (
  select p.* from keys join video_platform.channels_prep p on p.legacy_id = keys.legacy_id
),
kept as materialized (
  select keys.legacy_id, d.legacy_id is not null and (false) as holds_own
  from keys
  join video_platform.channels t on t.user_id = keys.legacy_id and t.origin = 'legacy'
  left join derived d on d.legacy_id = keys.legacy_id
  where d.legacy_id is null or d.reason is not null
),
widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'name') as name,
    max(t.atttypmod - 4) filter (where t.attname = 'description') as description,
    max(t.atttypmod - 4) filter (where t.attname = 'avatar_url') as avatar_url,
    max(t.atttypmod - 4) filter (where t.attname = 'created_at') as created_at,
    max(t.atttypmod - 4) filter (where t.attname = 'updated_at') as updated_at
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.channels_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.channels'::regclass and t.attname in ('id', 'name', 'description', 'avatar_url', 'created_at', 'updated_at')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
),
projected as materialized (
  select d.legacy_id, d.id, d.user_id, d.name, d.handle, d.description, d.avatar_url, d.created_at, d.updated_at, d.source_version,
    case when d.legacy_id in (select kept.legacy_id from kept) then d.reason || case when d.reason ->> 'class' = 'WAITING' then '{"class": "MISSING_REFERENCE"}'::jsonb else '{}' end
      || '{"kept": true, "message": "the row holds what users have put into it: it is served as it was"}'
    when w.narrow and d.reason is null and (
      case when w.id is not null then char_length(d.id::text) > w.id end
      or case when w.name is not null then char_length(d.name::text) > w.name end
      or case when w.description is not null then char_length(d.description::text) > w.description end
      or case when w.avatar_url is not null then char_length(d.avatar_url::text) > w.avatar_url end
      or case when w.created_at is not null then char_length(d.created_at::text) > w.created_at end
      or case when w.updated_at is not null then char_length(d.updated_at::text) > w.updated_at end
    ) then case when video_platform.abort_statement('22001', 'value too long for its column, the blanks at its end counted') then d.reason end
    else d.reason end as reason
  from derived d cross join widths w
),
inserted as (
  insert into video_platform.channels as t (id, user_id, name, handle, description, avatar_url, created_at, updated_at)
  select id, user_id, name, handle, description, avatar_url, created_at, updated_at from projected where reason is null
  on conflict (id) do update set
    id = excluded.id,
    user_id = excluded.user_id,
    name = excluded.name,
    handle = excluded.handle,
    description = excluded.description,
    avatar_url = excluded.avatar_url,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at,
    origin = case when t.origin = 'legacy' then t.origin else video_platform.refuse_row('a row born on VideoPick has this key') end
  returning hash_record_extended(row(t.id, t.user_id, t.name, t.handle, t.description, t.avatar_url, t.created_at, t.updated_at), 0) as fingerprint
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'channel', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, case when reason is null then id::text end as new_id, null::xid as source_version
    from projected) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
),
gone as materialized (
  select keys.legacy_id, keys.legacy_id in (select kept.legacy_id from kept) as stands
  from keys where keys.legacy_id not in (select r.legacy_id from recorded r)
),
-- What the database refused to remove stands until it can be removed: catch-up tries again.
queued as (
  insert into video_platform.change_queue (entity_type, legacy_id) select 'channel', kept.legacy_id from kept where not kept.holds_own
),
tried_again as (
  update video_platform.migration_status s set run_id = :run::uuid from gone
  where gone.stands and s.entity_type = 'channel' and s.legacy_id = gone.legacy_id
),
forgotten as (
  delete from video_platform.migration_status s using gone
  where not gone.stands and s.entity_type = 'channel' and s.legacy_id = gone.legacy_id
)
select count(*)::int as tried from keys;

-- refused again channel: one row
update video_platform.migration_status s
set run_id = :run::uuid, migrated_at = now(),
  metadata = :reason::jsonb || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
where s.entity_type = 'channel' and s.legacy_id = :only and s.status = 'failed' and s.run_id <> :run::uuid;

-- oldest changes of channel
with oldest_snapshot as materialized (
  select coalesce(max(age(backend_xmin)), 0) as age
  from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
),
settled as materialized (
  select age from oldest_snapshot
  where not exists (
    select from pg_locks
    where (select age from oldest_snapshot) is not null
      and locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
      and objsubid = 1 and (classid::bigint << 32 | objid::bigint) = hashtextextended('videopick.copy', 0))
),
oldest as materialized (
  select c.id, c.legacy_id, c.changed_at
  from video_platform.change_queue c
  where c.entity_type = 'channel'
    and (
      (select age(c.xid) > age from settled)
      or exists (select from video_platform.migration_status s where s.entity_type = 'channel' and s.legacy_id = c.legacy_id)
    )
  order by c.id
  limit :limit::int
)
select legacy_id, jsonb_agg(id)::text as ids, extract(epoch from clock_timestamp() - min(changed_at))::float8 as lag_seconds, count(*)::int as changes
from oldest group by legacy_id;

-- oldest changes of channel rows in quarantine
with oldest as materialized (
  select c.id, c.legacy_id, c.changed_at
  from video_platform.change_queue c
  join video_platform.migration_status s on s.entity_type = 'channel' and s.legacy_id = c.legacy_id and s.status = 'failed'
  where c.entity_type = 'channel'
  order by c.id
  limit :limit::int
)
select legacy_id, jsonb_agg(id)::text as ids, extract(epoch from clock_timestamp() - min(changed_at))::float8 as lag_seconds, count(*)::int as changes
from oldest group by legacy_id;

-- known channel: rows that are copied or set aside
with keys as materialized (
  select distinct key as legacy_id from jsonb_array_elements_text(:keys::jsonb) key
),
standing as materialized (
  select keys.legacy_id, t.id::text as target_key
  from keys join video_platform.channels t on t.user_id = keys.legacy_id
  where t.origin = 'legacy'
)
select keys.legacy_id, standing.target_key
from keys
left join standing on standing.legacy_id = keys.legacy_id
left join video_platform.migration_status s on s.entity_type = 'channel' and s.legacy_id = keys.legacy_id
where standing.legacy_id is not null or s.legacy_id is not null;

-- apply channel: brings target rows to what the projection says now
with known as materialized (
  select distinct key as legacy_id from jsonb_array_elements_text(:keys::jsonb) key
),
derived as materialized (
  select p.* from known join video_platform.channels_prep p on p.legacy_id = known.legacy_id
),
kept as materialized (
  select d.legacy_id from derived d join video_platform.channels t on t.user_id = d.legacy_id
  where d.reason is not null and t.origin = 'legacy' and (false)
),
widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'name') as name,
    max(t.atttypmod - 4) filter (where t.attname = 'description') as description,
    max(t.atttypmod - 4) filter (where t.attname = 'avatar_url') as avatar_url,
    max(t.atttypmod - 4) filter (where t.attname = 'created_at') as created_at,
    max(t.atttypmod - 4) filter (where t.attname = 'updated_at') as updated_at
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.channels_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.channels'::regclass and t.attname in ('id', 'name', 'description', 'avatar_url', 'created_at', 'updated_at')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
),
projected as materialized (
  select d.legacy_id, d.id, d.user_id, d.name, d.handle, d.description, d.avatar_url, d.created_at, d.updated_at, d.source_version,
    case when d.legacy_id in (select kept.legacy_id from kept) then d.reason || case when d.reason ->> 'class' = 'WAITING' then '{"class": "MISSING_REFERENCE"}'::jsonb else '{}' end
      || '{"kept": true, "message": "the row holds what users have put into it: it is served as it was"}'
    when w.narrow and d.reason is null and (
      case when w.id is not null then char_length(d.id::text) > w.id end
      or case when w.name is not null then char_length(d.name::text) > w.name end
      or case when w.description is not null then char_length(d.description::text) > w.description end
      or case when w.avatar_url is not null then char_length(d.avatar_url::text) > w.avatar_url end
      or case when w.created_at is not null then char_length(d.created_at::text) > w.created_at end
      or case when w.updated_at is not null then char_length(d.updated_at::text) > w.updated_at end
    ) then case when video_platform.abort_statement('22001', 'value too long for its column, the blanks at its end counted') then d.reason end
    else d.reason end as reason
  from derived d cross join widths w
  where d.reason is not null or not exists (
    select from video_platform.channels t
    join video_platform.migration_status s on s.entity_type = 'channel' and s.legacy_id = d.legacy_id and s.status = 'completed'
    where t.user_id = d.legacy_id and t.id is not distinct from d.id and t.user_id is not distinct from d.user_id and t.name is not distinct from d.name and t.handle is not distinct from d.handle and t.description is not distinct from d.description and t.avatar_url is not distinct from d.avatar_url and t.created_at is not distinct from d.created_at and t.updated_at is not distinct from d.updated_at
  )
),
removed as (
  delete from video_platform.channels t using known
  where t.user_id = known.legacy_id and t.origin = 'legacy'
    and known.legacy_id not in (select d.legacy_id from derived d where d.reason is null)
    and known.legacy_id not in (select kept.legacy_id from kept)
),
inserted as (
  insert into video_platform.channels as t (id, user_id, name, handle, description, avatar_url, created_at, updated_at)
  select id, user_id, name, handle, description, avatar_url, created_at, updated_at from projected where reason is null
  on conflict (id) do update set
    id = excluded.id,
    user_id = excluded.user_id,
    name = excluded.name,
    handle = excluded.handle,
    description = excluded.description,
    avatar_url = excluded.avatar_url,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at,
    origin = case when t.origin = 'legacy' then t.origin else video_platform.refuse_row('a row born on VideoPick has this key') end
  returning hash_record_extended(row(t.id, t.user_id, t.name, t.handle, t.description, t.avatar_url, t.created_at, t.updated_at), 0) as fingerprint
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'channel', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, case when reason is null then id::text end as new_id, null::xid as source_version
    from projected) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
)
delete from video_platform.migration_status s using known
where s.entity_type = 'channel' and s.legacy_id = known.legacy_id
  and known.legacy_id not in (select d.legacy_id from derived d where coalesce(d.reason ->> 'class', '') <> 'WAITING')
  and known.legacy_id not in (select kept.legacy_id from kept);

-- channel rows that refer to removed rows through user_id
with removed as materialized (
  select distinct key::text as key from jsonb_array_elements_text(:keys::jsonb) key
),
referring as materialized (
  select t.user_id as legacy_id
  from removed join video_platform.channels t on t.user_id = removed.key
  where t.origin = 'legacy' and t.user_id > :after::text
)
select legacy_id from referring order by legacy_id limit :limit::int;

-- wake channel: rows refused for want of what has come
insert into video_platform.change_queue (entity_type, legacy_id)
select s.entity_type, s.legacy_id from video_platform.migration_status s
where s.entity_type = 'channel' and s.status = 'failed' and s.metadata ->> 'class' = 'MISSING_REFERENCE'
  and s.metadata ->> 'value' in (select jsonb_array_elements_text(:keys::jsonb));

-- chunks of channel: where the next ones end
with recursive ends (position, upto) as (
  select 1, (
    select l.id from public.users l
join public.profiles p on p.user_id = l.id
    where l.type in ('INFLUENCER', 'BUSINESS')
      and l.id > :after::text
      and p.user_id > :after::text
    order by l.id
    offset :limit::int - 1 limit 1
  )::text
  union all
  select position + 1, (
    select l.id from public.users l
join public.profiles p on p.user_id = l.id
    where l.type in ('INFLUENCER', 'BUSINESS')
      and l.id > ends.upto
      and p.user_id > ends.upto
    order by l.id
    offset :limit::int - 1 limit 1
  )::text
  from ends where position < :chunks::int and upto is not null
)
select upto from ends order by position;

-- verify channel: projection against channels, a chunk
with bounds as materialized (
  select coalesce(:upto::text,
    greatest((select max(l.id) from public.users l), (select max(t.user_id) from video_platform.channels t),
      (select max(s.legacy_id) from video_platform.migration_status s where s.entity_type = 'channel'))) as upto
),
waiting as materialized (
  select c.legacy_id as key from video_platform.pending_change c
  where c.entity_type = 'channel' and c.legacy_id > :after::text and c.legacy_id <= (select upto from bounds)
),
moves as materialized (
  select m.range_no, m.after_key, m.upto_key, m.seen, m.xid
  from video_platform.migration_cursor_move m
  where m.entity_type = 'channel' and m.upto_key > :after::text and m.after_key < (select upto from bounds)
    and m.xid = m.xmin -- else its xids are those of another cluster
),
passed as materialized (
  select min(after_key) as after_key, max(upto_key) as upto_key from moves group by range_no
),
sides as materialized (
  select count(*) filter (where proven) as proven,
    array_agg(legacy_id) filter (where not proven and (in_target or status = 'completed')) as keys,
    array_agg(legacy_id) filter (where status is not null and not in_legacy and not (status = 'failed' and in_target)) as without_legacy,
    array_agg(legacy_id) filter (where status is null and in_legacy
      and exists (select from passed where legacy_id > after_key and legacy_id <= upto_key)) as without_ledger,
    count(*) filter (where mismapped) as mismapped
  from (
    select coalesce(l.legacy_id, t.legacy_id, s.legacy_id) as legacy_id, s.status, l.legacy_id is not null as in_legacy, t.legacy_id is not null as in_target,
      s.status = 'completed' and (s.new_id is null or s.new_id <> l.own_id) as mismapped,
      not :recompute::boolean and coalesce(s.status = 'completed' and s.version = t.version and s.source_version = l.version, false) as proven
    from (
    select l.id as legacy_id, l.xmin as version, (overlay(overlay(md5('videopick.channel.' || l.id) placing '8' from 13) placing '8' from 17)::uuid)::text as own_id
    from public.users l
join public.profiles p on p.user_id = l.id where l.type in ('INFLUENCER', 'BUSINESS') and l.id > :after::text and p.user_id > :after::text and l.id <= (select upto from bounds) and p.user_id <= (select upto from bounds)
  ) l
    full join (
    select t.user_id as legacy_id, t.xmin as version
    from video_platform.channels t where t.origin = 'legacy' and t.user_id > :after::text and t.user_id <= (select upto from bounds)
  ) t on t.legacy_id = l.legacy_id
    full join (
    select s.legacy_id, s.status, s.xmin as version, null::xid as source_version,
      s.new_id
    from video_platform.migration_status s where s.entity_type = 'channel' and s.legacy_id > :after::text and s.legacy_id <= (select upto from bounds)
  ) s on s.legacy_id = coalesce(l.legacy_id, t.legacy_id)
  ) keys
),
passed_by as materialized (
  select count(*) as rows
  from (select unnest(without_ledger) as key from sides) pending
  join moves move on pending.key > move.after_key and pending.key <= move.upto_key
  join public.users l on l.id = pending.key
  where age(l.xmin) > age(move.seen)
    and not exists (select from public.profiles r where r.user_id = pending.key and not age(r.xmin) > age(move.seen))
    and exists (
      select from video_platform.migration_status r
      where r.entity_type = 'user' and r.legacy_id = l.id and r.status in ('completed', 'failed') and age(r.xmin) > age(move.seen))
    and not exists (
      select from video_platform.migration_batch b
      where b.entity_type = 'channel' and b.xmin = move.xid
        and (b.outcome ->> 'completed')::bigint + (b.outcome ->> 'quarantined')::bigint < 2)
    and pending.key not in (select waiting.key from waiting)
),
suspects as materialized (
  select unnest(keys) as key from sides
),
expected as materialized (
  select p.*
  from suspects join video_platform.channels_prep p on p.legacy_id = suspects.key
  where (select s.status from video_platform.migration_status s where s.entity_type = 'channel' and s.legacy_id = p.legacy_id) = 'completed'
    and p.reason is null
    and p.legacy_id not in (select waiting.key from waiting)
),
actual as materialized (
  select t.*
  from suspects join video_platform.channels t on t.user_id = suspects.key
  where t.origin = 'legacy'
    and t.user_id not in (select waiting.key from waiting)
    and not exists (
      select from video_platform.migration_status s
      where s.entity_type = 'channel' and s.legacy_id = t.user_id and s.status = 'failed' and s.metadata ?| array['kept', 'sqlState'])
),
judged as materialized (
  select key, columns,
    case when not in_target then 'missing' when not derived then 'extra' when columns <> '{}' then 'different' end as outcome
  from (
    select coalesce(e.legacy_id, t.user_id) as key, e.legacy_id is not null as derived, t.user_id is not null as in_target,
      case when e.legacy_id is not null and t.user_id is not null then array_remove(array[
        case when e.id is distinct from t.id then 'id' end,
        case when e.user_id is distinct from t.user_id then 'user_id' end,
        case when e.name is distinct from t.name then 'name' end,
        case when e.handle is distinct from t.handle then 'handle' end,
        case when e.description is distinct from t.description then 'description' end,
        case when e.avatar_url is distinct from t.avatar_url then 'avatar_url' end,
        case when e.created_at is distinct from t.created_at then 'created_at' end,
        case when e.updated_at is distinct from t.updated_at then 'updated_at' end
      ], null) else '{}' end as columns
    from expected e
    full join actual t on t.user_id = e.legacy_id
  ) pairs
),
counts as materialized (
  select (select proven from sides) + count(*) as compared,
    count(*) filter (where outcome = 'missing') as missing,
    count(*) filter (where outcome = 'extra') as extra,
    count(*) filter (where outcome = 'different') as different,
    (select count(*) from (select unnest(without_legacy) as key from sides) gone where gone.key not in (select waiting.key from waiting)) as unaccounted,
    (select mismapped from sides) as mismapped,
    (select rows from passed_by) as passed_by
  from judged
),
named as materialized (
  select key, outcome, columns from judged where outcome is not null order by key limit :named::int
)
select counts.*, named.key, named.outcome, named.columns
from counts left join named on true
order by named.key;

-- narrow columns of channel_setting: where the target takes less than the projection gives
select * from (
  select t.attname::text as column,
    case when t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
      then t.atttypmod - 4 end as "maxCharacters",
    t.attnotnull and not coalesce(l.attnotnull, true) as "refusesNull"
  from (values ('id', 'id'), ('company_name', 'company_name'), ('company_intro', 'company_intro'), ('business_number', 'business_number'), ('website', 'website'), ('created_at', 'created_at'), ('updated_at', 'updated_at')) carried (target_column, legacy_column)
  join pg_catalog.pg_attribute t on t.attrelid = 'video_platform.channel_settings'::regclass and t.attname = carried.target_column
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.channel_settings_prep'::regclass and v.attname = carried.target_column
  left join pg_catalog.pg_attribute l on l.attrelid = 'public.business_profiles'::regclass and l.attname = carried.legacy_column
) compared
where "maxCharacters" is not null or "refusesNull";

-- forecast channel_setting: what pending rows would come to
with chunk as materialized (
  select l.id as legacy_id
  from public.business_profiles l
  where (:after::text is null or l.id > :after::text)
  order by l.id
  limit :limit::int
),
pending as (
  select c.legacy_id from chunk c
  where not exists (select from video_platform.migration_status s where s.entity_type = 'channel_setting' and s.legacy_id = c.legacy_id)
),
classes as (
  select case
      when l.id = '' then 'UNSUPPORTED_VALUE'
      when position(U&'\FDD0' in l.id) > 0 then 'UNSUPPORTED_TEXT'
      when channel_ref.id is null and not (exists (
        select from public.users l
join public.profiles p on p.user_id = l.id
left join video_platform.users user_ref on user_ref.id = l.id
left join video_platform.channel_handle_request handle_request on handle_request.legacy_id = l.id
cross join lateral (select l.id) channel_awaits
        where l.id = channel_setting_awaits.user_id and l.type in ('INFLUENCER', 'BUSINESS') and ((l.id = '') or (position(U&'\FDD0' in l.id) > 0) or (user_ref.id is null and not (exists (
        select from public.users l
        where l.id = channel_awaits.id and ((l.id = '') or (position(U&'\FDD0' in l.id) > 0) or (position(U&'\FDD0' in l.email) > 0) or (position(U&'\FDD0' in l.name) > 0) or (l.type is null or l.type not in ('BUSINESS', 'INFLUENCER', 'ADMIN')) or (position(U&'\FDD0' in l.status) > 0)) is not true
      ) and not exists (
        select from video_platform.migration_status s
        where s.entity_type = 'user' and s.legacy_id = channel_awaits.id and s.status = 'failed'
      ))) or (position(U&'\FDD0' in case when p.name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]' then btrim(p.name, E' \t\r\n\u00a0\u3000') else l.name end) > 0) or (position(U&'\FDD0' in p.bio) > 0) or (position(U&'\FDD0' in p.profile_image) > 0)) is not true
      ) and not exists (
        select from video_platform.migration_status s
        where s.entity_type = 'channel' and s.legacy_id = channel_setting_awaits.user_id and s.status = 'failed'
      )) then 'MISSING_REFERENCE'
      when position(U&'\FDD0' in l.company_name) > 0 then 'UNSUPPORTED_TEXT'
      when position(U&'\FDD0' in l.company_intro) > 0 then 'UNSUPPORTED_TEXT'
      when position(U&'\FDD0' in l.business_number) > 0 then 'UNSUPPORTED_TEXT'
      when position(U&'\FDD0' in l.website) > 0 then 'UNSUPPORTED_TEXT'
      when channel_ref.id is null then 'WAITING'
      else ''
    end as class, count(*) as rows
  from public.business_profiles l
left join video_platform.channels channel_ref on channel_ref.user_id = l.user_id
cross join lateral (select l.user_id) channel_setting_awaits
  join pending on pending.legacy_id = l.id
  group by 1
)
select coalesce((select jsonb_object_agg(class, rows) from classes), '{}') as reasons,
  (select max(legacy_id) from chunk having count(*) = :limit::int) as next_key;

-- inflow of channel_setting
select round(count(*) / 7.0, 1)::float8 as rows_per_day
from public.business_profiles l
where l.created_at > (now() at time zone 'UTC') - interval '7 days' and l.created_at <= now() at time zone 'UTC';

-- copy channel_setting: business_profiles → channel_settings, the next rows of a range after its cursor · the reply carries counts only, never rows
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key, c.upto_key,
    pg_advisory_xact_lock_shared(hashtextextended('videopick.copy', 0)) as copying
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'channel_setting' and c.range_no = :range::int
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share of r for update of c
),
ahead as materialized (
  select (
    select s.legacy_id from video_platform.migration_status s
    where s.entity_type = 'channel_setting' and s.legacy_id > (select last_key from lease)
    order by s.legacy_id limit 1 -- in this order: by index, whatever the planner believes
  ) is not null as known
),
batch as materialized (
  select l.id as legacy_id
  from public.business_profiles l
  where l.id > (select last_key from lease)
    and (not (select known from ahead) or (select s.status from video_platform.migration_status s where s.entity_type = 'channel_setting' and s.legacy_id = l.id) is null)
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
inserted as (
  merge into video_platform.channel_settings t
  using (
    select p.* from keys keys join video_platform.channel_settings_prep p on p.legacy_id = keys.legacy_id
    where p.legacy_id > (select last_key from lease) and p.legacy_id <= (select max(legacy_id) from keys)
    offset 0 -- each value is computed once
  ) p on false
  when not matched and p.reason is null then insert (id, channel_id, company_name, company_intro, business_number, website, created_at, updated_at) values (p.id, p.channel_id, p.company_name, p.company_intro, p.business_number, p.website, p.created_at, p.updated_at)
  returning p.legacy_id, t.id::text as new_id, p.source_version, row(p.id, p.channel_id, p.company_name, p.company_intro, p.business_number, p.website, p.created_at, p.updated_at) is not distinct from row(t.id, t.channel_id, t.company_name, t.company_intro, t.business_number, t.website, t.created_at, t.updated_at) as matches
),
refused as materialized (
  select p.legacy_id, p.reason from (select legacy_id from keys except select legacy_id from inserted) keys join video_platform.channel_settings_prep p on p.legacy_id = keys.legacy_id
    where p.legacy_id > (select last_key from lease) and p.legacy_id <= (select max(legacy_id) from keys)
    and (select count(*) from inserted) < (select count(*) from keys)
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'channel_setting', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, null::jsonb as reason, new_id, source_version from inserted
    union all select legacy_id, reason, null, null from refused) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before,
    not exists (select from inserted where not matches) and not exists (select from refused where reason is null) as matches
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'channel_setting' and c.range_no = :range::int and outcome.leased
),
kept as (
  insert into video_platform.migration_batch (batch_key, run_id, entity_type, outcome)
  select :batch::uuid, lease.id, 'channel_setting', jsonb_build_object('leased', true, 'request', 'run', 'completed', outcome.completed,
    'quarantined', outcome.quarantined, 'exhausted', outcome.exhausted, 'remaining', outcome.remaining_before - outcome.completed)
  from outcome, lease
)
select leased,
  (select request from video_platform.migration_control) as request,
  completed::int, quarantined::int, leased and exhausted as exhausted,
  coalesce(remaining_before - completed, 0)::int as remaining,
  case
    when not matches then video_platform.abort_statement('VP001', 'the rows stored differ from the rows projected; nothing was copied')
    when quarantined > :aside::int then video_platform.abort_statement('VP003', 'more rows would be set aside than a batch may; nothing was copied')
  end as aborted
from outcome;

-- next key of channel_setting
select l.id as key
from public.business_profiles l
where l.id > (select last_key from video_platform.migration_cursor where entity_type = 'channel_setting' and range_no = :range::int)
  and (select s.status from video_platform.migration_status s where s.entity_type = 'channel_setting' and s.legacy_id = l.id) is null
order by l.id
limit 1;

-- set aside channel_setting: one row, which the database refused
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key, c.upto_key,
    pg_advisory_xact_lock_shared(hashtextextended('videopick.copy', 0)) as copying
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'channel_setting' and c.range_no = :range::int
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share of r for update of c
),
batch as materialized (
  select l.id as legacy_id
  from public.business_profiles l
  where l.id > (select last_key from lease)
    and (select s.status from video_platform.migration_status s where s.entity_type = 'channel_setting' and s.legacy_id = l.id) is null
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'channel_setting', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, null as new_id, null::xid as source_version from (select legacy_id, :reason::jsonb as reason from keys) refused) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before,
    true as matches
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'channel_setting' and c.range_no = :range::int and outcome.leased
),
kept as (
  insert into video_platform.migration_batch (batch_key, run_id, entity_type, outcome)
  select :batch::uuid, lease.id, 'channel_setting', jsonb_build_object('leased', true, 'request', 'run', 'completed', outcome.completed,
    'quarantined', outcome.quarantined, 'exhausted', outcome.exhausted, 'remaining', outcome.remaining_before - outcome.completed)
  from outcome, lease
)
select leased,
  (select request from video_platform.migration_control) as request,
  completed::int, quarantined::int, leased and exhausted as exhausted,
  coalesce(remaining_before - completed, 0)::int as remaining,
  case
    when not matches then video_platform.abort_statement('VP001', 'the rows stored differ from the rows projected; nothing was copied')
    when quarantined > :aside::int then video_platform.abort_statement('VP003', 'more rows would be set aside than a batch may; nothing was copied')
  end as aborted
from outcome;

-- too long channel_setting: the first column of a row that its value does not fit into
with widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'company_name') as company_name,
    max(t.atttypmod - 4) filter (where t.attname = 'company_intro') as company_intro,
    max(t.atttypmod - 4) filter (where t.attname = 'business_number') as business_number,
    max(t.atttypmod - 4) filter (where t.attname = 'website') as website,
    max(t.atttypmod - 4) filter (where t.attname = 'created_at') as created_at,
    max(t.atttypmod - 4) filter (where t.attname = 'updated_at') as updated_at
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.channel_settings_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.channel_settings'::regclass and t.attname in ('id', 'company_name', 'company_intro', 'business_number', 'website', 'created_at', 'updated_at')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
)
select measured.target_column as column
from video_platform.channel_settings_prep p
cross join widths w
cross join lateral (values
  (0, 'id', char_length(p.id::text), w.id),
  (1, 'company_name', char_length(p.company_name::text), w.company_name),
  (2, 'company_intro', char_length(p.company_intro::text), w.company_intro),
  (3, 'business_number', char_length(p.business_number::text), w.business_number),
  (4, 'website', char_length(p.website::text), w.website),
  (5, 'created_at', char_length(p.created_at::text), w.created_at),
  (6, 'updated_at', char_length(p.updated_at::text), w.updated_at)
) measured (position, target_column, characters, width)
where p.legacy_id = :key and measured.characters > measured.width
order by measured.position
limit 1;

-- retry channel_setting: quarantined rows not tried in this run
with lease as materialized (
  select r.id from video_platform.migration_run r
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share
),
keys as materialized (
  select s.legacy_id
  from video_platform.migration_status s, lease
  where s.entity_type = 'channel_setting' and s.status = 'failed' and s.run_id <> lease.id and (:only::text is null or s.legacy_id = :only::text)
  order by s.legacy_id
  limit :limit::int
  for update of s
),
derived as materialized (
  select p.* from keys join video_platform.channel_settings_prep p on p.legacy_id = keys.legacy_id
),
kept as materialized (
  select keys.legacy_id, d.legacy_id is not null and (false) as holds_own
  from keys
  join video_platform.channel_settings t on t.id = keys.legacy_id and t.origin = 'legacy'
  left join derived d on d.legacy_id = keys.legacy_id
  where d.legacy_id is null or d.reason is not null
),
widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'company_name') as company_name,
    max(t.atttypmod - 4) filter (where t.attname = 'company_intro') as company_intro,
    max(t.atttypmod - 4) filter (where t.attname = 'business_number') as business_number,
    max(t.atttypmod - 4) filter (where t.attname = 'website') as website,
    max(t.atttypmod - 4) filter (where t.attname = 'created_at') as created_at,
    max(t.atttypmod - 4) filter (where t.attname = 'updated_at') as updated_at
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.channel_settings_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.channel_settings'::regclass and t.attname in ('id', 'company_name', 'company_intro', 'business_number', 'website', 'created_at', 'updated_at')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
),
projected as materialized (
  select d.legacy_id, d.id, d.channel_id, d.company_name, d.company_intro, d.business_number, d.website, d.created_at, d.updated_at, d.source_version,
    case when d.legacy_id in (select kept.legacy_id from kept) then d.reason || case when d.reason ->> 'class' = 'WAITING' then '{"class": "MISSING_REFERENCE"}'::jsonb else '{}' end
      || '{"kept": true, "message": "the row holds what users have put into it: it is served as it was"}'
    when w.narrow and d.reason is null and (
      case when w.id is not null then char_length(d.id::text) > w.id end
      or case when w.company_name is not null then char_length(d.company_name::text) > w.company_name end
      or case when w.company_intro is not null then char_length(d.company_intro::text) > w.company_intro end
      or case when w.business_number is not null then char_length(d.business_number::text) > w.business_number end
      or case when w.website is not null then char_length(d.website::text) > w.website end
      or case when w.created_at is not null then char_length(d.created_at::text) > w.created_at end
      or case when w.updated_at is not null then char_length(d.updated_at::text) > w.updated_at end
    ) then case when video_platform.abort_statement('22001', 'value too long for its column, the blanks at its end counted') then d.reason end
    else d.reason end as reason
  from derived d cross join widths w
),
inserted as (
  insert into video_platform.channel_settings as t (id, channel_id, company_name, company_intro, business_number, website, created_at, updated_at)
  select id, channel_id, company_name, company_intro, business_number, website, created_at, updated_at from projected where reason is null
  on conflict (id) do update set
    id = excluded.id,
    channel_id = excluded.channel_id,
    company_name = excluded.company_name,
    company_intro = excluded.company_intro,
    business_number = excluded.business_number,
    website = excluded.website,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at,
    origin = case when t.origin = 'legacy' then t.origin else video_platform.refuse_row('a row born on VideoPick has this key') end
  returning hash_record_extended(row(t.id, t.channel_id, t.company_name, t.company_intro, t.business_number, t.website, t.created_at, t.updated_at), 0) as fingerprint
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'channel_setting', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, case when reason is null then id::text end as new_id, null::xid as source_version
    from projected) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
),
gone as materialized (
  select keys.legacy_id, keys.legacy_id in (select kept.legacy_id from kept) as stands
  from keys where keys.legacy_id not in (select r.legacy_id from recorded r)
),
-- What the database refused to remove stands until it can be removed: catch-up tries again.
queued as (
  insert into video_platform.change_queue (entity_type, legacy_id) select 'channel_setting', kept.legacy_id from kept where not kept.holds_own
),
tried_again as (
  update video_platform.migration_status s set run_id = :run::uuid from gone
  where gone.stands and s.entity_type = 'channel_setting' and s.legacy_id = gone.legacy_id
),
forgotten as (
  delete from video_platform.migration_status s using gone
  where not gone.stands and s.entity_type = 'channel_setting' and s.legacy_id = gone.legacy_id
)
select count(*)::int as tried from keys;

-- refused again channel_setting: one row
update video_platform.migration_status s
set run_id = :run::uuid, migrated_at = now(),
  metadata = :reason::jsonb || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
where s.entity_type = 'channel_setting' and s.legacy_id = :only and s.status = 'failed' and s.run_id <> :run::uuid;

-- oldest changes of channel_setting
with oldest_snapshot as materialized (
  select coalesce(max(age(backend_xmin)), 0) as age
  from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
),
settled as materialized (
  select age from oldest_snapshot
  where not exists (
    select from pg_locks
    where (select age from oldest_snapshot) is not null
      and locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
      and objsubid = 1 and (classid::bigint << 32 | objid::bigint) = hashtextextended('videopick.copy', 0))
),
oldest as materialized (
  select c.id, c.legacy_id, c.changed_at
  from video_platform.change_queue c
  where c.entity_type = 'channel_setting'
    and (
      (select age(c.xid) > age from settled)
      or exists (select from video_platform.migration_status s where s.entity_type = 'channel_setting' and s.legacy_id = c.legacy_id)
    )
  order by c.id
  limit :limit::int
)
select legacy_id, jsonb_agg(id)::text as ids, extract(epoch from clock_timestamp() - min(changed_at))::float8 as lag_seconds, count(*)::int as changes
from oldest group by legacy_id;

-- oldest changes of channel_setting rows in quarantine
with oldest as materialized (
  select c.id, c.legacy_id, c.changed_at
  from video_platform.change_queue c
  join video_platform.migration_status s on s.entity_type = 'channel_setting' and s.legacy_id = c.legacy_id and s.status = 'failed'
  where c.entity_type = 'channel_setting'
  order by c.id
  limit :limit::int
)
select legacy_id, jsonb_agg(id)::text as ids, extract(epoch from clock_timestamp() - min(changed_at))::float8 as lag_seconds, count(*)::int as changes
from oldest group by legacy_id;

-- known channel_setting: rows that are copied or set aside
with keys as materialized (
  select distinct key as legacy_id from jsonb_array_elements_text(:keys::jsonb) key
),
standing as materialized (
  select keys.legacy_id, t.id::text as target_key
  from keys join video_platform.channel_settings t on t.id = keys.legacy_id
  where t.origin = 'legacy'
)
select keys.legacy_id, standing.target_key
from keys
left join standing on standing.legacy_id = keys.legacy_id
left join video_platform.migration_status s on s.entity_type = 'channel_setting' and s.legacy_id = keys.legacy_id
where standing.legacy_id is not null or s.legacy_id is not null;

-- apply channel_setting: brings target rows to what the projection says now
with known as materialized (
  select distinct key as legacy_id from jsonb_array_elements_text(:keys::jsonb) key
),
derived as materialized (
  select p.* from known join video_platform.channel_settings_prep p on p.legacy_id = known.legacy_id
),
kept as materialized (
  select d.legacy_id from derived d join video_platform.channel_settings t on t.id = d.legacy_id
  where d.reason is not null and t.origin = 'legacy' and (false)
),
widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'company_name') as company_name,
    max(t.atttypmod - 4) filter (where t.attname = 'company_intro') as company_intro,
    max(t.atttypmod - 4) filter (where t.attname = 'business_number') as business_number,
    max(t.atttypmod - 4) filter (where t.attname = 'website') as website,
    max(t.atttypmod - 4) filter (where t.attname = 'created_at') as created_at,
    max(t.atttypmod - 4) filter (where t.attname = 'updated_at') as updated_at
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.channel_settings_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.channel_settings'::regclass and t.attname in ('id', 'company_name', 'company_intro', 'business_number', 'website', 'created_at', 'updated_at')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
),
projected as materialized (
  select d.legacy_id, d.id, d.channel_id, d.company_name, d.company_intro, d.business_number, d.website, d.created_at, d.updated_at, d.source_version,
    case when d.legacy_id in (select kept.legacy_id from kept) then d.reason || case when d.reason ->> 'class' = 'WAITING' then '{"class": "MISSING_REFERENCE"}'::jsonb else '{}' end
      || '{"kept": true, "message": "the row holds what users have put into it: it is served as it was"}'
    when w.narrow and d.reason is null and (
      case when w.id is not null then char_length(d.id::text) > w.id end
      or case when w.company_name is not null then char_length(d.company_name::text) > w.company_name end
      or case when w.company_intro is not null then char_length(d.company_intro::text) > w.company_intro end
      or case when w.business_number is not null then char_length(d.business_number::text) > w.business_number end
      or case when w.website is not null then char_length(d.website::text) > w.website end
      or case when w.created_at is not null then char_length(d.created_at::text) > w.created_at end
      or case when w.updated_at is not null then char_length(d.updated_at::text) > w.updated_at end
    ) then case when video_platform.abort_statement('22001', 'value too long for its column, the blanks at its end counted') then d.reason end
    else d.reason end as reason
  from derived d cross join widths w
  where d.reason is not null or not exists (
    select from video_platform.channel_settings t
    join video_platform.migration_status s on s.entity_type = 'channel_setting' and s.legacy_id = d.legacy_id and s.status = 'completed'
    where t.id = d.legacy_id and t.id is not distinct from d.id and t.channel_id is not distinct from d.channel_id and t.company_name is not distinct from d.company_name and t.company_intro is not distinct from d.company_intro and t.business_number is not distinct from d.business_number and t.website is not distinct from d.website and t.created_at is not distinct from d.created_at and t.updated_at is not distinct from d.updated_at
  )
),
removed as (
  delete from video_platform.channel_settings t using known
  where t.id = known.legacy_id and t.origin = 'legacy'
    and known.legacy_id not in (select d.legacy_id from derived d where d.reason is null)
    and known.legacy_id not in (select kept.legacy_id from kept)
),
inserted as (
  insert into video_platform.channel_settings as t (id, channel_id, company_name, company_intro, business_number, website, created_at, updated_at)
  select id, channel_id, company_name, company_intro, business_number, website, created_at, updated_at from projected where reason is null
  on conflict (id) do update set
    id = excluded.id,
    channel_id = excluded.channel_id,
    company_name = excluded.company_name,
    company_intro = excluded.company_intro,
    business_number = excluded.business_number,
    website = excluded.website,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at,
    origin = case when t.origin = 'legacy' then t.origin else video_platform.refuse_row('a row born on VideoPick has this key') end
  returning hash_record_extended(row(t.id, t.channel_id, t.company_name, t.company_intro, t.business_number, t.website, t.created_at, t.updated_at), 0) as fingerprint
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'channel_setting', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, case when reason is null then id::text end as new_id, null::xid as source_version
    from projected) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
)
delete from video_platform.migration_status s using known
where s.entity_type = 'channel_setting' and s.legacy_id = known.legacy_id
  and known.legacy_id not in (select d.legacy_id from derived d where coalesce(d.reason ->> 'class', '') <> 'WAITING')
  and known.legacy_id not in (select kept.legacy_id from kept);

-- channel_setting rows that refer to removed rows through channel_id
with removed as materialized (
  select distinct key::uuid as key from jsonb_array_elements_text(:keys::jsonb) key
),
referring as materialized (
  select t.id as legacy_id
  from removed join video_platform.channel_settings t on t.channel_id = removed.key
  where t.origin = 'legacy' and t.id > :after::text
)
select legacy_id from referring order by legacy_id limit :limit::int;

-- wake channel_setting: rows refused for want of what has come
insert into video_platform.change_queue (entity_type, legacy_id)
select s.entity_type, s.legacy_id from video_platform.migration_status s
where s.entity_type = 'channel_setting' and s.status = 'failed' and s.metadata ->> 'class' = 'MISSING_REFERENCE'
  and s.metadata ->> 'value' in (select jsonb_array_elements_text(:keys::jsonb));

-- chunks of channel_setting: where the next ones end
with recursive ends (position, upto) as (
  select 1, (
    select l.id from public.business_profiles l
    where l.id > :after::text
    order by l.id
    offset :limit::int - 1 limit 1
  )::text
  union all
  select position + 1, (
    select l.id from public.business_profiles l
    where l.id > ends.upto
    order by l.id
    offset :limit::int - 1 limit 1
  )::text
  from ends where position < :chunks::int and upto is not null
)
select upto from ends order by position;

-- verify channel_setting: projection against channel_settings, a chunk
with bounds as materialized (
  select coalesce(:upto::text,
    greatest((select max(l.id) from public.business_profiles l), (select max(t.id) from video_platform.channel_settings t),
      (select max(s.legacy_id) from video_platform.migration_status s where s.entity_type = 'channel_setting'))) as upto
),
waiting as materialized (
  select c.legacy_id as key from video_platform.pending_change c
  where c.entity_type = 'channel_setting' and c.legacy_id > :after::text and c.legacy_id <= (select upto from bounds)
),
moves as materialized (
  select m.range_no, m.after_key, m.upto_key, m.seen, m.xid
  from video_platform.migration_cursor_move m
  where m.entity_type = 'channel_setting' and m.upto_key > :after::text and m.after_key < (select upto from bounds)
    and m.xid = m.xmin -- else its xids are those of another cluster
),
passed as materialized (
  select min(after_key) as after_key, max(upto_key) as upto_key from moves group by range_no
),
sides as materialized (
  select count(*) filter (where proven) as proven,
    array_agg(legacy_id) filter (where not proven and (in_target or status = 'completed')) as keys,
    array_agg(legacy_id) filter (where status is not null and not in_legacy and not (status = 'failed' and in_target)) as without_legacy,
    array_agg(legacy_id) filter (where status is null and in_legacy
      and exists (select from passed where legacy_id > after_key and legacy_id <= upto_key)) as without_ledger,
    count(*) filter (where mismapped) as mismapped
  from (
    select coalesce(l.legacy_id, t.legacy_id, s.legacy_id) as legacy_id, s.status, l.legacy_id is not null as in_legacy, t.legacy_id is not null as in_target,
      s.status = 'completed' and s.mismapped as mismapped,
      not :recompute::boolean and coalesce(s.status = 'completed' and s.version = t.version and s.source_version = l.version, false) as proven
    from (
    select l.id as legacy_id, l.xmin as version
    from public.business_profiles l where l.id > :after::text and l.id <= (select upto from bounds)
  ) l
    full join (
    select t.id as legacy_id, t.xmin as version
    from video_platform.channel_settings t where t.origin = 'legacy' and t.id > :after::text and t.id <= (select upto from bounds)
  ) t on t.legacy_id = l.legacy_id
    full join (
    select s.legacy_id, s.status, s.xmin as version, case when s.migrated_at > (select applied_at from video_platform.schema_migration where name = 'compiled views') then s.source_version end as source_version,
      s.new_id is distinct from s.legacy_id as mismapped
    from video_platform.migration_status s where s.entity_type = 'channel_setting' and s.legacy_id > :after::text and s.legacy_id <= (select upto from bounds)
  ) s on s.legacy_id = coalesce(l.legacy_id, t.legacy_id)
  ) keys
),
passed_by as materialized (
  select count(*) as rows
  from (select unnest(without_ledger) as key from sides) pending
  join moves move on pending.key > move.after_key and pending.key <= move.upto_key
  join public.business_profiles l on l.id = pending.key
  where age(l.xmin) > age(move.seen)
    and exists (
      select from video_platform.migration_status r
      where r.entity_type = 'channel' and r.legacy_id = l.user_id and r.status in ('completed', 'failed') and age(r.xmin) > age(move.seen))
    and not exists (
      select from video_platform.migration_batch b
      where b.entity_type = 'channel_setting' and b.xmin = move.xid
        and (b.outcome ->> 'completed')::bigint + (b.outcome ->> 'quarantined')::bigint < 2)
    and pending.key not in (select waiting.key from waiting)
),
suspects as materialized (
  select unnest(keys) as key from sides
),
expected as materialized (
  select p.*
  from suspects join video_platform.channel_settings_prep p on p.legacy_id = suspects.key
  where (select s.status from video_platform.migration_status s where s.entity_type = 'channel_setting' and s.legacy_id = p.legacy_id) = 'completed'
    and p.reason is null
    and p.legacy_id not in (select waiting.key from waiting)
),
actual as materialized (
  select t.*
  from suspects join video_platform.channel_settings t on t.id = suspects.key
  where t.origin = 'legacy'
    and t.id not in (select waiting.key from waiting)
    and not exists (
      select from video_platform.migration_status s
      where s.entity_type = 'channel_setting' and s.legacy_id = t.id and s.status = 'failed' and s.metadata ?| array['kept', 'sqlState'])
),
judged as materialized (
  select key, columns,
    case when not in_target then 'missing' when not derived then 'extra' when columns <> '{}' then 'different' end as outcome
  from (
    select coalesce(e.legacy_id, t.id) as key, e.legacy_id is not null as derived, t.id is not null as in_target,
      case when e.legacy_id is not null and t.id is not null then array_remove(array[
        case when e.id is distinct from t.id then 'id' end,
        case when e.channel_id is distinct from t.channel_id then 'channel_id' end,
        case when e.company_name is distinct from t.company_name then 'company_name' end,
        case when e.company_intro is distinct from t.company_intro then 'company_intro' end,
        case when e.business_number is distinct from t.business_number then 'business_number' end,
        case when e.website is distinct from t.website then 'website' end,
        case when e.created_at is distinct from t.created_at then 'created_at' end,
        case when e.updated_at is distinct from t.updated_at then 'updated_at' end
      ], null) else '{}' end as columns
    from expected e
    full join actual t on t.id = e.legacy_id
  ) pairs
),
counts as materialized (
  select (select proven from sides) + count(*) as compared,
    count(*) filter (where outcome = 'missing') as missing,
    count(*) filter (where outcome = 'extra') as extra,
    count(*) filter (where outcome = 'different') as different,
    (select count(*) from (select unnest(without_legacy) as key from sides) gone where gone.key not in (select waiting.key from waiting)) as unaccounted,
    (select mismapped from sides) as mismapped,
    (select rows from passed_by) as passed_by
  from judged
),
named as materialized (
  select key, outcome, columns from judged where outcome is not null order by key limit :named::int
)
select counts.*, named.key, named.outcome, named.columns
from counts left join named on true
order by named.key;

-- narrow columns of video: where the target takes less than the projection gives
select * from (
  select t.attname::text as column,
    case when t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
      then t.atttypmod - 4 end as "maxCharacters",
    t.attnotnull and not coalesce(l.attnotnull, true) as "refusesNull"
  from (values ('id', 'id'), ('title', 'title'), ('description', 'description'), ('thumbnail_url', 'thumbnail_image_url'), ('view_count', null), ('tags', null), ('campaign', null), ('published_at', 'created_at'), ('created_at', 'created_at'), ('updated_at', 'updated_at')) carried (target_column, legacy_column)
  join pg_catalog.pg_attribute t on t.attrelid = 'video_platform.videos'::regclass and t.attname = carried.target_column
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.videos_prep'::regclass and v.attname = carried.target_column
  left join pg_catalog.pg_attribute l on l.attrelid = 'public.campaigns'::regclass and l.attname = carried.legacy_column
) compared
where "maxCharacters" is not null or "refusesNull";

-- forecast video: what pending rows would come to
with chunk as materialized (
  select l.id as legacy_id
  from public.campaigns l
  where (:after::text is null or l.id > :after::text)
  order by l.id
  limit :limit::int
),
pending as (
  select c.legacy_id from chunk c
  where not exists (select from video_platform.migration_status s where s.entity_type = 'video' and s.legacy_id = c.legacy_id)
),
classes as (
  select case
      when l.id = '' then 'UNSUPPORTED_VALUE'
      when position(U&'\FDD0' in l.id) > 0 then 'UNSUPPORTED_TEXT'
      when channel_ref.id is null and not (exists (
        select from public.users l
join public.profiles p on p.user_id = l.id
left join video_platform.users user_ref on user_ref.id = l.id
left join video_platform.channel_handle_request handle_request on handle_request.legacy_id = l.id
cross join lateral (select l.id) channel_awaits
        where l.id = video_awaits.business_id and l.type in ('INFLUENCER', 'BUSINESS') and ((l.id = '') or (position(U&'\FDD0' in l.id) > 0) or (user_ref.id is null and not (exists (
        select from public.users l
        where l.id = channel_awaits.id and ((l.id = '') or (position(U&'\FDD0' in l.id) > 0) or (position(U&'\FDD0' in l.email) > 0) or (position(U&'\FDD0' in l.name) > 0) or (l.type is null or l.type not in ('BUSINESS', 'INFLUENCER', 'ADMIN')) or (position(U&'\FDD0' in l.status) > 0)) is not true
      ) and not exists (
        select from video_platform.migration_status s
        where s.entity_type = 'user' and s.legacy_id = channel_awaits.id and s.status = 'failed'
      ))) or (position(U&'\FDD0' in case when p.name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]' then btrim(p.name, E' \t\r\n\u00a0\u3000') else l.name end) > 0) or (position(U&'\FDD0' in p.bio) > 0) or (position(U&'\FDD0' in p.profile_image) > 0)) is not true
      ) and not exists (
        select from video_platform.migration_status s
        where s.entity_type = 'channel' and s.legacy_id = video_awaits.business_id and s.status = 'failed'
      )) then 'MISSING_REFERENCE'
      when position(U&'\FDD0' in l.title) > 0 then 'UNSUPPORTED_TEXT'
      when position(U&'\FDD0' in l.description) > 0 then 'UNSUPPORTED_TEXT'
      when position(U&'\FDD0' in l.thumbnail_image_url) > 0 then 'UNSUPPORTED_TEXT'
      when l.view_count < 0 then 'UNSUPPORTED_VALUE'
      when l.status is null or l.status not in ('DRAFT', 'ACTIVE', 'PAUSED', 'COMPLETED') then 'UNKNOWN_VALUE'
      when position(U&'\FDD0' in l.hashtags) > 0 then 'UNSUPPORTED_TEXT'
      when channel_ref.id is null then 'WAITING'
      else ''
    end as class, count(*) as rows
  from public.campaigns l
left join video_platform.channels channel_ref on channel_ref.user_id = l.business_id
cross join lateral (select l.business_id) video_awaits
  join pending on pending.legacy_id = l.id
  group by 1
)
select coalesce((select jsonb_object_agg(class, rows) from classes), '{}') as reasons,
  (select max(legacy_id) from chunk having count(*) = :limit::int) as next_key;

-- inflow of video
select round(count(*) / 7.0, 1)::float8 as rows_per_day
from public.campaigns l
where l.created_at > (now() at time zone 'UTC') - interval '7 days' and l.created_at <= now() at time zone 'UTC';

-- copy video: campaigns → videos, the next rows of a range after its cursor · the reply carries counts only, never rows
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key, c.upto_key,
    pg_advisory_xact_lock_shared(hashtextextended('videopick.copy', 0)) as copying
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'video' and c.range_no = :range::int
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share of r for update of c
),
ahead as materialized (
  select (
    select s.legacy_id from video_platform.migration_status s
    where s.entity_type = 'video' and s.legacy_id > (select last_key from lease)
    order by s.legacy_id limit 1 -- in this order: by index, whatever the planner believes
  ) is not null as known
),
batch as materialized (
  select l.id as legacy_id
  from public.campaigns l
  where l.id > (select last_key from lease)
    and (not (select known from ahead) or (select s.status from video_platform.migration_status s where s.entity_type = 'video' and s.legacy_id = l.id) is null)
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
inserted as (
  merge into video_platform.videos t
  using (
    select p.* from keys keys join video_platform.videos_prep p on p.legacy_id = keys.legacy_id
    where p.legacy_id > (select last_key from lease) and p.legacy_id <= (select max(legacy_id) from keys)
    offset 0 -- each value is computed once
  ) p on false
  when not matched and p.reason is null then insert (id, channel_id, title, description, thumbnail_url, view_count, status, tags, campaign, published_at, created_at, updated_at) values (p.id, p.channel_id, p.title, p.description, p.thumbnail_url, p.view_count, p.status, p.tags, p.campaign, p.published_at, p.created_at, p.updated_at)
  returning p.legacy_id, t.id::text as new_id, p.source_version, row(p.id, p.channel_id, p.title, p.description, p.view_count, p.status, p.tags, p.campaign, p.published_at, p.created_at, p.updated_at) is not distinct from row(t.id, t.channel_id, t.title, t.description, t.view_count, t.status, t.tags, t.campaign, t.published_at, t.created_at, t.updated_at) as matches
),
refused as materialized (
  select p.legacy_id, p.reason from (select legacy_id from keys except select legacy_id from inserted) keys join video_platform.videos_prep p on p.legacy_id = keys.legacy_id
    where p.legacy_id > (select last_key from lease) and p.legacy_id <= (select max(legacy_id) from keys)
    and (select count(*) from inserted) < (select count(*) from keys)
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'video', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, null::jsonb as reason, new_id, source_version from inserted
    union all select legacy_id, reason, null, null from refused) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before,
    not exists (select from inserted where not matches) and not exists (select from refused where reason is null) as matches
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'video' and c.range_no = :range::int and outcome.leased
),
kept as (
  insert into video_platform.migration_batch (batch_key, run_id, entity_type, outcome)
  select :batch::uuid, lease.id, 'video', jsonb_build_object('leased', true, 'request', 'run', 'completed', outcome.completed,
    'quarantined', outcome.quarantined, 'exhausted', outcome.exhausted, 'remaining', outcome.remaining_before - outcome.completed)
  from outcome, lease
),
due as (
  insert into video_platform.sums_due_mark (marked_at) select clock_timestamp() from outcome where completed > 0
)
select leased,
  (select request from video_platform.migration_control) as request,
  completed::int, quarantined::int, leased and exhausted as exhausted,
  coalesce(remaining_before - completed, 0)::int as remaining,
  case
    when not matches then video_platform.abort_statement('VP001', 'the rows stored differ from the rows projected; nothing was copied')
    when quarantined > :aside::int then video_platform.abort_statement('VP003', 'more rows would be set aside than a batch may; nothing was copied')
  end as aborted
from outcome;

-- next key of video
select l.id as key
from public.campaigns l
where l.id > (select last_key from video_platform.migration_cursor where entity_type = 'video' and range_no = :range::int)
  and (select s.status from video_platform.migration_status s where s.entity_type = 'video' and s.legacy_id = l.id) is null
order by l.id
limit 1;

-- set aside video: one row, which the database refused
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key, c.upto_key,
    pg_advisory_xact_lock_shared(hashtextextended('videopick.copy', 0)) as copying
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'video' and c.range_no = :range::int
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share of r for update of c
),
batch as materialized (
  select l.id as legacy_id
  from public.campaigns l
  where l.id > (select last_key from lease)
    and (select s.status from video_platform.migration_status s where s.entity_type = 'video' and s.legacy_id = l.id) is null
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'video', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, null as new_id, null::xid as source_version from (select legacy_id, :reason::jsonb as reason from keys) refused) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before,
    true as matches
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'video' and c.range_no = :range::int and outcome.leased
),
kept as (
  insert into video_platform.migration_batch (batch_key, run_id, entity_type, outcome)
  select :batch::uuid, lease.id, 'video', jsonb_build_object('leased', true, 'request', 'run', 'completed', outcome.completed,
    'quarantined', outcome.quarantined, 'exhausted', outcome.exhausted, 'remaining', outcome.remaining_before - outcome.completed)
  from outcome, lease
),
due as (
  insert into video_platform.sums_due_mark (marked_at) select clock_timestamp() from outcome where completed > 0
)
select leased,
  (select request from video_platform.migration_control) as request,
  completed::int, quarantined::int, leased and exhausted as exhausted,
  coalesce(remaining_before - completed, 0)::int as remaining,
  case
    when not matches then video_platform.abort_statement('VP001', 'the rows stored differ from the rows projected; nothing was copied')
    when quarantined > :aside::int then video_platform.abort_statement('VP003', 'more rows would be set aside than a batch may; nothing was copied')
  end as aborted
from outcome;

-- copy video: campaigns → videos, the next rows of a range after its cursor · the reply carries counts only, never rows
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key, c.upto_key,
    pg_advisory_xact_lock_shared(hashtextextended('videopick.copy', 0)) as copying
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'video' and c.range_no = :range::int
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share of r for update of c
),
batch as materialized (
  select l.id as legacy_id
  from public.campaigns l
  where l.id > (select last_key from lease)
    and (select s.status from video_platform.migration_status s where s.entity_type = 'video' and s.legacy_id = l.id) is null
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
projected as materialized (
  select p.* from keys keys join video_platform.videos_prep p on p.legacy_id = keys.legacy_id
    where p.legacy_id > (select last_key from lease) and p.legacy_id <= (select max(legacy_id) from keys)
),
inserted as (
  insert into video_platform.videos as t (id, channel_id, title, description, thumbnail_url, view_count, status, tags, campaign, published_at, created_at, updated_at)
  select id, channel_id, title, description, thumbnail_url, view_count, status, tags, campaign, published_at, created_at, updated_at from projected where reason is null
  on conflict (id) do update set
    id = excluded.id,
    channel_id = excluded.channel_id,
    title = excluded.title,
    description = excluded.description,
    thumbnail_url = case when t.video_url is not null then t.thumbnail_url else excluded.thumbnail_url end,
    view_count = excluded.view_count,
    status = excluded.status,
    tags = excluded.tags,
    campaign = excluded.campaign,
    published_at = excluded.published_at,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at,
    origin = case when t.origin = 'legacy' then t.origin else video_platform.refuse_row('a row born on VideoPick has this key') end
  returning hash_record_extended(row(t.id, t.channel_id, t.title, t.description, t.view_count, t.status, t.tags, t.campaign, t.published_at, t.created_at, t.updated_at), 0) as fingerprint
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'video', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, case when reason is null then id::text end as new_id, source_version as source_version
    from projected) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before,
    (select coalesce(sum(hash_record_extended(row(p.id, p.channel_id, p.title, p.description, p.view_count, p.status, p.tags, p.campaign, p.published_at, p.created_at, p.updated_at), 0)), 0) from projected p where p.reason is null)
    is not distinct from (select coalesce(sum(fingerprint), 0) from inserted) as matches
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'video' and c.range_no = :range::int and outcome.leased
),
kept as (
  insert into video_platform.migration_batch (batch_key, run_id, entity_type, outcome)
  select :batch::uuid, lease.id, 'video', jsonb_build_object('leased', true, 'request', 'run', 'completed', outcome.completed,
    'quarantined', outcome.quarantined, 'exhausted', outcome.exhausted, 'remaining', outcome.remaining_before - outcome.completed)
  from outcome, lease
),
due as (
  insert into video_platform.sums_due_mark (marked_at) select clock_timestamp() from outcome where completed > 0
)
select leased,
  (select request from video_platform.migration_control) as request,
  completed::int, quarantined::int, leased and exhausted as exhausted,
  coalesce(remaining_before - completed, 0)::int as remaining,
  case
    when not matches then video_platform.abort_statement('VP001', 'the rows stored differ from the rows projected; nothing was copied')
    when quarantined > :aside::int then video_platform.abort_statement('VP003', 'more rows would be set aside than a batch may; nothing was copied')
  end as aborted
from outcome;

-- copy video: campaigns → videos, the next rows of a range after its cursor · the reply carries counts only, never rows
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key, c.upto_key,
    pg_advisory_xact_lock_shared(hashtextextended('videopick.copy', 0)) as copying
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'video' and c.range_no = :range::int
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share of r for update of c
),
ahead as materialized (
  select (
    select s.legacy_id from video_platform.migration_status s
    where s.entity_type = 'video' and s.legacy_id > (select last_key from lease) and s.legacy_id <= (select upto_key from lease)
    order by s.legacy_id limit 1 -- in this order: by index, whatever the planner believes
  ) is not null as known
),
batch as materialized (
  select l.id as legacy_id
  from public.campaigns l
  where l.id > (select last_key from lease)
    and l.id <= (select upto_key from lease)
    and (not (select known from ahead) or (select s.status from video_platform.migration_status s where s.entity_type = 'video' and s.legacy_id = l.id) is null)
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
inserted as (
  merge into video_platform.videos t
  using (
    select p.* from keys keys join video_platform.videos_prep p on p.legacy_id = keys.legacy_id
    where p.legacy_id > (select last_key from lease) and p.legacy_id <= (select max(legacy_id) from keys)
    offset 0 -- each value is computed once
  ) p on false
  when not matched and p.reason is null then insert (id, channel_id, title, description, thumbnail_url, view_count, status, tags, campaign, published_at, created_at, updated_at) values (p.id, p.channel_id, p.title, p.description, p.thumbnail_url, p.view_count, p.status, p.tags, p.campaign, p.published_at, p.created_at, p.updated_at)
  returning p.legacy_id, t.id::text as new_id, p.source_version, row(p.id, p.channel_id, p.title, p.description, p.view_count, p.status, p.tags, p.campaign, p.published_at, p.created_at, p.updated_at) is not distinct from row(t.id, t.channel_id, t.title, t.description, t.view_count, t.status, t.tags, t.campaign, t.published_at, t.created_at, t.updated_at) as matches
),
refused as materialized (
  select p.legacy_id, p.reason from (select legacy_id from keys except select legacy_id from inserted) keys join video_platform.videos_prep p on p.legacy_id = keys.legacy_id
    where p.legacy_id > (select last_key from lease) and p.legacy_id <= (select max(legacy_id) from keys)
    and (select count(*) from inserted) < (select count(*) from keys)
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'video', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, null::jsonb as reason, new_id, source_version from inserted
    union all select legacy_id, reason, null, null from refused) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before,
    not exists (select from inserted where not matches) and not exists (select from refused where reason is null) as matches
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'video' and c.range_no = :range::int and outcome.leased
),
kept as (
  insert into video_platform.migration_batch (batch_key, run_id, entity_type, outcome)
  select :batch::uuid, lease.id, 'video', jsonb_build_object('leased', true, 'request', 'run', 'completed', outcome.completed,
    'quarantined', outcome.quarantined, 'exhausted', outcome.exhausted, 'remaining', outcome.remaining_before - outcome.completed)
  from outcome, lease
),
due as (
  insert into video_platform.sums_due_mark (marked_at) select clock_timestamp() from outcome where completed > 0
)
select leased,
  (select request from video_platform.migration_control) as request,
  completed::int, quarantined::int, leased and exhausted as exhausted,
  coalesce(remaining_before - completed, 0)::int as remaining,
  case
    when not matches then video_platform.abort_statement('VP001', 'the rows stored differ from the rows projected; nothing was copied')
    when quarantined > :aside::int then video_platform.abort_statement('VP003', 'more rows would be set aside than a batch may; nothing was copied')
  end as aborted
from outcome;

-- next key of video
select l.id as key
from public.campaigns l
where l.id > (select last_key from video_platform.migration_cursor where entity_type = 'video' and range_no = :range::int)
  and l.id <= (select upto_key from video_platform.migration_cursor where entity_type = 'video' and range_no = :range::int)
  and (select s.status from video_platform.migration_status s where s.entity_type = 'video' and s.legacy_id = l.id) is null
order by l.id
limit 1;

-- set aside video: one row, which the database refused
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key, c.upto_key,
    pg_advisory_xact_lock_shared(hashtextextended('videopick.copy', 0)) as copying
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'video' and c.range_no = :range::int
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share of r for update of c
),
batch as materialized (
  select l.id as legacy_id
  from public.campaigns l
  where l.id > (select last_key from lease)
    and l.id <= (select upto_key from lease)
    and (select s.status from video_platform.migration_status s where s.entity_type = 'video' and s.legacy_id = l.id) is null
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'video', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, null as new_id, null::xid as source_version from (select legacy_id, :reason::jsonb as reason from keys) refused) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before,
    true as matches
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'video' and c.range_no = :range::int and outcome.leased
),
kept as (
  insert into video_platform.migration_batch (batch_key, run_id, entity_type, outcome)
  select :batch::uuid, lease.id, 'video', jsonb_build_object('leased', true, 'request', 'run', 'completed', outcome.completed,
    'quarantined', outcome.quarantined, 'exhausted', outcome.exhausted, 'remaining', outcome.remaining_before - outcome.completed)
  from outcome, lease
),
due as (
  insert into video_platform.sums_due_mark (marked_at) select clock_timestamp() from outcome where completed > 0
)
select leased,
  (select request from video_platform.migration_control) as request,
  completed::int, quarantined::int, leased and exhausted as exhausted,
  coalesce(remaining_before - completed, 0)::int as remaining,
  case
    when not matches then video_platform.abort_statement('VP001', 'the rows stored differ from the rows projected; nothing was copied')
    when quarantined > :aside::int then video_platform.abort_statement('VP003', 'more rows would be set aside than a batch may; nothing was copied')
  end as aborted
from outcome;

-- too long video: the first column of a row that its value does not fit into
with widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'title') as title,
    max(t.atttypmod - 4) filter (where t.attname = 'description') as description,
    max(t.atttypmod - 4) filter (where t.attname = 'thumbnail_url') as thumbnail_url,
    max(t.atttypmod - 4) filter (where t.attname = 'view_count') as view_count,
    max(t.atttypmod - 4) filter (where t.attname = 'tags') as tags,
    max(t.atttypmod - 4) filter (where t.attname = 'campaign') as campaign,
    max(t.atttypmod - 4) filter (where t.attname = 'published_at') as published_at,
    max(t.atttypmod - 4) filter (where t.attname = 'created_at') as created_at,
    max(t.atttypmod - 4) filter (where t.attname = 'updated_at') as updated_at
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.videos_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.videos'::regclass and t.attname in ('id', 'title', 'description', 'thumbnail_url', 'view_count', 'tags', 'campaign', 'published_at', 'created_at', 'updated_at')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
)
select measured.target_column as column
from video_platform.videos_prep p
cross join widths w
cross join lateral (values
  (0, 'id', char_length(p.id::text), w.id),
  (1, 'title', char_length(p.title::text), w.title),
  (2, 'description', char_length(p.description::text), w.description),
  (3, 'thumbnail_url', char_length(p.thumbnail_url::text), w.thumbnail_url),
  (4, 'view_count', char_length(p.view_count::text), w.view_count),
  (5, 'tags', char_length(p.tags::text), w.tags),
  (6, 'campaign', char_length(p.campaign::text), w.campaign),
  (7, 'published_at', char_length(p.published_at::text), w.published_at),
  (8, 'created_at', char_length(p.created_at::text), w.created_at),
  (9, 'updated_at', char_length(p.updated_at::text), w.updated_at)
) measured (position, target_column, characters, width)
where p.legacy_id = :key and measured.characters > measured.width
order by measured.position
limit 1;

-- retry video: quarantined rows not tried in this run
with lease as materialized (
  select r.id from video_platform.migration_run r
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share
),
keys as materialized (
  select s.legacy_id
  from video_platform.migration_status s, lease
  where s.entity_type = 'video' and s.status = 'failed' and s.run_id <> lease.id and (:only::text is null or s.legacy_id = :only::text)
  order by s.legacy_id
  limit :limit::int
  for update of s
),
derived as materialized (
  select p.* from keys join video_platform.videos_prep p on p.legacy_id = keys.legacy_id
),
kept as materialized (
  select keys.legacy_id, d.legacy_id is not null and (t.processing_status is not null or exists (
      select from video_platform.upload_session u where u.video_id = t.id and u.status = 'open' and u.updated_at > now() - interval '3 days')) as holds_own
  from keys
  join video_platform.videos t on t.id = keys.legacy_id and t.origin = 'legacy'
  left join derived d on d.legacy_id = keys.legacy_id
  where d.legacy_id is null or d.reason is not null
),
widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'title') as title,
    max(t.atttypmod - 4) filter (where t.attname = 'description') as description,
    max(t.atttypmod - 4) filter (where t.attname = 'thumbnail_url') as thumbnail_url,
    max(t.atttypmod - 4) filter (where t.attname = 'view_count') as view_count,
    max(t.atttypmod - 4) filter (where t.attname = 'tags') as tags,
    max(t.atttypmod - 4) filter (where t.attname = 'campaign') as campaign,
    max(t.atttypmod - 4) filter (where t.attname = 'published_at') as published_at,
    max(t.atttypmod - 4) filter (where t.attname = 'created_at') as created_at,
    max(t.atttypmod - 4) filter (where t.attname = 'updated_at') as updated_at
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.videos_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.videos'::regclass and t.attname in ('id', 'title', 'description', 'thumbnail_url', 'view_count', 'tags', 'campaign', 'published_at', 'created_at', 'updated_at')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
),
projected as materialized (
  select d.legacy_id, d.id, d.channel_id, d.title, d.description, d.thumbnail_url, d.view_count, d.status, d.tags, d.campaign, d.published_at, d.created_at, d.updated_at, d.source_version,
    case when d.legacy_id in (select kept.legacy_id from kept) then d.reason || case when d.reason ->> 'class' = 'WAITING' then '{"class": "MISSING_REFERENCE"}'::jsonb else '{}' end
      || '{"kept": true, "message": "the row holds what users have put into it: it is served as it was"}'
    when w.narrow and d.reason is null and (
      case when w.id is not null then char_length(d.id::text) > w.id end
      or case when w.title is not null then char_length(d.title::text) > w.title end
      or case when w.description is not null then char_length(d.description::text) > w.description end
      or case when w.thumbnail_url is not null then char_length(d.thumbnail_url::text) > w.thumbnail_url end
      or case when w.view_count is not null then char_length(d.view_count::text) > w.view_count end
      or case when w.tags is not null then char_length(d.tags::text) > w.tags end
      or case when w.campaign is not null then char_length(d.campaign::text) > w.campaign end
      or case when w.published_at is not null then char_length(d.published_at::text) > w.published_at end
      or case when w.created_at is not null then char_length(d.created_at::text) > w.created_at end
      or case when w.updated_at is not null then char_length(d.updated_at::text) > w.updated_at end
    ) then case when video_platform.abort_statement('22001', 'value too long for its column, the blanks at its end counted') then d.reason end
    else d.reason end as reason
  from derived d cross join widths w
),
inserted as (
  insert into video_platform.videos as t (id, channel_id, title, description, thumbnail_url, view_count, status, tags, campaign, published_at, created_at, updated_at)
  select id, channel_id, title, description, thumbnail_url, view_count, status, tags, campaign, published_at, created_at, updated_at from projected where reason is null
  on conflict (id) do update set
    id = excluded.id,
    channel_id = excluded.channel_id,
    title = excluded.title,
    description = excluded.description,
    thumbnail_url = case when t.video_url is not null then t.thumbnail_url else excluded.thumbnail_url end,
    view_count = excluded.view_count,
    status = excluded.status,
    tags = excluded.tags,
    campaign = excluded.campaign,
    published_at = excluded.published_at,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at,
    origin = case when t.origin = 'legacy' then t.origin else video_platform.refuse_row('a row born on VideoPick has this key') end
  returning hash_record_extended(row(t.id, t.channel_id, t.title, t.description, t.view_count, t.status, t.tags, t.campaign, t.published_at, t.created_at, t.updated_at), 0) as fingerprint
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'video', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, case when reason is null then id::text end as new_id, null::xid as source_version
    from projected) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
),
gone as materialized (
  select keys.legacy_id, keys.legacy_id in (select kept.legacy_id from kept) as stands
  from keys where keys.legacy_id not in (select r.legacy_id from recorded r)
),
-- What the database refused to remove stands until it can be removed: catch-up tries again.
queued as (
  insert into video_platform.change_queue (entity_type, legacy_id) select 'video', kept.legacy_id from kept where not kept.holds_own
),
tried_again as (
  update video_platform.migration_status s set run_id = :run::uuid from gone
  where gone.stands and s.entity_type = 'video' and s.legacy_id = gone.legacy_id
),
forgotten as (
  delete from video_platform.migration_status s using gone
  where not gone.stands and s.entity_type = 'video' and s.legacy_id = gone.legacy_id
),
due as (
  insert into video_platform.sums_due_mark (marked_at) select clock_timestamp() from keys limit 1
)
select count(*)::int as tried from keys;

-- refused again video: one row
update video_platform.migration_status s
set run_id = :run::uuid, migrated_at = now(),
  metadata = :reason::jsonb || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
where s.entity_type = 'video' and s.legacy_id = :only and s.status = 'failed' and s.run_id <> :run::uuid;

-- oldest changes of video
with oldest_snapshot as materialized (
  select coalesce(max(age(backend_xmin)), 0) as age
  from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
),
settled as materialized (
  select age from oldest_snapshot
  where not exists (
    select from pg_locks
    where (select age from oldest_snapshot) is not null
      and locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
      and objsubid = 1 and (classid::bigint << 32 | objid::bigint) = hashtextextended('videopick.copy', 0))
),
oldest as materialized (
  select c.id, c.legacy_id, c.changed_at
  from video_platform.change_queue c
  where c.entity_type = 'video'
    and (
      (select age(c.xid) > age from settled)
      or exists (select from video_platform.migration_status s where s.entity_type = 'video' and s.legacy_id = c.legacy_id)
    )
  order by c.id
  limit :limit::int
)
select legacy_id, jsonb_agg(id)::text as ids, extract(epoch from clock_timestamp() - min(changed_at))::float8 as lag_seconds, count(*)::int as changes
from oldest group by legacy_id;

-- oldest changes of video rows in quarantine
with oldest as materialized (
  select c.id, c.legacy_id, c.changed_at
  from video_platform.change_queue c
  join video_platform.migration_status s on s.entity_type = 'video' and s.legacy_id = c.legacy_id and s.status = 'failed'
  where c.entity_type = 'video'
  order by c.id
  limit :limit::int
)
select legacy_id, jsonb_agg(id)::text as ids, extract(epoch from clock_timestamp() - min(changed_at))::float8 as lag_seconds, count(*)::int as changes
from oldest group by legacy_id;

-- known video: rows that are copied or set aside
with keys as materialized (
  select distinct key as legacy_id from jsonb_array_elements_text(:keys::jsonb) key
),
standing as materialized (
  select keys.legacy_id, t.id::text as target_key
  from keys join video_platform.videos t on t.id = keys.legacy_id
  where t.origin = 'legacy'
  order by t.id
  for update of t
)
select keys.legacy_id, standing.target_key
from keys
left join standing on standing.legacy_id = keys.legacy_id
left join video_platform.migration_status s on s.entity_type = 'video' and s.legacy_id = keys.legacy_id
where standing.legacy_id is not null or s.legacy_id is not null;

-- apply video: brings target rows to what the projection says now
with known as materialized (
  select distinct key as legacy_id from jsonb_array_elements_text(:keys::jsonb) key
),
derived as materialized (
  select p.* from known join video_platform.videos_prep p on p.legacy_id = known.legacy_id
),
kept as materialized (
  select d.legacy_id from derived d join video_platform.videos t on t.id = d.legacy_id
  where d.reason is not null and t.origin = 'legacy' and (t.processing_status is not null or exists (
      select from video_platform.upload_session u where u.video_id = t.id and u.status = 'open' and u.updated_at > now() - interval '3 days'))
),
widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'title') as title,
    max(t.atttypmod - 4) filter (where t.attname = 'description') as description,
    max(t.atttypmod - 4) filter (where t.attname = 'thumbnail_url') as thumbnail_url,
    max(t.atttypmod - 4) filter (where t.attname = 'view_count') as view_count,
    max(t.atttypmod - 4) filter (where t.attname = 'tags') as tags,
    max(t.atttypmod - 4) filter (where t.attname = 'campaign') as campaign,
    max(t.atttypmod - 4) filter (where t.attname = 'published_at') as published_at,
    max(t.atttypmod - 4) filter (where t.attname = 'created_at') as created_at,
    max(t.atttypmod - 4) filter (where t.attname = 'updated_at') as updated_at
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.videos_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.videos'::regclass and t.attname in ('id', 'title', 'description', 'thumbnail_url', 'view_count', 'tags', 'campaign', 'published_at', 'created_at', 'updated_at')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
),
projected as materialized (
  select d.legacy_id, d.id, d.channel_id, d.title, d.description, d.thumbnail_url, d.view_count, d.status, d.tags, d.campaign, d.published_at, d.created_at, d.updated_at, d.source_version,
    case when d.legacy_id in (select kept.legacy_id from kept) then d.reason || case when d.reason ->> 'class' = 'WAITING' then '{"class": "MISSING_REFERENCE"}'::jsonb else '{}' end
      || '{"kept": true, "message": "the row holds what users have put into it: it is served as it was"}'
    when w.narrow and d.reason is null and (
      case when w.id is not null then char_length(d.id::text) > w.id end
      or case when w.title is not null then char_length(d.title::text) > w.title end
      or case when w.description is not null then char_length(d.description::text) > w.description end
      or case when w.thumbnail_url is not null then char_length(d.thumbnail_url::text) > w.thumbnail_url end
      or case when w.view_count is not null then char_length(d.view_count::text) > w.view_count end
      or case when w.tags is not null then char_length(d.tags::text) > w.tags end
      or case when w.campaign is not null then char_length(d.campaign::text) > w.campaign end
      or case when w.published_at is not null then char_length(d.published_at::text) > w.published_at end
      or case when w.created_at is not null then char_length(d.created_at::text) > w.created_at end
      or case when w.updated_at is not null then char_length(d.updated_at::text) > w.updated_at end
    ) then case when video_platform.abort_statement('22001', 'value too long for its column, the blanks at its end counted') then d.reason end
    else d.reason end as reason
  from derived d cross join widths w
  where d.reason is not null or not exists (
    select from video_platform.videos t
    join video_platform.migration_status s on s.entity_type = 'video' and s.legacy_id = d.legacy_id and s.status = 'completed'
    where t.id = d.legacy_id and t.id is not distinct from d.id and t.channel_id is not distinct from d.channel_id and t.title is not distinct from d.title and t.description is not distinct from d.description and (t.video_url is not null or t.thumbnail_url is not distinct from d.thumbnail_url) and t.view_count is not distinct from d.view_count and t.status is not distinct from d.status and t.tags is not distinct from d.tags and t.campaign is not distinct from d.campaign and t.published_at is not distinct from d.published_at and t.created_at is not distinct from d.created_at and t.updated_at is not distinct from d.updated_at
  )
),
removed as (
  delete from video_platform.videos t using known
  where t.id = known.legacy_id and t.origin = 'legacy'
    and known.legacy_id not in (select d.legacy_id from derived d where d.reason is null)
    and known.legacy_id not in (select kept.legacy_id from kept)
),
inserted as (
  insert into video_platform.videos as t (id, channel_id, title, description, thumbnail_url, view_count, status, tags, campaign, published_at, created_at, updated_at)
  select id, channel_id, title, description, thumbnail_url, view_count, status, tags, campaign, published_at, created_at, updated_at from projected where reason is null
  on conflict (id) do update set
    id = excluded.id,
    channel_id = excluded.channel_id,
    title = excluded.title,
    description = excluded.description,
    thumbnail_url = case when t.video_url is not null then t.thumbnail_url else excluded.thumbnail_url end,
    view_count = excluded.view_count,
    status = excluded.status,
    tags = excluded.tags,
    campaign = excluded.campaign,
    published_at = excluded.published_at,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at,
    origin = case when t.origin = 'legacy' then t.origin else video_platform.refuse_row('a row born on VideoPick has this key') end
  returning hash_record_extended(row(t.id, t.channel_id, t.title, t.description, t.view_count, t.status, t.tags, t.campaign, t.published_at, t.created_at, t.updated_at), 0) as fingerprint
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'video', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, case when reason is null then id::text end as new_id, null::xid as source_version
    from projected) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
)
delete from video_platform.migration_status s using known
where s.entity_type = 'video' and s.legacy_id = known.legacy_id
  and known.legacy_id not in (select d.legacy_id from derived d where coalesce(d.reason ->> 'class', '') <> 'WAITING')
  and known.legacy_id not in (select kept.legacy_id from kept);

-- video rows that refer to removed rows through channel_id
with removed as materialized (
  select distinct key::uuid as key from jsonb_array_elements_text(:keys::jsonb) key
),
referring as materialized (
  select t.id as legacy_id
  from removed join video_platform.videos t on t.channel_id = removed.key
  where t.origin = 'legacy' and t.id > :after::text
)
select legacy_id from referring order by legacy_id limit :limit::int;

-- wake video: rows refused for want of what has come
insert into video_platform.change_queue (entity_type, legacy_id)
select s.entity_type, s.legacy_id from video_platform.migration_status s
where s.entity_type = 'video' and s.status = 'failed' and s.metadata ->> 'class' = 'MISSING_REFERENCE'
  and s.metadata ->> 'value' in (select jsonb_array_elements_text(:keys::jsonb));

-- chunks of video: where the next ones end
with recursive ends (position, upto) as (
  select 1, (
    select l.id from public.campaigns l
    where l.id > :after::text
    order by l.id
    offset :limit::int - 1 limit 1
  )::text
  union all
  select position + 1, (
    select l.id from public.campaigns l
    where l.id > ends.upto
    order by l.id
    offset :limit::int - 1 limit 1
  )::text
  from ends where position < :chunks::int and upto is not null
)
select upto from ends order by position;

-- verify video: projection against videos, a chunk
with bounds as materialized (
  select coalesce(:upto::text,
    greatest((select max(l.id) from public.campaigns l), (select max(t.id) from video_platform.videos t),
      (select max(s.legacy_id) from video_platform.migration_status s where s.entity_type = 'video'))) as upto
),
waiting as materialized (
  select c.legacy_id as key from video_platform.pending_change c
  where c.entity_type = 'video' and c.legacy_id > :after::text and c.legacy_id <= (select upto from bounds)
),
moves as materialized (
  select m.range_no, m.after_key, m.upto_key, m.seen, m.xid
  from video_platform.migration_cursor_move m
  where m.entity_type = 'video' and m.upto_key > :after::text and m.after_key < (select upto from bounds)
    and m.xid = m.xmin -- else its xids are those of another cluster
),
passed as materialized (
  select min(after_key) as after_key, max(upto_key) as upto_key from moves group by range_no
),
sides as materialized (
  select count(*) filter (where proven) as proven,
    array_agg(legacy_id) filter (where not proven and (in_target or status = 'completed')) as keys,
    array_agg(legacy_id) filter (where status is not null and not in_legacy and not (status = 'failed' and in_target)) as without_legacy,
    array_agg(legacy_id) filter (where status is null and in_legacy
      and exists (select from passed where legacy_id > after_key and legacy_id <= upto_key)) as without_ledger,
    count(*) filter (where mismapped) as mismapped
  from (
    select coalesce(l.legacy_id, t.legacy_id, s.legacy_id) as legacy_id, s.status, l.legacy_id is not null as in_legacy, t.legacy_id is not null as in_target,
      s.status = 'completed' and s.mismapped as mismapped,
      not :recompute::boolean and coalesce(s.status = 'completed' and s.version = t.version and s.source_version = l.version, false) as proven
    from (
    select l.id as legacy_id, l.xmin as version
    from public.campaigns l where l.id > :after::text and l.id <= (select upto from bounds)
  ) l
    full join (
    select t.id as legacy_id, t.xmin as version
    from video_platform.videos t where t.origin = 'legacy' and t.id > :after::text and t.id <= (select upto from bounds)
  ) t on t.legacy_id = l.legacy_id
    full join (
    select s.legacy_id, s.status, s.xmin as version, case when s.migrated_at > (select applied_at from video_platform.schema_migration where name = 'compiled views') then s.source_version end as source_version,
      s.new_id is distinct from s.legacy_id as mismapped
    from video_platform.migration_status s where s.entity_type = 'video' and s.legacy_id > :after::text and s.legacy_id <= (select upto from bounds)
  ) s on s.legacy_id = coalesce(l.legacy_id, t.legacy_id)
  ) keys
),
passed_by as materialized (
  select count(*) as rows
  from (select unnest(without_ledger) as key from sides) pending
  join moves move on pending.key > move.after_key and pending.key <= move.upto_key
  join public.campaigns l on l.id = pending.key
  where age(l.xmin) > age(move.seen)
    and exists (
      select from video_platform.migration_status r
      where r.entity_type = 'channel' and r.legacy_id = l.business_id and r.status in ('completed', 'failed') and age(r.xmin) > age(move.seen))
    and not exists (
      select from video_platform.migration_batch b
      where b.entity_type = 'video' and b.xmin = move.xid
        and (b.outcome ->> 'completed')::bigint + (b.outcome ->> 'quarantined')::bigint < 2)
    and pending.key not in (select waiting.key from waiting)
),
suspects as materialized (
  select unnest(keys) as key from sides
),
expected as materialized (
  select p.*
  from suspects join video_platform.videos_prep p on p.legacy_id = suspects.key
  where (select s.status from video_platform.migration_status s where s.entity_type = 'video' and s.legacy_id = p.legacy_id) = 'completed'
    and p.reason is null
    and p.legacy_id not in (select waiting.key from waiting)
),
actual as materialized (
  select t.*
  from suspects join video_platform.videos t on t.id = suspects.key
  where t.origin = 'legacy'
    and t.id not in (select waiting.key from waiting)
    and not exists (
      select from video_platform.migration_status s
      where s.entity_type = 'video' and s.legacy_id = t.id and s.status = 'failed' and s.metadata ?| array['kept', 'sqlState'])
),
judged as materialized (
  select key, columns,
    case when not in_target then 'missing' when not derived then 'extra' when columns <> '{}' then 'different' end as outcome
  from (
    select coalesce(e.legacy_id, t.id) as key, e.legacy_id is not null as derived, t.id is not null as in_target,
      case when e.legacy_id is not null and t.id is not null then array_remove(array[
        case when e.id is distinct from t.id then 'id' end,
        case when e.channel_id is distinct from t.channel_id then 'channel_id' end,
        case when e.title is distinct from t.title then 'title' end,
        case when e.description is distinct from t.description then 'description' end,
        case when not coalesce(t.video_url is not null, false) and e.thumbnail_url is distinct from t.thumbnail_url then 'thumbnail_url' end,
        case when e.view_count is distinct from t.view_count then 'view_count' end,
        case when e.status is distinct from t.status then 'status' end,
        case when e.tags is distinct from t.tags then 'tags' end,
        case when e.campaign is distinct from t.campaign then 'campaign' end,
        case when e.published_at is distinct from t.published_at then 'published_at' end,
        case when e.created_at is distinct from t.created_at then 'created_at' end,
        case when e.updated_at is distinct from t.updated_at then 'updated_at' end
      ], null) else '{}' end as columns
    from expected e
    full join actual t on t.id = e.legacy_id
  ) pairs
),
counts as materialized (
  select (select proven from sides) + count(*) as compared,
    count(*) filter (where outcome = 'missing') as missing,
    count(*) filter (where outcome = 'extra') as extra,
    count(*) filter (where outcome = 'different') as different,
    (select count(*) from (select unnest(without_legacy) as key from sides) gone where gone.key not in (select waiting.key from waiting)) as unaccounted,
    (select mismapped from sides) as mismapped,
    (select rows from passed_by) as passed_by
  from judged
),
named as materialized (
  select key, outcome, columns from judged where outcome is not null order by key limit :named::int
)
select counts.*, named.key, named.outcome, named.columns
from counts left join named on true
order by named.key;

-- narrow columns of video_submission: where the target takes less than the projection gives
select * from (
  select t.attname::text as column,
    case when t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
      then t.atttypmod - 4 end as "maxCharacters",
    t.attnotnull and not coalesce(l.attnotnull, true) as "refusesNull"
  from (values ('id', 'id'), ('message', 'message'), ('created_at', 'created_at'), ('updated_at', 'updated_at')) carried (target_column, legacy_column)
  join pg_catalog.pg_attribute t on t.attrelid = 'video_platform.video_submissions'::regclass and t.attname = carried.target_column
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.video_submissions_prep'::regclass and v.attname = carried.target_column
  left join pg_catalog.pg_attribute l on l.attrelid = 'public.campaign_applications'::regclass and l.attname = carried.legacy_column
) compared
where "maxCharacters" is not null or "refusesNull";

-- forecast video_submission: what pending rows would come to
with chunk as materialized (
  select l.id as legacy_id
  from public.campaign_applications l
  where (:after::text is null or l.id > :after::text)
  order by l.id
  limit :limit::int
),
pending as (
  select c.legacy_id from chunk c
  where not exists (select from video_platform.migration_status s where s.entity_type = 'video_submission' and s.legacy_id = c.legacy_id)
),
classes as (
  select case
      when l.id = '' then 'UNSUPPORTED_VALUE'
      when position(U&'\FDD0' in l.id) > 0 then 'UNSUPPORTED_TEXT'
      when video_ref.id is null and not (exists (
        select from public.campaigns l
left join video_platform.channels channel_ref on channel_ref.user_id = l.business_id
cross join lateral (select l.business_id) video_awaits
        where l.id = video_submission_awaits.campaign_id and ((l.id = '') or (position(U&'\FDD0' in l.id) > 0) or (channel_ref.id is null and not (exists (
        select from public.users l
join public.profiles p on p.user_id = l.id
left join video_platform.users user_ref on user_ref.id = l.id
left join video_platform.channel_handle_request handle_request on handle_request.legacy_id = l.id
cross join lateral (select l.id) channel_awaits
        where l.id = video_awaits.business_id and l.type in ('INFLUENCER', 'BUSINESS') and ((l.id = '') or (position(U&'\FDD0' in l.id) > 0) or (user_ref.id is null and not (exists (
        select from public.users l
        where l.id = channel_awaits.id and ((l.id = '') or (position(U&'\FDD0' in l.id) > 0) or (position(U&'\FDD0' in l.email) > 0) or (position(U&'\FDD0' in l.name) > 0) or (l.type is null or l.type not in ('BUSINESS', 'INFLUENCER', 'ADMIN')) or (position(U&'\FDD0' in l.status) > 0)) is not true
      ) and not exists (
        select from video_platform.migration_status s
        where s.entity_type = 'user' and s.legacy_id = channel_awaits.id and s.status = 'failed'
      ))) or (position(U&'\FDD0' in case when p.name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]' then btrim(p.name, E' \t\r\n\u00a0\u3000') else l.name end) > 0) or (position(U&'\FDD0' in p.bio) > 0) or (position(U&'\FDD0' in p.profile_image) > 0)) is not true
      ) and not exists (
        select from video_platform.migration_status s
        where s.entity_type = 'channel' and s.legacy_id = video_awaits.business_id and s.status = 'failed'
      ))) or (position(U&'\FDD0' in l.title) > 0) or (position(U&'\FDD0' in l.description) > 0) or (position(U&'\FDD0' in l.thumbnail_image_url) > 0) or (l.view_count < 0) or (l.status is null or l.status not in ('DRAFT', 'ACTIVE', 'PAUSED', 'COMPLETED')) or (position(U&'\FDD0' in l.hashtags) > 0)) is not true
      ) and not exists (
        select from video_platform.migration_status s
        where s.entity_type = 'video' and s.legacy_id = video_submission_awaits.campaign_id and s.status = 'failed'
      )) then 'MISSING_REFERENCE'
      when user_ref.id is null and not (exists (
        select from public.users l
        where l.id = video_submission_awaits.influencer_id and ((l.id = '') or (position(U&'\FDD0' in l.id) > 0) or (position(U&'\FDD0' in l.email) > 0) or (position(U&'\FDD0' in l.name) > 0) or (l.type is null or l.type not in ('BUSINESS', 'INFLUENCER', 'ADMIN')) or (position(U&'\FDD0' in l.status) > 0)) is not true
      ) and not exists (
        select from video_platform.migration_status s
        where s.entity_type = 'user' and s.legacy_id = video_submission_awaits.influencer_id and s.status = 'failed'
      )) then 'MISSING_REFERENCE'
      when position(U&'\FDD0' in l.message) > 0 then 'UNSUPPORTED_TEXT'
      when l.status is null or l.status not in ('PENDING', 'APPROVED', 'REJECTED', 'COMPLETED') then 'UNKNOWN_VALUE'
      when video_ref.id is null then 'WAITING'
      when user_ref.id is null then 'WAITING'
      else ''
    end as class, count(*) as rows
  from public.campaign_applications l
left join video_platform.videos video_ref on video_ref.id = l.campaign_id
left join video_platform.users user_ref on user_ref.id = l.influencer_id
cross join lateral (select l.campaign_id, l.influencer_id) video_submission_awaits
  join pending on pending.legacy_id = l.id
  group by 1
)
select coalesce((select jsonb_object_agg(class, rows) from classes), '{}') as reasons,
  (select max(legacy_id) from chunk having count(*) = :limit::int) as next_key;

-- inflow of video_submission
select round(count(*) / 7.0, 1)::float8 as rows_per_day
from public.campaign_applications l
where l.created_at > (now() at time zone 'UTC') - interval '7 days' and l.created_at <= now() at time zone 'UTC';

-- copy video_submission: campaign_applications → video_submissions, the next rows of a range after its cursor · the reply carries counts only, never rows
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key, c.upto_key,
    pg_advisory_xact_lock_shared(hashtextextended('videopick.copy', 0)) as copying
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'video_submission' and c.range_no = :range::int
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share of r for update of c
),
ahead as materialized (
  select (
    select s.legacy_id from video_platform.migration_status s
    where s.entity_type = 'video_submission' and s.legacy_id > (select last_key from lease)
    order by s.legacy_id limit 1 -- in this order: by index, whatever the planner believes
  ) is not null as known
),
batch as materialized (
  select l.id as legacy_id
  from public.campaign_applications l
  where l.id > (select last_key from lease)
    and (not (select known from ahead) or (select s.status from video_platform.migration_status s where s.entity_type = 'video_submission' and s.legacy_id = l.id) is null)
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
inserted as (
  merge into video_platform.video_submissions t
  using (
    select p.* from keys keys join video_platform.video_submissions_prep p on p.legacy_id = keys.legacy_id
    where p.legacy_id > (select last_key from lease) and p.legacy_id <= (select max(legacy_id) from keys)
    offset 0 -- each value is computed once
  ) p on false
  when not matched and p.reason is null then insert (id, video_id, user_id, message, status, created_at, updated_at) values (p.id, p.video_id, p.user_id, p.message, p.status, p.created_at, p.updated_at)
  returning p.legacy_id, t.id::text as new_id, p.source_version, row(p.id, p.video_id, p.user_id, p.message, p.status, p.created_at, p.updated_at) is not distinct from row(t.id, t.video_id, t.user_id, t.message, t.status, t.created_at, t.updated_at) as matches
),
refused as materialized (
  select p.legacy_id, p.reason from (select legacy_id from keys except select legacy_id from inserted) keys join video_platform.video_submissions_prep p on p.legacy_id = keys.legacy_id
    where p.legacy_id > (select last_key from lease) and p.legacy_id <= (select max(legacy_id) from keys)
    and (select count(*) from inserted) < (select count(*) from keys)
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'video_submission', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, null::jsonb as reason, new_id, source_version from inserted
    union all select legacy_id, reason, null, null from refused) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before,
    not exists (select from inserted where not matches) and not exists (select from refused where reason is null) as matches
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'video_submission' and c.range_no = :range::int and outcome.leased
),
kept as (
  insert into video_platform.migration_batch (batch_key, run_id, entity_type, outcome)
  select :batch::uuid, lease.id, 'video_submission', jsonb_build_object('leased', true, 'request', 'run', 'completed', outcome.completed,
    'quarantined', outcome.quarantined, 'exhausted', outcome.exhausted, 'remaining', outcome.remaining_before - outcome.completed)
  from outcome, lease
)
select leased,
  (select request from video_platform.migration_control) as request,
  completed::int, quarantined::int, leased and exhausted as exhausted,
  coalesce(remaining_before - completed, 0)::int as remaining,
  case
    when not matches then video_platform.abort_statement('VP001', 'the rows stored differ from the rows projected; nothing was copied')
    when quarantined > :aside::int then video_platform.abort_statement('VP003', 'more rows would be set aside than a batch may; nothing was copied')
  end as aborted
from outcome;

-- next key of video_submission
select l.id as key
from public.campaign_applications l
where l.id > (select last_key from video_platform.migration_cursor where entity_type = 'video_submission' and range_no = :range::int)
  and (select s.status from video_platform.migration_status s where s.entity_type = 'video_submission' and s.legacy_id = l.id) is null
order by l.id
limit 1;

-- set aside video_submission: one row, which the database refused
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key, c.upto_key,
    pg_advisory_xact_lock_shared(hashtextextended('videopick.copy', 0)) as copying
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'video_submission' and c.range_no = :range::int
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share of r for update of c
),
batch as materialized (
  select l.id as legacy_id
  from public.campaign_applications l
  where l.id > (select last_key from lease)
    and (select s.status from video_platform.migration_status s where s.entity_type = 'video_submission' and s.legacy_id = l.id) is null
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'video_submission', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, null as new_id, null::xid as source_version from (select legacy_id, :reason::jsonb as reason from keys) refused) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before,
    true as matches
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'video_submission' and c.range_no = :range::int and outcome.leased
),
kept as (
  insert into video_platform.migration_batch (batch_key, run_id, entity_type, outcome)
  select :batch::uuid, lease.id, 'video_submission', jsonb_build_object('leased', true, 'request', 'run', 'completed', outcome.completed,
    'quarantined', outcome.quarantined, 'exhausted', outcome.exhausted, 'remaining', outcome.remaining_before - outcome.completed)
  from outcome, lease
)
select leased,
  (select request from video_platform.migration_control) as request,
  completed::int, quarantined::int, leased and exhausted as exhausted,
  coalesce(remaining_before - completed, 0)::int as remaining,
  case
    when not matches then video_platform.abort_statement('VP001', 'the rows stored differ from the rows projected; nothing was copied')
    when quarantined > :aside::int then video_platform.abort_statement('VP003', 'more rows would be set aside than a batch may; nothing was copied')
  end as aborted
from outcome;

-- too long video_submission: the first column of a row that its value does not fit into
with widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'message') as message,
    max(t.atttypmod - 4) filter (where t.attname = 'created_at') as created_at,
    max(t.atttypmod - 4) filter (where t.attname = 'updated_at') as updated_at
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.video_submissions_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.video_submissions'::regclass and t.attname in ('id', 'message', 'created_at', 'updated_at')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
)
select measured.target_column as column
from video_platform.video_submissions_prep p
cross join widths w
cross join lateral (values
  (0, 'id', char_length(p.id::text), w.id),
  (1, 'message', char_length(p.message::text), w.message),
  (2, 'created_at', char_length(p.created_at::text), w.created_at),
  (3, 'updated_at', char_length(p.updated_at::text), w.updated_at)
) measured (position, target_column, characters, width)
where p.legacy_id = :key and measured.characters > measured.width
order by measured.position
limit 1;

-- retry video_submission: quarantined rows not tried in this run
with lease as materialized (
  select r.id from video_platform.migration_run r
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share
),
keys as materialized (
  select s.legacy_id
  from video_platform.migration_status s, lease
  where s.entity_type = 'video_submission' and s.status = 'failed' and s.run_id <> lease.id and (:only::text is null or s.legacy_id = :only::text)
  order by s.legacy_id
  limit :limit::int
  for update of s
),
derived as materialized (
  select p.* from keys join video_platform.video_submissions_prep p on p.legacy_id = keys.legacy_id
),
kept as materialized (
  select keys.legacy_id, d.legacy_id is not null and (false) as holds_own
  from keys
  join video_platform.video_submissions t on t.id = keys.legacy_id and t.origin = 'legacy'
  left join derived d on d.legacy_id = keys.legacy_id
  where d.legacy_id is null or d.reason is not null
),
widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'message') as message,
    max(t.atttypmod - 4) filter (where t.attname = 'created_at') as created_at,
    max(t.atttypmod - 4) filter (where t.attname = 'updated_at') as updated_at
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.video_submissions_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.video_submissions'::regclass and t.attname in ('id', 'message', 'created_at', 'updated_at')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
),
projected as materialized (
  select d.legacy_id, d.id, d.video_id, d.user_id, d.message, d.status, d.created_at, d.updated_at, d.source_version,
    case when d.legacy_id in (select kept.legacy_id from kept) then d.reason || case when d.reason ->> 'class' = 'WAITING' then '{"class": "MISSING_REFERENCE"}'::jsonb else '{}' end
      || '{"kept": true, "message": "the row holds what users have put into it: it is served as it was"}'
    when w.narrow and d.reason is null and (
      case when w.id is not null then char_length(d.id::text) > w.id end
      or case when w.message is not null then char_length(d.message::text) > w.message end
      or case when w.created_at is not null then char_length(d.created_at::text) > w.created_at end
      or case when w.updated_at is not null then char_length(d.updated_at::text) > w.updated_at end
    ) then case when video_platform.abort_statement('22001', 'value too long for its column, the blanks at its end counted') then d.reason end
    else d.reason end as reason
  from derived d cross join widths w
),
inserted as (
  insert into video_platform.video_submissions as t (id, video_id, user_id, message, status, created_at, updated_at)
  select id, video_id, user_id, message, status, created_at, updated_at from projected where reason is null
  on conflict (id) do update set
    id = excluded.id,
    video_id = excluded.video_id,
    user_id = excluded.user_id,
    message = excluded.message,
    status = excluded.status,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at,
    origin = case when t.origin = 'legacy' then t.origin else video_platform.refuse_row('a row born on VideoPick has this key') end
  returning hash_record_extended(row(t.id, t.video_id, t.user_id, t.message, t.status, t.created_at, t.updated_at), 0) as fingerprint
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'video_submission', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, case when reason is null then id::text end as new_id, null::xid as source_version
    from projected) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
),
gone as materialized (
  select keys.legacy_id, keys.legacy_id in (select kept.legacy_id from kept) as stands
  from keys where keys.legacy_id not in (select r.legacy_id from recorded r)
),
-- What the database refused to remove stands until it can be removed: catch-up tries again.
queued as (
  insert into video_platform.change_queue (entity_type, legacy_id) select 'video_submission', kept.legacy_id from kept where not kept.holds_own
),
tried_again as (
  update video_platform.migration_status s set run_id = :run::uuid from gone
  where gone.stands and s.entity_type = 'video_submission' and s.legacy_id = gone.legacy_id
),
forgotten as (
  delete from video_platform.migration_status s using gone
  where not gone.stands and s.entity_type = 'video_submission' and s.legacy_id = gone.legacy_id
)
select count(*)::int as tried from keys;

-- refused again video_submission: one row
update video_platform.migration_status s
set run_id = :run::uuid, migrated_at = now(),
  metadata = :reason::jsonb || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
where s.entity_type = 'video_submission' and s.legacy_id = :only and s.status = 'failed' and s.run_id <> :run::uuid;

-- oldest changes of video_submission
with oldest_snapshot as materialized (
  select coalesce(max(age(backend_xmin)), 0) as age
  from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
),
settled as materialized (
  select age from oldest_snapshot
  where not exists (
    select from pg_locks
    where (select age from oldest_snapshot) is not null
      and locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
      and objsubid = 1 and (classid::bigint << 32 | objid::bigint) = hashtextextended('videopick.copy', 0))
),
oldest as materialized (
  select c.id, c.legacy_id, c.changed_at
  from video_platform.change_queue c
  where c.entity_type = 'video_submission'
    and (
      (select age(c.xid) > age from settled)
      or exists (select from video_platform.migration_status s where s.entity_type = 'video_submission' and s.legacy_id = c.legacy_id)
    )
  order by c.id
  limit :limit::int
)
select legacy_id, jsonb_agg(id)::text as ids, extract(epoch from clock_timestamp() - min(changed_at))::float8 as lag_seconds, count(*)::int as changes
from oldest group by legacy_id;

-- oldest changes of video_submission rows in quarantine
with oldest as materialized (
  select c.id, c.legacy_id, c.changed_at
  from video_platform.change_queue c
  join video_platform.migration_status s on s.entity_type = 'video_submission' and s.legacy_id = c.legacy_id and s.status = 'failed'
  where c.entity_type = 'video_submission'
  order by c.id
  limit :limit::int
)
select legacy_id, jsonb_agg(id)::text as ids, extract(epoch from clock_timestamp() - min(changed_at))::float8 as lag_seconds, count(*)::int as changes
from oldest group by legacy_id;

-- known video_submission: rows that are copied or set aside
with keys as materialized (
  select distinct key as legacy_id from jsonb_array_elements_text(:keys::jsonb) key
),
standing as materialized (
  select keys.legacy_id, t.id::text as target_key
  from keys join video_platform.video_submissions t on t.id = keys.legacy_id
  where t.origin = 'legacy'
)
select keys.legacy_id, standing.target_key
from keys
left join standing on standing.legacy_id = keys.legacy_id
left join video_platform.migration_status s on s.entity_type = 'video_submission' and s.legacy_id = keys.legacy_id
where standing.legacy_id is not null or s.legacy_id is not null;

-- apply video_submission: brings target rows to what the projection says now
with known as materialized (
  select distinct key as legacy_id from jsonb_array_elements_text(:keys::jsonb) key
),
derived as materialized (
  select p.* from known join video_platform.video_submissions_prep p on p.legacy_id = known.legacy_id
),
kept as materialized (
  select d.legacy_id from derived d join video_platform.video_submissions t on t.id = d.legacy_id
  where d.reason is not null and t.origin = 'legacy' and (false)
),
widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'message') as message,
    max(t.atttypmod - 4) filter (where t.attname = 'created_at') as created_at,
    max(t.atttypmod - 4) filter (where t.attname = 'updated_at') as updated_at
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.video_submissions_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.video_submissions'::regclass and t.attname in ('id', 'message', 'created_at', 'updated_at')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
),
projected as materialized (
  select d.legacy_id, d.id, d.video_id, d.user_id, d.message, d.status, d.created_at, d.updated_at, d.source_version,
    case when d.legacy_id in (select kept.legacy_id from kept) then d.reason || case when d.reason ->> 'class' = 'WAITING' then '{"class": "MISSING_REFERENCE"}'::jsonb else '{}' end
      || '{"kept": true, "message": "the row holds what users have put into it: it is served as it was"}'
    when w.narrow and d.reason is null and (
      case when w.id is not null then char_length(d.id::text) > w.id end
      or case when w.message is not null then char_length(d.message::text) > w.message end
      or case when w.created_at is not null then char_length(d.created_at::text) > w.created_at end
      or case when w.updated_at is not null then char_length(d.updated_at::text) > w.updated_at end
    ) then case when video_platform.abort_statement('22001', 'value too long for its column, the blanks at its end counted') then d.reason end
    else d.reason end as reason
  from derived d cross join widths w
  where d.reason is not null or not exists (
    select from video_platform.video_submissions t
    join video_platform.migration_status s on s.entity_type = 'video_submission' and s.legacy_id = d.legacy_id and s.status = 'completed'
    where t.id = d.legacy_id and t.id is not distinct from d.id and t.video_id is not distinct from d.video_id and t.user_id is not distinct from d.user_id and t.message is not distinct from d.message and t.status is not distinct from d.status and t.created_at is not distinct from d.created_at and t.updated_at is not distinct from d.updated_at
  )
),
removed as (
  delete from video_platform.video_submissions t using known
  where t.id = known.legacy_id and t.origin = 'legacy'
    and known.legacy_id not in (select d.legacy_id from derived d where d.reason is null)
    and known.legacy_id not in (select kept.legacy_id from kept)
),
inserted as (
  insert into video_platform.video_submissions as t (id, video_id, user_id, message, status, created_at, updated_at)
  select id, video_id, user_id, message, status, created_at, updated_at from projected where reason is null
  on conflict (id) do update set
    id = excluded.id,
    video_id = excluded.video_id,
    user_id = excluded.user_id,
    message = excluded.message,
    status = excluded.status,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at,
    origin = case when t.origin = 'legacy' then t.origin else video_platform.refuse_row('a row born on VideoPick has this key') end
  returning hash_record_extended(row(t.id, t.video_id, t.user_id, t.message, t.status, t.created_at, t.updated_at), 0) as fingerprint
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'video_submission', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, case when reason is null then id::text end as new_id, null::xid as source_version
    from projected) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
)
delete from video_platform.migration_status s using known
where s.entity_type = 'video_submission' and s.legacy_id = known.legacy_id
  and known.legacy_id not in (select d.legacy_id from derived d where coalesce(d.reason ->> 'class', '') <> 'WAITING')
  and known.legacy_id not in (select kept.legacy_id from kept);

-- video_submission rows that refer to removed rows through video_id
with removed as materialized (
  select distinct key::text as key from jsonb_array_elements_text(:keys::jsonb) key
),
referring as materialized (
  select t.id as legacy_id
  from removed join video_platform.video_submissions t on t.video_id = removed.key
  where t.origin = 'legacy' and t.id > :after::text
)
select legacy_id from referring order by legacy_id limit :limit::int;

-- video_submission rows that refer to removed rows through user_id
with removed as materialized (
  select distinct key::text as key from jsonb_array_elements_text(:keys::jsonb) key
),
referring as materialized (
  select t.id as legacy_id
  from removed join video_platform.video_submissions t on t.user_id = removed.key
  where t.origin = 'legacy' and t.id > :after::text
)
select legacy_id from referring order by legacy_id limit :limit::int;

-- wake video_submission: rows refused for want of what has come
insert into video_platform.change_queue (entity_type, legacy_id)
select s.entity_type, s.legacy_id from video_platform.migration_status s
where s.entity_type = 'video_submission' and s.status = 'failed' and s.metadata ->> 'class' = 'MISSING_REFERENCE'
  and s.metadata ->> 'value' in (select jsonb_array_elements_text(:keys::jsonb));

-- chunks of video_submission: where the next ones end
with recursive ends (position, upto) as (
  select 1, (
    select l.id from public.campaign_applications l
    where l.id > :after::text
    order by l.id
    offset :limit::int - 1 limit 1
  )::text
  union all
  select position + 1, (
    select l.id from public.campaign_applications l
    where l.id > ends.upto
    order by l.id
    offset :limit::int - 1 limit 1
  )::text
  from ends where position < :chunks::int and upto is not null
)
select upto from ends order by position;

-- verify video_submission: projection against video_submissions, a chunk
with bounds as materialized (
  select coalesce(:upto::text,
    greatest((select max(l.id) from public.campaign_applications l), (select max(t.id) from video_platform.video_submissions t),
      (select max(s.legacy_id) from video_platform.migration_status s where s.entity_type = 'video_submission'))) as upto
),
waiting as materialized (
  select c.legacy_id as key from video_platform.pending_change c
  where c.entity_type = 'video_submission' and c.legacy_id > :after::text and c.legacy_id <= (select upto from bounds)
),
moves as materialized (
  select m.range_no, m.after_key, m.upto_key, m.seen, m.xid
  from video_platform.migration_cursor_move m
  where m.entity_type = 'video_submission' and m.upto_key > :after::text and m.after_key < (select upto from bounds)
    and m.xid = m.xmin -- else its xids are those of another cluster
),
passed as materialized (
  select min(after_key) as after_key, max(upto_key) as upto_key from moves group by range_no
),
sides as materialized (
  select count(*) filter (where proven) as proven,
    array_agg(legacy_id) filter (where not proven and (in_target or status = 'completed')) as keys,
    array_agg(legacy_id) filter (where status is not null and not in_legacy and not (status = 'failed' and in_target)) as without_legacy,
    array_agg(legacy_id) filter (where status is null and in_legacy
      and exists (select from passed where legacy_id > after_key and legacy_id <= upto_key)) as without_ledger,
    count(*) filter (where mismapped) as mismapped
  from (
    select coalesce(l.legacy_id, t.legacy_id, s.legacy_id) as legacy_id, s.status, l.legacy_id is not null as in_legacy, t.legacy_id is not null as in_target,
      s.status = 'completed' and s.mismapped as mismapped,
      not :recompute::boolean and coalesce(s.status = 'completed' and s.version = t.version and s.source_version = l.version, false) as proven
    from (
    select l.id as legacy_id, l.xmin as version
    from public.campaign_applications l where l.id > :after::text and l.id <= (select upto from bounds)
  ) l
    full join (
    select t.id as legacy_id, t.xmin as version
    from video_platform.video_submissions t where t.origin = 'legacy' and t.id > :after::text and t.id <= (select upto from bounds)
  ) t on t.legacy_id = l.legacy_id
    full join (
    select s.legacy_id, s.status, s.xmin as version, case when s.migrated_at > (select applied_at from video_platform.schema_migration where name = 'compiled views') then s.source_version end as source_version,
      s.new_id is distinct from s.legacy_id as mismapped
    from video_platform.migration_status s where s.entity_type = 'video_submission' and s.legacy_id > :after::text and s.legacy_id <= (select upto from bounds)
  ) s on s.legacy_id = coalesce(l.legacy_id, t.legacy_id)
  ) keys
),
passed_by as materialized (
  select count(*) as rows
  from (select unnest(without_ledger) as key from sides) pending
  join moves move on pending.key > move.after_key and pending.key <= move.upto_key
  join public.campaign_applications l on l.id = pending.key
  where age(l.xmin) > age(move.seen)
    and exists (
      select from video_platform.migration_status r
      where r.entity_type = 'video' and r.legacy_id = l.campaign_id and r.status in ('completed', 'failed') and age(r.xmin) > age(move.seen))
    and exists (
      select from video_platform.migration_status r
      where r.entity_type = 'user' and r.legacy_id = l.influencer_id and r.status in ('completed', 'failed') and age(r.xmin) > age(move.seen))
    and not exists (
      select from video_platform.migration_batch b
      where b.entity_type = 'video_submission' and b.xmin = move.xid
        and (b.outcome ->> 'completed')::bigint + (b.outcome ->> 'quarantined')::bigint < 2)
    and pending.key not in (select waiting.key from waiting)
),
suspects as materialized (
  select unnest(keys) as key from sides
),
expected as materialized (
  select p.*
  from suspects join video_platform.video_submissions_prep p on p.legacy_id = suspects.key
  where (select s.status from video_platform.migration_status s where s.entity_type = 'video_submission' and s.legacy_id = p.legacy_id) = 'completed'
    and p.reason is null
    and p.legacy_id not in (select waiting.key from waiting)
),
actual as materialized (
  select t.*
  from suspects join video_platform.video_submissions t on t.id = suspects.key
  where t.origin = 'legacy'
    and t.id not in (select waiting.key from waiting)
    and not exists (
      select from video_platform.migration_status s
      where s.entity_type = 'video_submission' and s.legacy_id = t.id and s.status = 'failed' and s.metadata ?| array['kept', 'sqlState'])
),
judged as materialized (
  select key, columns,
    case when not in_target then 'missing' when not derived then 'extra' when columns <> '{}' then 'different' end as outcome
  from (
    select coalesce(e.legacy_id, t.id) as key, e.legacy_id is not null as derived, t.id is not null as in_target,
      case when e.legacy_id is not null and t.id is not null then array_remove(array[
        case when e.id is distinct from t.id then 'id' end,
        case when e.video_id is distinct from t.video_id then 'video_id' end,
        case when e.user_id is distinct from t.user_id then 'user_id' end,
        case when e.message is distinct from t.message then 'message' end,
        case when e.status is distinct from t.status then 'status' end,
        case when e.created_at is distinct from t.created_at then 'created_at' end,
        case when e.updated_at is distinct from t.updated_at then 'updated_at' end
      ], null) else '{}' end as columns
    from expected e
    full join actual t on t.id = e.legacy_id
  ) pairs
),
counts as materialized (
  select (select proven from sides) + count(*) as compared,
    count(*) filter (where outcome = 'missing') as missing,
    count(*) filter (where outcome = 'extra') as extra,
    count(*) filter (where outcome = 'different') as different,
    (select count(*) from (select unnest(without_legacy) as key from sides) gone where gone.key not in (select waiting.key from waiting)) as unaccounted,
    (select mismapped from sides) as mismapped,
    (select rows from passed_by) as passed_by
  from judged
),
named as materialized (
  select key, outcome, columns from judged where outcome is not null order by key limit :named::int
)
select counts.*, named.key, named.outcome, named.columns
from counts left join named on true
order by named.key;

-- narrow columns of watch_later: where the target takes less than the projection gives
select * from (
  select t.attname::text as column,
    case when t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
      then t.atttypmod - 4 end as "maxCharacters",
    t.attnotnull and not coalesce(l.attnotnull, true) as "refusesNull"
  from (values ('id', 'id'), ('created_at', 'created_at')) carried (target_column, legacy_column)
  join pg_catalog.pg_attribute t on t.attrelid = 'video_platform.watch_later'::regclass and t.attname = carried.target_column
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.watch_later_prep'::regclass and v.attname = carried.target_column
  left join pg_catalog.pg_attribute l on l.attrelid = 'public.saved_campaigns'::regclass and l.attname = carried.legacy_column
) compared
where "maxCharacters" is not null or "refusesNull";

-- forecast watch_later: what pending rows would come to
with chunk as materialized (
  select l.id as legacy_id
  from public.saved_campaigns l
  where (:after::text is null or l.id > :after::text)
  order by l.id
  limit :limit::int
),
pending as (
  select c.legacy_id from chunk c
  where not exists (select from video_platform.migration_status s where s.entity_type = 'watch_later' and s.legacy_id = c.legacy_id)
),
classes as (
  select case
      when l.id = '' then 'UNSUPPORTED_VALUE'
      when position(U&'\FDD0' in l.id) > 0 then 'UNSUPPORTED_TEXT'
      when user_ref.id is null and not (exists (
        select from public.users l
        where l.id = watch_later_awaits.user_id and ((l.id = '') or (position(U&'\FDD0' in l.id) > 0) or (position(U&'\FDD0' in l.email) > 0) or (position(U&'\FDD0' in l.name) > 0) or (l.type is null or l.type not in ('BUSINESS', 'INFLUENCER', 'ADMIN')) or (position(U&'\FDD0' in l.status) > 0)) is not true
      ) and not exists (
        select from video_platform.migration_status s
        where s.entity_type = 'user' and s.legacy_id = watch_later_awaits.user_id and s.status = 'failed'
      )) then 'MISSING_REFERENCE'
      when video_ref.id is null and not (exists (
        select from public.campaigns l
left join video_platform.channels channel_ref on channel_ref.user_id = l.business_id
cross join lateral (select l.business_id) video_awaits
        where l.id = watch_later_awaits.campaign_id and ((l.id = '') or (position(U&'\FDD0' in l.id) > 0) or (channel_ref.id is null and not (exists (
        select from public.users l
join public.profiles p on p.user_id = l.id
left join video_platform.users user_ref on user_ref.id = l.id
left join video_platform.channel_handle_request handle_request on handle_request.legacy_id = l.id
cross join lateral (select l.id) channel_awaits
        where l.id = video_awaits.business_id and l.type in ('INFLUENCER', 'BUSINESS') and ((l.id = '') or (position(U&'\FDD0' in l.id) > 0) or (user_ref.id is null and not (exists (
        select from public.users l
        where l.id = channel_awaits.id and ((l.id = '') or (position(U&'\FDD0' in l.id) > 0) or (position(U&'\FDD0' in l.email) > 0) or (position(U&'\FDD0' in l.name) > 0) or (l.type is null or l.type not in ('BUSINESS', 'INFLUENCER', 'ADMIN')) or (position(U&'\FDD0' in l.status) > 0)) is not true
      ) and not exists (
        select from video_platform.migration_status s
        where s.entity_type = 'user' and s.legacy_id = channel_awaits.id and s.status = 'failed'
      ))) or (position(U&'\FDD0' in case when p.name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]' then btrim(p.name, E' \t\r\n\u00a0\u3000') else l.name end) > 0) or (position(U&'\FDD0' in p.bio) > 0) or (position(U&'\FDD0' in p.profile_image) > 0)) is not true
      ) and not exists (
        select from video_platform.migration_status s
        where s.entity_type = 'channel' and s.legacy_id = video_awaits.business_id and s.status = 'failed'
      ))) or (position(U&'\FDD0' in l.title) > 0) or (position(U&'\FDD0' in l.description) > 0) or (position(U&'\FDD0' in l.thumbnail_image_url) > 0) or (l.view_count < 0) or (l.status is null or l.status not in ('DRAFT', 'ACTIVE', 'PAUSED', 'COMPLETED')) or (position(U&'\FDD0' in l.hashtags) > 0)) is not true
      ) and not exists (
        select from video_platform.migration_status s
        where s.entity_type = 'video' and s.legacy_id = watch_later_awaits.campaign_id and s.status = 'failed'
      )) then 'MISSING_REFERENCE'
      when user_ref.id is null then 'WAITING'
      when video_ref.id is null then 'WAITING'
      else ''
    end as class, count(*) as rows
  from public.saved_campaigns l
left join video_platform.users user_ref on user_ref.id = l.user_id
left join video_platform.videos video_ref on video_ref.id = l.campaign_id
cross join lateral (select l.user_id, l.campaign_id) watch_later_awaits
  join pending on pending.legacy_id = l.id
  group by 1
)
select coalesce((select jsonb_object_agg(class, rows) from classes), '{}') as reasons,
  (select max(legacy_id) from chunk having count(*) = :limit::int) as next_key;

-- inflow of watch_later
select round(count(*) / 7.0, 1)::float8 as rows_per_day
from public.saved_campaigns l
where l.created_at > (now() at time zone 'UTC') - interval '7 days' and l.created_at <= now() at time zone 'UTC';

-- copy watch_later: saved_campaigns → watch_later, the next rows of a range after its cursor · the reply carries counts only, never rows
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key, c.upto_key,
    pg_advisory_xact_lock_shared(hashtextextended('videopick.copy', 0)) as copying
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'watch_later' and c.range_no = :range::int
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share of r for update of c
),
ahead as materialized (
  select (
    select s.legacy_id from video_platform.migration_status s
    where s.entity_type = 'watch_later' and s.legacy_id > (select last_key from lease)
    order by s.legacy_id limit 1 -- in this order: by index, whatever the planner believes
  ) is not null as known
),
batch as materialized (
  select l.id as legacy_id
  from public.saved_campaigns l
  where l.id > (select last_key from lease)
    and (not (select known from ahead) or (select s.status from video_platform.migration_status s where s.entity_type = 'watch_later' and s.legacy_id = l.id) is null)
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
inserted as (
  merge into video_platform.watch_later t
  using (
    select p.* from keys keys join video_platform.watch_later_prep p on p.legacy_id = keys.legacy_id
    where p.legacy_id > (select last_key from lease) and p.legacy_id <= (select max(legacy_id) from keys)
    offset 0 -- each value is computed once
  ) p on false
  when not matched and p.reason is null then insert (id, user_id, video_id, created_at) values (p.id, p.user_id, p.video_id, p.created_at)
  returning p.legacy_id, t.id::text as new_id, p.source_version, row(p.id, p.user_id, p.video_id, p.created_at) is not distinct from row(t.id, t.user_id, t.video_id, t.created_at) as matches
),
refused as materialized (
  select p.legacy_id, p.reason from (select legacy_id from keys except select legacy_id from inserted) keys join video_platform.watch_later_prep p on p.legacy_id = keys.legacy_id
    where p.legacy_id > (select last_key from lease) and p.legacy_id <= (select max(legacy_id) from keys)
    and (select count(*) from inserted) < (select count(*) from keys)
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'watch_later', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, null::jsonb as reason, new_id, source_version from inserted
    union all select legacy_id, reason, null, null from refused) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before,
    not exists (select from inserted where not matches) and not exists (select from refused where reason is null) as matches
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'watch_later' and c.range_no = :range::int and outcome.leased
),
kept as (
  insert into video_platform.migration_batch (batch_key, run_id, entity_type, outcome)
  select :batch::uuid, lease.id, 'watch_later', jsonb_build_object('leased', true, 'request', 'run', 'completed', outcome.completed,
    'quarantined', outcome.quarantined, 'exhausted', outcome.exhausted, 'remaining', outcome.remaining_before - outcome.completed)
  from outcome, lease
)
select leased,
  (select request from video_platform.migration_control) as request,
  completed::int, quarantined::int, leased and exhausted as exhausted,
  coalesce(remaining_before - completed, 0)::int as remaining,
  case
    when not matches then video_platform.abort_statement('VP001', 'the rows stored differ from the rows projected; nothing was copied')
    when quarantined > :aside::int then video_platform.abort_statement('VP003', 'more rows would be set aside than a batch may; nothing was copied')
  end as aborted
from outcome;

-- next key of watch_later
select l.id as key
from public.saved_campaigns l
where l.id > (select last_key from video_platform.migration_cursor where entity_type = 'watch_later' and range_no = :range::int)
  and (select s.status from video_platform.migration_status s where s.entity_type = 'watch_later' and s.legacy_id = l.id) is null
order by l.id
limit 1;

-- set aside watch_later: one row, which the database refused
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key, c.upto_key,
    pg_advisory_xact_lock_shared(hashtextextended('videopick.copy', 0)) as copying
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'watch_later' and c.range_no = :range::int
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share of r for update of c
),
batch as materialized (
  select l.id as legacy_id
  from public.saved_campaigns l
  where l.id > (select last_key from lease)
    and (select s.status from video_platform.migration_status s where s.entity_type = 'watch_later' and s.legacy_id = l.id) is null
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'watch_later', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, null as new_id, null::xid as source_version from (select legacy_id, :reason::jsonb as reason from keys) refused) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before,
    true as matches
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'watch_later' and c.range_no = :range::int and outcome.leased
),
kept as (
  insert into video_platform.migration_batch (batch_key, run_id, entity_type, outcome)
  select :batch::uuid, lease.id, 'watch_later', jsonb_build_object('leased', true, 'request', 'run', 'completed', outcome.completed,
    'quarantined', outcome.quarantined, 'exhausted', outcome.exhausted, 'remaining', outcome.remaining_before - outcome.completed)
  from outcome, lease
)
select leased,
  (select request from video_platform.migration_control) as request,
  completed::int, quarantined::int, leased and exhausted as exhausted,
  coalesce(remaining_before - completed, 0)::int as remaining,
  case
    when not matches then video_platform.abort_statement('VP001', 'the rows stored differ from the rows projected; nothing was copied')
    when quarantined > :aside::int then video_platform.abort_statement('VP003', 'more rows would be set aside than a batch may; nothing was copied')
  end as aborted
from outcome;

-- too long watch_later: the first column of a row that its value does not fit into
with widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'created_at') as created_at
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.watch_later_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.watch_later'::regclass and t.attname in ('id', 'created_at')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
)
select measured.target_column as column
from video_platform.watch_later_prep p
cross join widths w
cross join lateral (values
  (0, 'id', char_length(p.id::text), w.id),
  (1, 'created_at', char_length(p.created_at::text), w.created_at)
) measured (position, target_column, characters, width)
where p.legacy_id = :key and measured.characters > measured.width
order by measured.position
limit 1;

-- retry watch_later: quarantined rows not tried in this run
with lease as materialized (
  select r.id from video_platform.migration_run r
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share
),
keys as materialized (
  select s.legacy_id
  from video_platform.migration_status s, lease
  where s.entity_type = 'watch_later' and s.status = 'failed' and s.run_id <> lease.id and (:only::text is null or s.legacy_id = :only::text)
  order by s.legacy_id
  limit :limit::int
  for update of s
),
derived as materialized (
  select p.* from keys join video_platform.watch_later_prep p on p.legacy_id = keys.legacy_id
),
kept as materialized (
  select keys.legacy_id, d.legacy_id is not null and (false) as holds_own
  from keys
  join video_platform.watch_later t on t.id = keys.legacy_id and t.origin = 'legacy'
  left join derived d on d.legacy_id = keys.legacy_id
  where d.legacy_id is null or d.reason is not null
),
widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'created_at') as created_at
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.watch_later_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.watch_later'::regclass and t.attname in ('id', 'created_at')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
),
projected as materialized (
  select d.legacy_id, d.id, d.user_id, d.video_id, d.created_at, d.source_version,
    case when d.legacy_id in (select kept.legacy_id from kept) then d.reason || case when d.reason ->> 'class' = 'WAITING' then '{"class": "MISSING_REFERENCE"}'::jsonb else '{}' end
      || '{"kept": true, "message": "the row holds what users have put into it: it is served as it was"}'
    when w.narrow and d.reason is null and (
      case when w.id is not null then char_length(d.id::text) > w.id end
      or case when w.created_at is not null then char_length(d.created_at::text) > w.created_at end
    ) then case when video_platform.abort_statement('22001', 'value too long for its column, the blanks at its end counted') then d.reason end
    else d.reason end as reason
  from derived d cross join widths w
),
inserted as (
  insert into video_platform.watch_later as t (id, user_id, video_id, created_at)
  select id, user_id, video_id, created_at from projected where reason is null
  on conflict (id) do update set
    id = excluded.id,
    user_id = excluded.user_id,
    video_id = excluded.video_id,
    created_at = excluded.created_at,
    origin = case when t.origin = 'legacy' then t.origin else video_platform.refuse_row('a row born on VideoPick has this key') end
  returning hash_record_extended(row(t.id, t.user_id, t.video_id, t.created_at), 0) as fingerprint
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'watch_later', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, case when reason is null then id::text end as new_id, null::xid as source_version
    from projected) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
),
gone as materialized (
  select keys.legacy_id, keys.legacy_id in (select kept.legacy_id from kept) as stands
  from keys where keys.legacy_id not in (select r.legacy_id from recorded r)
),
-- What the database refused to remove stands until it can be removed: catch-up tries again.
queued as (
  insert into video_platform.change_queue (entity_type, legacy_id) select 'watch_later', kept.legacy_id from kept where not kept.holds_own
),
tried_again as (
  update video_platform.migration_status s set run_id = :run::uuid from gone
  where gone.stands and s.entity_type = 'watch_later' and s.legacy_id = gone.legacy_id
),
forgotten as (
  delete from video_platform.migration_status s using gone
  where not gone.stands and s.entity_type = 'watch_later' and s.legacy_id = gone.legacy_id
)
select count(*)::int as tried from keys;

-- refused again watch_later: one row
update video_platform.migration_status s
set run_id = :run::uuid, migrated_at = now(),
  metadata = :reason::jsonb || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
where s.entity_type = 'watch_later' and s.legacy_id = :only and s.status = 'failed' and s.run_id <> :run::uuid;

-- oldest changes of watch_later
with oldest_snapshot as materialized (
  select coalesce(max(age(backend_xmin)), 0) as age
  from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
),
settled as materialized (
  select age from oldest_snapshot
  where not exists (
    select from pg_locks
    where (select age from oldest_snapshot) is not null
      and locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
      and objsubid = 1 and (classid::bigint << 32 | objid::bigint) = hashtextextended('videopick.copy', 0))
),
oldest as materialized (
  select c.id, c.legacy_id, c.changed_at
  from video_platform.change_queue c
  where c.entity_type = 'watch_later'
    and (
      (select age(c.xid) > age from settled)
      or exists (select from video_platform.migration_status s where s.entity_type = 'watch_later' and s.legacy_id = c.legacy_id)
    )
  order by c.id
  limit :limit::int
)
select legacy_id, jsonb_agg(id)::text as ids, extract(epoch from clock_timestamp() - min(changed_at))::float8 as lag_seconds, count(*)::int as changes
from oldest group by legacy_id;

-- oldest changes of watch_later rows in quarantine
with oldest as materialized (
  select c.id, c.legacy_id, c.changed_at
  from video_platform.change_queue c
  join video_platform.migration_status s on s.entity_type = 'watch_later' and s.legacy_id = c.legacy_id and s.status = 'failed'
  where c.entity_type = 'watch_later'
  order by c.id
  limit :limit::int
)
select legacy_id, jsonb_agg(id)::text as ids, extract(epoch from clock_timestamp() - min(changed_at))::float8 as lag_seconds, count(*)::int as changes
from oldest group by legacy_id;

-- known watch_later: rows that are copied or set aside
with keys as materialized (
  select distinct key as legacy_id from jsonb_array_elements_text(:keys::jsonb) key
),
standing as materialized (
  select keys.legacy_id, t.id::text as target_key
  from keys join video_platform.watch_later t on t.id = keys.legacy_id
  where t.origin = 'legacy'
)
select keys.legacy_id, standing.target_key
from keys
left join standing on standing.legacy_id = keys.legacy_id
left join video_platform.migration_status s on s.entity_type = 'watch_later' and s.legacy_id = keys.legacy_id
where standing.legacy_id is not null or s.legacy_id is not null;

-- apply watch_later: brings target rows to what the projection says now
with known as materialized (
  select distinct key as legacy_id from jsonb_array_elements_text(:keys::jsonb) key
),
derived as materialized (
  select p.* from known join video_platform.watch_later_prep p on p.legacy_id = known.legacy_id
),
kept as materialized (
  select d.legacy_id from derived d join video_platform.watch_later t on t.id = d.legacy_id
  where d.reason is not null and t.origin = 'legacy' and (false)
),
widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'created_at') as created_at
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.watch_later_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.watch_later'::regclass and t.attname in ('id', 'created_at')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
),
projected as materialized (
  select d.legacy_id, d.id, d.user_id, d.video_id, d.created_at, d.source_version,
    case when d.legacy_id in (select kept.legacy_id from kept) then d.reason || case when d.reason ->> 'class' = 'WAITING' then '{"class": "MISSING_REFERENCE"}'::jsonb else '{}' end
      || '{"kept": true, "message": "the row holds what users have put into it: it is served as it was"}'
    when w.narrow and d.reason is null and (
      case when w.id is not null then char_length(d.id::text) > w.id end
      or case when w.created_at is not null then char_length(d.created_at::text) > w.created_at end
    ) then case when video_platform.abort_statement('22001', 'value too long for its column, the blanks at its end counted') then d.reason end
    else d.reason end as reason
  from derived d cross join widths w
  where d.reason is not null or not exists (
    select from video_platform.watch_later t
    join video_platform.migration_status s on s.entity_type = 'watch_later' and s.legacy_id = d.legacy_id and s.status = 'completed'
    where t.id = d.legacy_id and t.id is not distinct from d.id and t.user_id is not distinct from d.user_id and t.video_id is not distinct from d.video_id and t.created_at is not distinct from d.created_at
  )
),
removed as (
  delete from video_platform.watch_later t using known
  where t.id = known.legacy_id and t.origin = 'legacy'
    and known.legacy_id not in (select d.legacy_id from derived d where d.reason is null)
    and known.legacy_id not in (select kept.legacy_id from kept)
),
inserted as (
  insert into video_platform.watch_later as t (id, user_id, video_id, created_at)
  select id, user_id, video_id, created_at from projected where reason is null
  on conflict (id) do update set
    id = excluded.id,
    user_id = excluded.user_id,
    video_id = excluded.video_id,
    created_at = excluded.created_at,
    origin = case when t.origin = 'legacy' then t.origin else video_platform.refuse_row('a row born on VideoPick has this key') end
  returning hash_record_extended(row(t.id, t.user_id, t.video_id, t.created_at), 0) as fingerprint
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'watch_later', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, case when reason is null then id::text end as new_id, null::xid as source_version
    from projected) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
)
delete from video_platform.migration_status s using known
where s.entity_type = 'watch_later' and s.legacy_id = known.legacy_id
  and known.legacy_id not in (select d.legacy_id from derived d where coalesce(d.reason ->> 'class', '') <> 'WAITING')
  and known.legacy_id not in (select kept.legacy_id from kept);

-- watch_later rows that refer to removed rows through user_id
with removed as materialized (
  select distinct key::text as key from jsonb_array_elements_text(:keys::jsonb) key
),
referring as materialized (
  select t.id as legacy_id
  from removed join video_platform.watch_later t on t.user_id = removed.key
  where t.origin = 'legacy' and t.id > :after::text
)
select legacy_id from referring order by legacy_id limit :limit::int;

-- watch_later rows that refer to removed rows through video_id
with removed as materialized (
  select distinct key::text as key from jsonb_array_elements_text(:keys::jsonb) key
),
referring as materialized (
  select t.id as legacy_id
  from removed join video_platform.watch_later t on t.video_id = removed.key
  where t.origin = 'legacy' and t.id > :after::text
)
select legacy_id from referring order by legacy_id limit :limit::int;

-- wake watch_later: rows refused for want of what has come
insert into video_platform.change_queue (entity_type, legacy_id)
select s.entity_type, s.legacy_id from video_platform.migration_status s
where s.entity_type = 'watch_later' and s.status = 'failed' and s.metadata ->> 'class' = 'MISSING_REFERENCE'
  and s.metadata ->> 'value' in (select jsonb_array_elements_text(:keys::jsonb));

-- chunks of watch_later: where the next ones end
with recursive ends (position, upto) as (
  select 1, (
    select l.id from public.saved_campaigns l
    where l.id > :after::text
    order by l.id
    offset :limit::int - 1 limit 1
  )::text
  union all
  select position + 1, (
    select l.id from public.saved_campaigns l
    where l.id > ends.upto
    order by l.id
    offset :limit::int - 1 limit 1
  )::text
  from ends where position < :chunks::int and upto is not null
)
select upto from ends order by position;

-- verify watch_later: projection against watch_later, a chunk
with bounds as materialized (
  select coalesce(:upto::text,
    greatest((select max(l.id) from public.saved_campaigns l), (select max(t.id) from video_platform.watch_later t),
      (select max(s.legacy_id) from video_platform.migration_status s where s.entity_type = 'watch_later'))) as upto
),
waiting as materialized (
  select c.legacy_id as key from video_platform.pending_change c
  where c.entity_type = 'watch_later' and c.legacy_id > :after::text and c.legacy_id <= (select upto from bounds)
),
moves as materialized (
  select m.range_no, m.after_key, m.upto_key, m.seen, m.xid
  from video_platform.migration_cursor_move m
  where m.entity_type = 'watch_later' and m.upto_key > :after::text and m.after_key < (select upto from bounds)
    and m.xid = m.xmin -- else its xids are those of another cluster
),
passed as materialized (
  select min(after_key) as after_key, max(upto_key) as upto_key from moves group by range_no
),
sides as materialized (
  select count(*) filter (where proven) as proven,
    array_agg(legacy_id) filter (where not proven and (in_target or status = 'completed')) as keys,
    array_agg(legacy_id) filter (where status is not null and not in_legacy and not (status = 'failed' and in_target)) as without_legacy,
    array_agg(legacy_id) filter (where status is null and in_legacy
      and exists (select from passed where legacy_id > after_key and legacy_id <= upto_key)) as without_ledger,
    count(*) filter (where mismapped) as mismapped
  from (
    select coalesce(l.legacy_id, t.legacy_id, s.legacy_id) as legacy_id, s.status, l.legacy_id is not null as in_legacy, t.legacy_id is not null as in_target,
      s.status = 'completed' and s.mismapped as mismapped,
      not :recompute::boolean and coalesce(s.status = 'completed' and s.version = t.version and s.source_version = l.version, false) as proven
    from (
    select l.id as legacy_id, l.xmin as version
    from public.saved_campaigns l where l.id > :after::text and l.id <= (select upto from bounds)
  ) l
    full join (
    select t.id as legacy_id, t.xmin as version
    from video_platform.watch_later t where t.origin = 'legacy' and t.id > :after::text and t.id <= (select upto from bounds)
  ) t on t.legacy_id = l.legacy_id
    full join (
    select s.legacy_id, s.status, s.xmin as version, case when s.migrated_at > (select applied_at from video_platform.schema_migration where name = 'compiled views') then s.source_version end as source_version,
      s.new_id is distinct from s.legacy_id as mismapped
    from video_platform.migration_status s where s.entity_type = 'watch_later' and s.legacy_id > :after::text and s.legacy_id <= (select upto from bounds)
  ) s on s.legacy_id = coalesce(l.legacy_id, t.legacy_id)
  ) keys
),
passed_by as materialized (
  select count(*) as rows
  from (select unnest(without_ledger) as key from sides) pending
  join moves move on pending.key > move.after_key and pending.key <= move.upto_key
  join public.saved_campaigns l on l.id = pending.key
  where age(l.xmin) > age(move.seen)
    and exists (
      select from video_platform.migration_status r
      where r.entity_type = 'user' and r.legacy_id = l.user_id and r.status in ('completed', 'failed') and age(r.xmin) > age(move.seen))
    and exists (
      select from video_platform.migration_status r
      where r.entity_type = 'video' and r.legacy_id = l.campaign_id and r.status in ('completed', 'failed') and age(r.xmin) > age(move.seen))
    and not exists (
      select from video_platform.migration_batch b
      where b.entity_type = 'watch_later' and b.xmin = move.xid
        and (b.outcome ->> 'completed')::bigint + (b.outcome ->> 'quarantined')::bigint < 2)
    and pending.key not in (select waiting.key from waiting)
),
suspects as materialized (
  select unnest(keys) as key from sides
),
expected as materialized (
  select p.*
  from suspects join video_platform.watch_later_prep p on p.legacy_id = suspects.key
  where (select s.status from video_platform.migration_status s where s.entity_type = 'watch_later' and s.legacy_id = p.legacy_id) = 'completed'
    and p.reason is null
    and p.legacy_id not in (select waiting.key from waiting)
),
actual as materialized (
  select t.*
  from suspects join video_platform.watch_later t on t.id = suspects.key
  where t.origin = 'legacy'
    and t.id not in (select waiting.key from waiting)
    and not exists (
      select from video_platform.migration_status s
      where s.entity_type = 'watch_later' and s.legacy_id = t.id and s.status = 'failed' and s.metadata ?| array['kept', 'sqlState'])
),
judged as materialized (
  select key, columns,
    case when not in_target then 'missing' when not derived then 'extra' when columns <> '{}' then 'different' end as outcome
  from (
    select coalesce(e.legacy_id, t.id) as key, e.legacy_id is not null as derived, t.id is not null as in_target,
      case when e.legacy_id is not null and t.id is not null then array_remove(array[
        case when e.id is distinct from t.id then 'id' end,
        case when e.user_id is distinct from t.user_id then 'user_id' end,
        case when e.video_id is distinct from t.video_id then 'video_id' end,
        case when e.created_at is distinct from t.created_at then 'created_at' end
      ], null) else '{}' end as columns
    from expected e
    full join actual t on t.id = e.legacy_id
  ) pairs
),
counts as materialized (
  select (select proven from sides) + count(*) as compared,
    count(*) filter (where outcome = 'missing') as missing,
    count(*) filter (where outcome = 'extra') as extra,
    count(*) filter (where outcome = 'different') as different,
    (select count(*) from (select unnest(without_legacy) as key from sides) gone where gone.key not in (select waiting.key from waiting)) as unaccounted,
    (select mismapped from sides) as mismapped,
    (select rows from passed_by) as passed_by
  from judged
),
named as materialized (
  select key, outcome, columns from judged where outcome is not null order by key limit :named::int
)
select counts.*, named.key, named.outcome, named.columns
from counts left join named on true
order by named.key;

-- narrow columns of video_analytics: where the target takes less than the projection gives
select * from (
  select t.attname::text as column,
    case when t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
      then t.atttypmod - 4 end as "maxCharacters",
    t.attnotnull and not coalesce(l.attnotnull, true) as "refusesNull"
  from (values ('id', 'id'), ('day', null), ('views', null)) carried (target_column, legacy_column)
  join pg_catalog.pg_attribute t on t.attrelid = 'video_platform.video_analytics'::regclass and t.attname = carried.target_column
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.video_analytics_prep'::regclass and v.attname = carried.target_column
  left join pg_catalog.pg_attribute l on l.attrelid = 'public.campaigns'::regclass and l.attname = carried.legacy_column
) compared
where "maxCharacters" is not null or "refusesNull";

-- forecast video_analytics: what pending rows would come to
with chunk as materialized (
  select l.id as legacy_id
  from public.campaigns l
  where (:after::text is null or l.id > :after::text)
  order by l.id
  limit :limit::int
),
pending as (
  select c.legacy_id from chunk c
  where not exists (select from video_platform.migration_status s where s.entity_type = 'video_analytics' and s.legacy_id = c.legacy_id)
),
classes as (
  select case
      when l.id = '' then 'UNSUPPORTED_VALUE'
      when position(U&'\FDD0' in l.id) > 0 then 'UNSUPPORTED_TEXT'
      when video_ref.id is null and not (exists (
        select from public.campaigns l
left join video_platform.channels channel_ref on channel_ref.user_id = l.business_id
cross join lateral (select l.business_id) video_awaits
        where l.id = video_analytics_awaits.id and ((l.id = '') or (position(U&'\FDD0' in l.id) > 0) or (channel_ref.id is null and not (exists (
        select from public.users l
join public.profiles p on p.user_id = l.id
left join video_platform.users user_ref on user_ref.id = l.id
left join video_platform.channel_handle_request handle_request on handle_request.legacy_id = l.id
cross join lateral (select l.id) channel_awaits
        where l.id = video_awaits.business_id and l.type in ('INFLUENCER', 'BUSINESS') and ((l.id = '') or (position(U&'\FDD0' in l.id) > 0) or (user_ref.id is null and not (exists (
        select from public.users l
        where l.id = channel_awaits.id and ((l.id = '') or (position(U&'\FDD0' in l.id) > 0) or (position(U&'\FDD0' in l.email) > 0) or (position(U&'\FDD0' in l.name) > 0) or (l.type is null or l.type not in ('BUSINESS', 'INFLUENCER', 'ADMIN')) or (position(U&'\FDD0' in l.status) > 0)) is not true
      ) and not exists (
        select from video_platform.migration_status s
        where s.entity_type = 'user' and s.legacy_id = channel_awaits.id and s.status = 'failed'
      ))) or (position(U&'\FDD0' in case when p.name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]' then btrim(p.name, E' \t\r\n\u00a0\u3000') else l.name end) > 0) or (position(U&'\FDD0' in p.bio) > 0) or (position(U&'\FDD0' in p.profile_image) > 0)) is not true
      ) and not exists (
        select from video_platform.migration_status s
        where s.entity_type = 'channel' and s.legacy_id = video_awaits.business_id and s.status = 'failed'
      ))) or (position(U&'\FDD0' in l.title) > 0) or (position(U&'\FDD0' in l.description) > 0) or (position(U&'\FDD0' in l.thumbnail_image_url) > 0) or (l.view_count < 0) or (l.status is null or l.status not in ('DRAFT', 'ACTIVE', 'PAUSED', 'COMPLETED')) or (position(U&'\FDD0' in l.hashtags) > 0)) is not true
      ) and not exists (
        select from video_platform.migration_status s
        where s.entity_type = 'video' and s.legacy_id = video_analytics_awaits.id and s.status = 'failed'
      )) then 'MISSING_REFERENCE'
      when l.created_at >= timestamp '294276-12-31 15:00' and isfinite(l.created_at) then 'UNSUPPORTED_VALUE'
      when l.view_count < 0 then 'UNSUPPORTED_VALUE'
      when video_ref.id is null then 'WAITING'
      else ''
    end as class, count(*) as rows
  from public.campaigns l
left join video_platform.videos video_ref on video_ref.id = l.id
cross join lateral (select l.id) video_analytics_awaits
  join pending on pending.legacy_id = l.id
  group by 1
)
select coalesce((select jsonb_object_agg(class, rows) from classes), '{}') as reasons,
  (select max(legacy_id) from chunk having count(*) = :limit::int) as next_key;

-- inflow of video_analytics
select round(count(*) / 7.0, 1)::float8 as rows_per_day
from public.campaigns l
where l.created_at > (now() at time zone 'UTC') - interval '7 days' and l.created_at <= now() at time zone 'UTC';

-- copy video_analytics: campaigns → video_analytics, the next rows of a range after its cursor · the reply carries counts only, never rows
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key, c.upto_key,
    pg_advisory_xact_lock_shared(hashtextextended('videopick.copy', 0)) as copying
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'video_analytics' and c.range_no = :range::int
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share of r for update of c
),
ahead as materialized (
  select (
    select s.legacy_id from video_platform.migration_status s
    where s.entity_type = 'video_analytics' and s.legacy_id > (select last_key from lease)
    order by s.legacy_id limit 1 -- in this order: by index, whatever the planner believes
  ) is not null as known
),
batch as materialized (
  select l.id as legacy_id
  from public.campaigns l
  where l.id > (select last_key from lease)
    and (not (select known from ahead) or (select s.status from video_platform.migration_status s where s.entity_type = 'video_analytics' and s.legacy_id = l.id) is null)
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
inserted as (
  merge into video_platform.video_analytics t
  using (
    select p.* from keys keys join video_platform.video_analytics_prep p on p.legacy_id = keys.legacy_id
    where p.legacy_id > (select last_key from lease) and p.legacy_id <= (select max(legacy_id) from keys)
    offset 0 -- each value is computed once
  ) p on false
  when not matched and p.reason is null then insert (id, video_id, day, views) values (p.id, p.video_id, p.day, p.views)
  returning p.legacy_id, t.id::text as new_id, p.source_version, row(p.id, p.video_id, p.day, p.views) is not distinct from row(t.id, t.video_id, t.day, t.views) as matches
),
refused as materialized (
  select p.legacy_id, p.reason from (select legacy_id from keys except select legacy_id from inserted) keys join video_platform.video_analytics_prep p on p.legacy_id = keys.legacy_id
    where p.legacy_id > (select last_key from lease) and p.legacy_id <= (select max(legacy_id) from keys)
    and (select count(*) from inserted) < (select count(*) from keys)
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'video_analytics', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, null::jsonb as reason, new_id, source_version from inserted
    union all select legacy_id, reason, null, null from refused) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before,
    not exists (select from inserted where not matches) and not exists (select from refused where reason is null) as matches
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'video_analytics' and c.range_no = :range::int and outcome.leased
),
kept as (
  insert into video_platform.migration_batch (batch_key, run_id, entity_type, outcome)
  select :batch::uuid, lease.id, 'video_analytics', jsonb_build_object('leased', true, 'request', 'run', 'completed', outcome.completed,
    'quarantined', outcome.quarantined, 'exhausted', outcome.exhausted, 'remaining', outcome.remaining_before - outcome.completed)
  from outcome, lease
)
select leased,
  (select request from video_platform.migration_control) as request,
  completed::int, quarantined::int, leased and exhausted as exhausted,
  coalesce(remaining_before - completed, 0)::int as remaining,
  case
    when not matches then video_platform.abort_statement('VP001', 'the rows stored differ from the rows projected; nothing was copied')
    when quarantined > :aside::int then video_platform.abort_statement('VP003', 'more rows would be set aside than a batch may; nothing was copied')
  end as aborted
from outcome;

-- next key of video_analytics
select l.id as key
from public.campaigns l
where l.id > (select last_key from video_platform.migration_cursor where entity_type = 'video_analytics' and range_no = :range::int)
  and (select s.status from video_platform.migration_status s where s.entity_type = 'video_analytics' and s.legacy_id = l.id) is null
order by l.id
limit 1;

-- set aside video_analytics: one row, which the database refused
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key, c.upto_key,
    pg_advisory_xact_lock_shared(hashtextextended('videopick.copy', 0)) as copying
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'video_analytics' and c.range_no = :range::int
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share of r for update of c
),
batch as materialized (
  select l.id as legacy_id
  from public.campaigns l
  where l.id > (select last_key from lease)
    and (select s.status from video_platform.migration_status s where s.entity_type = 'video_analytics' and s.legacy_id = l.id) is null
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'video_analytics', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, null as new_id, null::xid as source_version from (select legacy_id, :reason::jsonb as reason from keys) refused) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before,
    true as matches
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'video_analytics' and c.range_no = :range::int and outcome.leased
),
kept as (
  insert into video_platform.migration_batch (batch_key, run_id, entity_type, outcome)
  select :batch::uuid, lease.id, 'video_analytics', jsonb_build_object('leased', true, 'request', 'run', 'completed', outcome.completed,
    'quarantined', outcome.quarantined, 'exhausted', outcome.exhausted, 'remaining', outcome.remaining_before - outcome.completed)
  from outcome, lease
)
select leased,
  (select request from video_platform.migration_control) as request,
  completed::int, quarantined::int, leased and exhausted as exhausted,
  coalesce(remaining_before - completed, 0)::int as remaining,
  case
    when not matches then video_platform.abort_statement('VP001', 'the rows stored differ from the rows projected; nothing was copied')
    when quarantined > :aside::int then video_platform.abort_statement('VP003', 'more rows would be set aside than a batch may; nothing was copied')
  end as aborted
from outcome;

-- too long video_analytics: the first column of a row that its value does not fit into
with widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'day') as day,
    max(t.atttypmod - 4) filter (where t.attname = 'views') as views
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.video_analytics_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.video_analytics'::regclass and t.attname in ('id', 'day', 'views')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
)
select measured.target_column as column
from video_platform.video_analytics_prep p
cross join widths w
cross join lateral (values
  (0, 'id', char_length(p.id::text), w.id),
  (1, 'day', char_length(p.day::text), w.day),
  (2, 'views', char_length(p.views::text), w.views)
) measured (position, target_column, characters, width)
where p.legacy_id = :key and measured.characters > measured.width
order by measured.position
limit 1;

-- retry video_analytics: quarantined rows not tried in this run
with lease as materialized (
  select r.id from video_platform.migration_run r
  where r.id = :run::uuid and r.status = 'running' and (select request from video_platform.migration_control) = 'run'
  for share
),
keys as materialized (
  select s.legacy_id
  from video_platform.migration_status s, lease
  where s.entity_type = 'video_analytics' and s.status = 'failed' and s.run_id <> lease.id and (:only::text is null or s.legacy_id = :only::text)
  order by s.legacy_id
  limit :limit::int
  for update of s
),
derived as materialized (
  select p.* from keys join video_platform.video_analytics_prep p on p.legacy_id = keys.legacy_id
),
kept as materialized (
  select keys.legacy_id, d.legacy_id is not null and (false) as holds_own
  from keys
  join video_platform.video_analytics t on t.id = keys.legacy_id and t.origin = 'legacy'
  left join derived d on d.legacy_id = keys.legacy_id
  where d.legacy_id is null or d.reason is not null
),
widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'day') as day,
    max(t.atttypmod - 4) filter (where t.attname = 'views') as views
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.video_analytics_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.video_analytics'::regclass and t.attname in ('id', 'day', 'views')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
),
projected as materialized (
  select d.legacy_id, d.id, d.video_id, d.day, d.views, d.source_version,
    case when d.legacy_id in (select kept.legacy_id from kept) then d.reason || case when d.reason ->> 'class' = 'WAITING' then '{"class": "MISSING_REFERENCE"}'::jsonb else '{}' end
      || '{"kept": true, "message": "the row holds what users have put into it: it is served as it was"}'
    when w.narrow and d.reason is null and (
      case when w.id is not null then char_length(d.id::text) > w.id end
      or case when w.day is not null then char_length(d.day::text) > w.day end
      or case when w.views is not null then char_length(d.views::text) > w.views end
    ) then case when video_platform.abort_statement('22001', 'value too long for its column, the blanks at its end counted') then d.reason end
    else d.reason end as reason
  from derived d cross join widths w
),
inserted as (
  insert into video_platform.video_analytics as t (id, video_id, day, views)
  select id, video_id, day, views from projected where reason is null
  on conflict (id) do update set
    id = excluded.id,
    video_id = excluded.video_id,
    day = excluded.day,
    views = excluded.views,
    origin = case when t.origin = 'legacy' then t.origin else video_platform.refuse_row('a row born on VideoPick has this key') end
  returning hash_record_extended(row(t.id, t.video_id, t.day, t.views), 0) as fingerprint
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'video_analytics', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, case when reason is null then id::text end as new_id, null::xid as source_version
    from projected) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
),
gone as materialized (
  select keys.legacy_id, keys.legacy_id in (select kept.legacy_id from kept) as stands
  from keys where keys.legacy_id not in (select r.legacy_id from recorded r)
),
-- What the database refused to remove stands until it can be removed: catch-up tries again.
queued as (
  insert into video_platform.change_queue (entity_type, legacy_id) select 'video_analytics', kept.legacy_id from kept where not kept.holds_own
),
tried_again as (
  update video_platform.migration_status s set run_id = :run::uuid from gone
  where gone.stands and s.entity_type = 'video_analytics' and s.legacy_id = gone.legacy_id
),
forgotten as (
  delete from video_platform.migration_status s using gone
  where not gone.stands and s.entity_type = 'video_analytics' and s.legacy_id = gone.legacy_id
)
select count(*)::int as tried from keys;

-- refused again video_analytics: one row
update video_platform.migration_status s
set run_id = :run::uuid, migrated_at = now(),
  metadata = :reason::jsonb || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
where s.entity_type = 'video_analytics' and s.legacy_id = :only and s.status = 'failed' and s.run_id <> :run::uuid;

-- oldest changes of video_analytics
with oldest_snapshot as materialized (
  select coalesce(max(age(backend_xmin)), 0) as age
  from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
),
settled as materialized (
  select age from oldest_snapshot
  where not exists (
    select from pg_locks
    where (select age from oldest_snapshot) is not null
      and locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
      and objsubid = 1 and (classid::bigint << 32 | objid::bigint) = hashtextextended('videopick.copy', 0))
),
oldest as materialized (
  select c.id, c.legacy_id, c.changed_at
  from video_platform.change_queue c
  where c.entity_type = 'video_analytics'
    and (
      (select age(c.xid) > age from settled)
      or exists (select from video_platform.migration_status s where s.entity_type = 'video_analytics' and s.legacy_id = c.legacy_id)
    )
  order by c.id
  limit :limit::int
)
select legacy_id, jsonb_agg(id)::text as ids, extract(epoch from clock_timestamp() - min(changed_at))::float8 as lag_seconds, count(*)::int as changes
from oldest group by legacy_id;

-- oldest changes of video_analytics rows in quarantine
with oldest as materialized (
  select c.id, c.legacy_id, c.changed_at
  from video_platform.change_queue c
  join video_platform.migration_status s on s.entity_type = 'video_analytics' and s.legacy_id = c.legacy_id and s.status = 'failed'
  where c.entity_type = 'video_analytics'
  order by c.id
  limit :limit::int
)
select legacy_id, jsonb_agg(id)::text as ids, extract(epoch from clock_timestamp() - min(changed_at))::float8 as lag_seconds, count(*)::int as changes
from oldest group by legacy_id;

-- known video_analytics: rows that are copied or set aside
with keys as materialized (
  select distinct key as legacy_id from jsonb_array_elements_text(:keys::jsonb) key
),
standing as materialized (
  select keys.legacy_id, t.id::text as target_key
  from keys join video_platform.video_analytics t on t.id = keys.legacy_id
  where t.origin = 'legacy'
)
select keys.legacy_id, standing.target_key
from keys
left join standing on standing.legacy_id = keys.legacy_id
left join video_platform.migration_status s on s.entity_type = 'video_analytics' and s.legacy_id = keys.legacy_id
where standing.legacy_id is not null or s.legacy_id is not null;

-- apply video_analytics: brings target rows to what the projection says now
with known as materialized (
  select distinct key as legacy_id from jsonb_array_elements_text(:keys::jsonb) key
),
derived as materialized (
  select p.* from known join video_platform.video_analytics_prep p on p.legacy_id = known.legacy_id
),
kept as materialized (
  select d.legacy_id from derived d join video_platform.video_analytics t on t.id = d.legacy_id
  where d.reason is not null and t.origin = 'legacy' and (false)
),
widths as materialized (
  select count(*) > 0 as narrow,
    max(t.atttypmod - 4) filter (where t.attname = 'id') as id,
    max(t.atttypmod - 4) filter (where t.attname = 'day') as day,
    max(t.atttypmod - 4) filter (where t.attname = 'views') as views
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = 'video_platform.video_analytics_prep'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.video_analytics'::regclass and t.attname in ('id', 'day', 'views')
    and t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)
),
projected as materialized (
  select d.legacy_id, d.id, d.video_id, d.day, d.views, d.source_version,
    case when d.legacy_id in (select kept.legacy_id from kept) then d.reason || case when d.reason ->> 'class' = 'WAITING' then '{"class": "MISSING_REFERENCE"}'::jsonb else '{}' end
      || '{"kept": true, "message": "the row holds what users have put into it: it is served as it was"}'
    when w.narrow and d.reason is null and (
      case when w.id is not null then char_length(d.id::text) > w.id end
      or case when w.day is not null then char_length(d.day::text) > w.day end
      or case when w.views is not null then char_length(d.views::text) > w.views end
    ) then case when video_platform.abort_statement('22001', 'value too long for its column, the blanks at its end counted') then d.reason end
    else d.reason end as reason
  from derived d cross join widths w
  where d.reason is not null or not exists (
    select from video_platform.video_analytics t
    join video_platform.migration_status s on s.entity_type = 'video_analytics' and s.legacy_id = d.legacy_id and s.status = 'completed'
    where t.id = d.legacy_id and t.id is not distinct from d.id and t.video_id is not distinct from d.video_id and t.day is not distinct from d.day and t.views is not distinct from d.views
  )
),
removed as (
  delete from video_platform.video_analytics t using known
  where t.id = known.legacy_id and t.origin = 'legacy'
    and known.legacy_id not in (select d.legacy_id from derived d where d.reason is null)
    and known.legacy_id not in (select kept.legacy_id from kept)
),
inserted as (
  insert into video_platform.video_analytics as t (id, video_id, day, views)
  select id, video_id, day, views from projected where reason is null
  on conflict (id) do update set
    id = excluded.id,
    video_id = excluded.video_id,
    day = excluded.day,
    views = excluded.views,
    origin = case when t.origin = 'legacy' then t.origin else video_platform.refuse_row('a row born on VideoPick has this key') end
  returning hash_record_extended(row(t.id, t.video_id, t.day, t.views), 0) as fingerprint
),
recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select 'video_analytics', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (select legacy_id, reason, case when reason is null then id::text end as new_id, null::xid as source_version
    from projected) rows_done
  where coalesce(reason ->> 'class', '') <> 'WAITING'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))
  returning legacy_id, status
)
delete from video_platform.migration_status s using known
where s.entity_type = 'video_analytics' and s.legacy_id = known.legacy_id
  and known.legacy_id not in (select d.legacy_id from derived d where coalesce(d.reason ->> 'class', '') <> 'WAITING')
  and known.legacy_id not in (select kept.legacy_id from kept);

-- video_analytics rows that refer to removed rows through video_id
with removed as materialized (
  select distinct key::text as key from jsonb_array_elements_text(:keys::jsonb) key
),
referring as materialized (
  select t.id as legacy_id
  from removed join video_platform.video_analytics t on t.video_id = removed.key
  where t.origin = 'legacy' and t.id > :after::text
)
select legacy_id from referring order by legacy_id limit :limit::int;

-- wake video_analytics: rows refused for want of what has come
insert into video_platform.change_queue (entity_type, legacy_id)
select s.entity_type, s.legacy_id from video_platform.migration_status s
where s.entity_type = 'video_analytics' and s.status = 'failed' and s.metadata ->> 'class' = 'MISSING_REFERENCE'
  and s.metadata ->> 'value' in (select jsonb_array_elements_text(:keys::jsonb));

-- chunks of video_analytics: where the next ones end
with recursive ends (position, upto) as (
  select 1, (
    select l.id from public.campaigns l
    where l.id > :after::text
    order by l.id
    offset :limit::int - 1 limit 1
  )::text
  union all
  select position + 1, (
    select l.id from public.campaigns l
    where l.id > ends.upto
    order by l.id
    offset :limit::int - 1 limit 1
  )::text
  from ends where position < :chunks::int and upto is not null
)
select upto from ends order by position;

-- verify video_analytics: projection against video_analytics, a chunk
with bounds as materialized (
  select coalesce(:upto::text,
    greatest((select max(l.id) from public.campaigns l), (select max(t.id) from video_platform.video_analytics t),
      (select max(s.legacy_id) from video_platform.migration_status s where s.entity_type = 'video_analytics'))) as upto
),
waiting as materialized (
  select c.legacy_id as key from video_platform.pending_change c
  where c.entity_type = 'video_analytics' and c.legacy_id > :after::text and c.legacy_id <= (select upto from bounds)
),
moves as materialized (
  select m.range_no, m.after_key, m.upto_key, m.seen, m.xid
  from video_platform.migration_cursor_move m
  where m.entity_type = 'video_analytics' and m.upto_key > :after::text and m.after_key < (select upto from bounds)
    and m.xid = m.xmin -- else its xids are those of another cluster
),
passed as materialized (
  select min(after_key) as after_key, max(upto_key) as upto_key from moves group by range_no
),
sides as materialized (
  select count(*) filter (where proven) as proven,
    array_agg(legacy_id) filter (where not proven and (in_target or status = 'completed')) as keys,
    array_agg(legacy_id) filter (where status is not null and not in_legacy and not (status = 'failed' and in_target)) as without_legacy,
    array_agg(legacy_id) filter (where status is null and in_legacy
      and exists (select from passed where legacy_id > after_key and legacy_id <= upto_key)) as without_ledger,
    count(*) filter (where mismapped) as mismapped
  from (
    select coalesce(l.legacy_id, t.legacy_id, s.legacy_id) as legacy_id, s.status, l.legacy_id is not null as in_legacy, t.legacy_id is not null as in_target,
      s.status = 'completed' and s.mismapped as mismapped,
      not :recompute::boolean and coalesce(s.status = 'completed' and s.version = t.version and s.source_version = l.version, false) as proven
    from (
    select l.id as legacy_id, l.xmin as version
    from public.campaigns l where l.id > :after::text and l.id <= (select upto from bounds)
  ) l
    full join (
    select t.id as legacy_id, t.xmin as version
    from video_platform.video_analytics t where t.origin = 'legacy' and t.id > :after::text and t.id <= (select upto from bounds)
  ) t on t.legacy_id = l.legacy_id
    full join (
    select s.legacy_id, s.status, s.xmin as version, case when s.migrated_at > (select applied_at from video_platform.schema_migration where name = 'compiled views') then s.source_version end as source_version,
      s.new_id is distinct from s.legacy_id as mismapped
    from video_platform.migration_status s where s.entity_type = 'video_analytics' and s.legacy_id > :after::text and s.legacy_id <= (select upto from bounds)
  ) s on s.legacy_id = coalesce(l.legacy_id, t.legacy_id)
  ) keys
),
passed_by as materialized (
  select count(*) as rows
  from (select unnest(without_ledger) as key from sides) pending
  join moves move on pending.key > move.after_key and pending.key <= move.upto_key
  join public.campaigns l on l.id = pending.key
  where age(l.xmin) > age(move.seen)
    and exists (
      select from video_platform.migration_status r
      where r.entity_type = 'video' and r.legacy_id = l.id and r.status in ('completed', 'failed') and age(r.xmin) > age(move.seen))
    and not exists (
      select from video_platform.migration_batch b
      where b.entity_type = 'video_analytics' and b.xmin = move.xid
        and (b.outcome ->> 'completed')::bigint + (b.outcome ->> 'quarantined')::bigint < 2)
    and pending.key not in (select waiting.key from waiting)
),
suspects as materialized (
  select unnest(keys) as key from sides
),
expected as materialized (
  select p.*
  from suspects join video_platform.video_analytics_prep p on p.legacy_id = suspects.key
  where (select s.status from video_platform.migration_status s where s.entity_type = 'video_analytics' and s.legacy_id = p.legacy_id) = 'completed'
    and p.reason is null
    and p.legacy_id not in (select waiting.key from waiting)
),
actual as materialized (
  select t.*
  from suspects join video_platform.video_analytics t on t.id = suspects.key
  where t.origin = 'legacy'
    and t.id not in (select waiting.key from waiting)
    and not exists (
      select from video_platform.migration_status s
      where s.entity_type = 'video_analytics' and s.legacy_id = t.id and s.status = 'failed' and s.metadata ?| array['kept', 'sqlState'])
),
judged as materialized (
  select key, columns,
    case when not in_target then 'missing' when not derived then 'extra' when columns <> '{}' then 'different' end as outcome
  from (
    select coalesce(e.legacy_id, t.id) as key, e.legacy_id is not null as derived, t.id is not null as in_target,
      case when e.legacy_id is not null and t.id is not null then array_remove(array[
        case when e.id is distinct from t.id then 'id' end,
        case when e.video_id is distinct from t.video_id then 'video_id' end,
        case when e.day is distinct from t.day then 'day' end,
        case when e.views is distinct from t.views then 'views' end
      ], null) else '{}' end as columns
    from expected e
    full join actual t on t.id = e.legacy_id
  ) pairs
),
counts as materialized (
  select (select proven from sides) + count(*) as compared,
    count(*) filter (where outcome = 'missing') as missing,
    count(*) filter (where outcome = 'extra') as extra,
    count(*) filter (where outcome = 'different') as different,
    (select count(*) from (select unnest(without_legacy) as key from sides) gone where gone.key not in (select waiting.key from waiting)) as unaccounted,
    (select mismapped from sides) as mismapped,
    (select rows from passed_by) as passed_by
  from judged
),
named as materialized (
  select key, outcome, columns from judged where outcome is not null order by key limit :named::int
)
select counts.*, named.key, named.outcome, named.columns
from counts left join named on true
order by named.key;

-- record what verification found
with found as materialized (
  select * from jsonb_to_record(:found::jsonb) as found (
    compared bigint, missing bigint, extra bigint, different bigint, unaccounted bigint, mismapped bigint, passed_by bigint, findings jsonb, "toRepair" jsonb)
),
recorded as (
  update video_platform.verification_run v
  set compared = v.compared + found.compared, missing = v.missing + found.missing, extra = v.extra + found.extra,
    different = v.different + found.different, unaccounted = v.unaccounted + found.unaccounted, mismapped = v.mismapped + found.mismapped,
    passed_by = v.passed_by + found.passed_by,
    findings = (select coalesce(jsonb_agg(finding), '[]') from (
      select finding from jsonb_array_elements(v.findings || found.findings) finding limit 20) first_findings),
    after_key = coalesce(:upto::text, v.after_key),
    finished_at = case when :upto::text is null then now() end
  from found
  where v.run_id = :run::uuid and v.entity_type = :entity and v.pass = :pass::int and v.after_key = :after::text and v.finished_at is null
  returning found."toRepair" as keys
),
repaired as (
  insert into video_platform.change_queue (entity_type, legacy_id)
  select :entity, key from recorded, jsonb_array_elements_text(keys) key
)
select true as recorded from recorded;

-- shared handles: pending channels that get a suffix
with requests as (
  select legacy_id,
    case when char_length(visible) between 1 and 120 then visible else legacy_id end as handle, created_at
  from (
    select l.id as legacy_id, lower(regexp_replace(case when p.name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]' then btrim(p.name, E' \t\r\n\u00a0\u3000') else l.name end, '[\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]+', '', 'g')) as visible, coalesce(l.created_at, 'infinity') as created_at
    from public.users l
    join public.profiles p on p.user_id = l.id
    where l.type in ('INFLUENCER', 'BUSINESS') and char_length(l.id) <= 30 and greatest(char_length(l.name), char_length(case when p.name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]' then btrim(p.name, E' \t\r\n\u00a0\u3000') else l.name end)) <= 120
    offset 0 -- computed once
  ) named
),
later as materialized (
  select legacy_id
  from (select legacy_id, row_number() over (partition by handle order by created_at, legacy_id) as place from requests) placed
  where place > 1
)
select count(*)::int as channels
from later
where not exists (select from video_platform.migration_status s where s.entity_type = 'channel' and s.legacy_id = later.legacy_id)
  and exists (
        select from public.users l
join public.profiles p on p.user_id = l.id
left join video_platform.users user_ref on user_ref.id = l.id
left join video_platform.channel_handle_request handle_request on handle_request.legacy_id = l.id
cross join lateral (select l.id) channel_awaits
        where l.id = later.legacy_id and l.type in ('INFLUENCER', 'BUSINESS') and ((l.id = '') or (position(U&'\FDD0' in l.id) > 0) or (user_ref.id is null and not (exists (
        select from public.users l
        where l.id = channel_awaits.id and ((l.id = '') or (position(U&'\FDD0' in l.id) > 0) or (position(U&'\FDD0' in l.email) > 0) or (position(U&'\FDD0' in l.name) > 0) or (l.type is null or l.type not in ('BUSINESS', 'INFLUENCER', 'ADMIN')) or (position(U&'\FDD0' in l.status) > 0)) is not true
      ) and not exists (
        select from video_platform.migration_status s
        where s.entity_type = 'user' and s.legacy_id = channel_awaits.id and s.status = 'failed'
      ))) or (position(U&'\FDD0' in case when p.name ~ '[^\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f-\u1160\u1680\u17b4-\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufeff\uffa0\ufff9-\ufffb]' then btrim(p.name, E' \t\r\n\u00a0\u3000') else l.name end) > 0) or (position(U&'\FDD0' in p.bio) > 0) or (position(U&'\FDD0' in p.profile_image) > 0)) is not true
      ) and not exists (
        select from video_platform.migration_status s
        where s.entity_type = 'channel' and s.legacy_id = later.legacy_id and s.status = 'failed'
      );

create or replace function video_platform.videopick_capture_users_insert() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_log (source, legacy_key)
  select 'users.id', id from new_rows;
  return null;
end
$$;

create or replace trigger videopick_capture_insert after insert on public.users
referencing new table as new_rows for each statement execute function video_platform.videopick_capture_users_insert();

create or replace function video_platform.videopick_capture_users_update() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_log (source, legacy_key)
  select 'users.id', new.id;
  if old.id is distinct from new.id then
  insert into video_platform.change_log (source, legacy_key)
  select 'users.id', old.id;
  end if;
  return null;
end
$$;

create or replace trigger videopick_capture_update after update on public.users
for each row execute function video_platform.videopick_capture_users_update();

create or replace function video_platform.videopick_capture_users_delete() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_log (source, legacy_key)
  select 'users.id', id from old_rows;
  return null;
end
$$;

create or replace trigger videopick_capture_delete after delete on public.users
referencing old table as old_rows for each statement execute function video_platform.videopick_capture_users_delete();

create or replace function video_platform.videopick_capture_users_truncate() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_queue (entity_type, legacy_id)
  select entity_type, legacy_id from video_platform.migration_status where entity_type = 'user'
  union
  select entity_type, legacy_id from video_platform.migration_status where entity_type = 'channel';
  return null;
end
$$;

create or replace trigger videopick_capture_truncate after truncate on public.users
for each statement execute function video_platform.videopick_capture_users_truncate();

drop trigger if exists videopick_capture_insert on public.users;

drop function if exists video_platform.videopick_capture_users_insert();

drop trigger if exists videopick_capture_update on public.users;

drop function if exists video_platform.videopick_capture_users_update();

drop trigger if exists videopick_capture_delete on public.users;

drop function if exists video_platform.videopick_capture_users_delete();

drop trigger if exists videopick_capture_truncate on public.users;

drop function if exists video_platform.videopick_capture_users_truncate();

create or replace function video_platform.videopick_capture_profiles_insert() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_log (source, legacy_key)
  select 'profiles.user_id', user_id from new_rows where user_id is not null;
  return null;
end
$$;

create or replace trigger videopick_capture_insert after insert on public.profiles
referencing new table as new_rows for each statement execute function video_platform.videopick_capture_profiles_insert();

create or replace function video_platform.videopick_capture_profiles_update() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_log (source, legacy_key)
  select 'profiles.user_id', new.user_id where new.user_id is not null;
  if old.user_id is distinct from new.user_id then
  insert into video_platform.change_log (source, legacy_key)
  select 'profiles.user_id', old.user_id where old.user_id is not null;
  end if;
  return null;
end
$$;

create or replace trigger videopick_capture_update after update on public.profiles
for each row execute function video_platform.videopick_capture_profiles_update();

create or replace function video_platform.videopick_capture_profiles_delete() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_log (source, legacy_key)
  select 'profiles.user_id', user_id from old_rows where user_id is not null;
  return null;
end
$$;

create or replace trigger videopick_capture_delete after delete on public.profiles
referencing old table as old_rows for each statement execute function video_platform.videopick_capture_profiles_delete();

create or replace function video_platform.videopick_capture_profiles_truncate() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_queue (entity_type, legacy_id)
  select entity_type, legacy_id from video_platform.migration_status where entity_type = 'channel';
  return null;
end
$$;

create or replace trigger videopick_capture_truncate after truncate on public.profiles
for each statement execute function video_platform.videopick_capture_profiles_truncate();

drop trigger if exists videopick_capture_insert on public.profiles;

drop function if exists video_platform.videopick_capture_profiles_insert();

drop trigger if exists videopick_capture_update on public.profiles;

drop function if exists video_platform.videopick_capture_profiles_update();

drop trigger if exists videopick_capture_delete on public.profiles;

drop function if exists video_platform.videopick_capture_profiles_delete();

drop trigger if exists videopick_capture_truncate on public.profiles;

drop function if exists video_platform.videopick_capture_profiles_truncate();

create or replace function video_platform.videopick_capture_business_profiles_insert() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_log (source, legacy_key)
  select 'business_profiles.id', id from new_rows;
  return null;
end
$$;

create or replace trigger videopick_capture_insert after insert on public.business_profiles
referencing new table as new_rows for each statement execute function video_platform.videopick_capture_business_profiles_insert();

create or replace function video_platform.videopick_capture_business_profiles_update() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_log (source, legacy_key)
  select 'business_profiles.id', new.id;
  if old.id is distinct from new.id then
  insert into video_platform.change_log (source, legacy_key)
  select 'business_profiles.id', old.id;
  end if;
  return null;
end
$$;

create or replace trigger videopick_capture_update after update on public.business_profiles
for each row execute function video_platform.videopick_capture_business_profiles_update();

create or replace function video_platform.videopick_capture_business_profiles_delete() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_log (source, legacy_key)
  select 'business_profiles.id', id from old_rows;
  return null;
end
$$;

create or replace trigger videopick_capture_delete after delete on public.business_profiles
referencing old table as old_rows for each statement execute function video_platform.videopick_capture_business_profiles_delete();

create or replace function video_platform.videopick_capture_business_profiles_truncate() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_queue (entity_type, legacy_id)
  select entity_type, legacy_id from video_platform.migration_status where entity_type = 'channel_setting';
  return null;
end
$$;

create or replace trigger videopick_capture_truncate after truncate on public.business_profiles
for each statement execute function video_platform.videopick_capture_business_profiles_truncate();

drop trigger if exists videopick_capture_insert on public.business_profiles;

drop function if exists video_platform.videopick_capture_business_profiles_insert();

drop trigger if exists videopick_capture_update on public.business_profiles;

drop function if exists video_platform.videopick_capture_business_profiles_update();

drop trigger if exists videopick_capture_delete on public.business_profiles;

drop function if exists video_platform.videopick_capture_business_profiles_delete();

drop trigger if exists videopick_capture_truncate on public.business_profiles;

drop function if exists video_platform.videopick_capture_business_profiles_truncate();

create or replace function video_platform.videopick_capture_campaigns_insert() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_log (source, legacy_key)
  select 'campaigns.id', id from new_rows;
  return null;
end
$$;

create or replace trigger videopick_capture_insert after insert on public.campaigns
referencing new table as new_rows for each statement execute function video_platform.videopick_capture_campaigns_insert();

create or replace function video_platform.videopick_capture_campaigns_update() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_log (source, legacy_key)
  select 'campaigns.id', new.id;
  if old.id is distinct from new.id then
  insert into video_platform.change_log (source, legacy_key)
  select 'campaigns.id', old.id;
  end if;
  return null;
end
$$;

create or replace trigger videopick_capture_update after update on public.campaigns
for each row execute function video_platform.videopick_capture_campaigns_update();

create or replace function video_platform.videopick_capture_campaigns_delete() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_log (source, legacy_key)
  select 'campaigns.id', id from old_rows;
  return null;
end
$$;

create or replace trigger videopick_capture_delete after delete on public.campaigns
referencing old table as old_rows for each statement execute function video_platform.videopick_capture_campaigns_delete();

create or replace function video_platform.videopick_capture_campaigns_truncate() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_queue (entity_type, legacy_id)
  select entity_type, legacy_id from video_platform.migration_status where entity_type = 'video'
  union
  select entity_type, legacy_id from video_platform.migration_status where entity_type = 'video_analytics';
  return null;
end
$$;

create or replace trigger videopick_capture_truncate after truncate on public.campaigns
for each statement execute function video_platform.videopick_capture_campaigns_truncate();

drop trigger if exists videopick_capture_insert on public.campaigns;

drop function if exists video_platform.videopick_capture_campaigns_insert();

drop trigger if exists videopick_capture_update on public.campaigns;

drop function if exists video_platform.videopick_capture_campaigns_update();

drop trigger if exists videopick_capture_delete on public.campaigns;

drop function if exists video_platform.videopick_capture_campaigns_delete();

drop trigger if exists videopick_capture_truncate on public.campaigns;

drop function if exists video_platform.videopick_capture_campaigns_truncate();

create or replace function video_platform.videopick_capture_campaign_applications_insert() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_log (source, legacy_key)
  select 'campaign_applications.id', id from new_rows;
  return null;
end
$$;

create or replace trigger videopick_capture_insert after insert on public.campaign_applications
referencing new table as new_rows for each statement execute function video_platform.videopick_capture_campaign_applications_insert();

create or replace function video_platform.videopick_capture_campaign_applications_update() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_log (source, legacy_key)
  select 'campaign_applications.id', new.id;
  if old.id is distinct from new.id then
  insert into video_platform.change_log (source, legacy_key)
  select 'campaign_applications.id', old.id;
  end if;
  return null;
end
$$;

create or replace trigger videopick_capture_update after update on public.campaign_applications
for each row execute function video_platform.videopick_capture_campaign_applications_update();

create or replace function video_platform.videopick_capture_campaign_applications_delete() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_log (source, legacy_key)
  select 'campaign_applications.id', id from old_rows;
  return null;
end
$$;

create or replace trigger videopick_capture_delete after delete on public.campaign_applications
referencing old table as old_rows for each statement execute function video_platform.videopick_capture_campaign_applications_delete();

create or replace function video_platform.videopick_capture_campaign_applications_truncate() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_queue (entity_type, legacy_id)
  select entity_type, legacy_id from video_platform.migration_status where entity_type = 'video_submission';
  return null;
end
$$;

create or replace trigger videopick_capture_truncate after truncate on public.campaign_applications
for each statement execute function video_platform.videopick_capture_campaign_applications_truncate();

drop trigger if exists videopick_capture_insert on public.campaign_applications;

drop function if exists video_platform.videopick_capture_campaign_applications_insert();

drop trigger if exists videopick_capture_update on public.campaign_applications;

drop function if exists video_platform.videopick_capture_campaign_applications_update();

drop trigger if exists videopick_capture_delete on public.campaign_applications;

drop function if exists video_platform.videopick_capture_campaign_applications_delete();

drop trigger if exists videopick_capture_truncate on public.campaign_applications;

drop function if exists video_platform.videopick_capture_campaign_applications_truncate();

create or replace function video_platform.videopick_capture_saved_campaigns_insert() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_log (source, legacy_key)
  select 'saved_campaigns.id', id from new_rows;
  return null;
end
$$;

create or replace trigger videopick_capture_insert after insert on public.saved_campaigns
referencing new table as new_rows for each statement execute function video_platform.videopick_capture_saved_campaigns_insert();

create or replace function video_platform.videopick_capture_saved_campaigns_update() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_log (source, legacy_key)
  select 'saved_campaigns.id', new.id;
  if old.id is distinct from new.id then
  insert into video_platform.change_log (source, legacy_key)
  select 'saved_campaigns.id', old.id;
  end if;
  return null;
end
$$;

create or replace trigger videopick_capture_update after update on public.saved_campaigns
for each row execute function video_platform.videopick_capture_saved_campaigns_update();

create or replace function video_platform.videopick_capture_saved_campaigns_delete() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_log (source, legacy_key)
  select 'saved_campaigns.id', id from old_rows;
  return null;
end
$$;

create or replace trigger videopick_capture_delete after delete on public.saved_campaigns
referencing old table as old_rows for each statement execute function video_platform.videopick_capture_saved_campaigns_delete();

create or replace function video_platform.videopick_capture_saved_campaigns_truncate() returns trigger language plpgsql security definer set search_path = pg_catalog as $$
begin
  insert into video_platform.change_queue (entity_type, legacy_id)
  select entity_type, legacy_id from video_platform.migration_status where entity_type = 'watch_later';
  return null;
end
$$;

create or replace trigger videopick_capture_truncate after truncate on public.saved_campaigns
for each statement execute function video_platform.videopick_capture_saved_campaigns_truncate();

drop trigger if exists videopick_capture_insert on public.saved_campaigns;

drop function if exists video_platform.videopick_capture_saved_campaigns_insert();

drop trigger if exists videopick_capture_update on public.saved_campaigns;

drop function if exists video_platform.videopick_capture_saved_campaigns_update();

drop trigger if exists videopick_capture_delete on public.saved_campaigns;

drop function if exists video_platform.videopick_capture_saved_campaigns_delete();

drop trigger if exists videopick_capture_truncate on public.saved_campaigns;

drop function if exists video_platform.videopick_capture_saved_campaigns_truncate();

select pg_advisory_xact_lock(hashtextextended('videopick.apply', 0))::text as locked;

with due as (
  insert into video_platform.sums_due_mark (marked_at) select clock_timestamp() from (values (true)) moved
)
delete from video_platform.change_queue c
where c.id = any (array(select jsonb_array_elements_text(:ids::jsonb)::bigint));

-- queue changes: from the log, by entity
with moved as (
  delete from video_platform.change_log c
  where c.ctid = any (array(select c.ctid from video_platform.change_log c limit :limit::int))
  returning c.source, c.legacy_key, c.changed_at, c.xid
),
queued as (
  insert into video_platform.change_queue (entity_type, legacy_id, changed_at, xid)
  select s.entity_type, m.legacy_key, min(m.changed_at), (array_agg(m.xid order by age(m.xid)))[1]
  from moved m join (values ('user', 'users.id'), ('channel', 'users.id'), ('channel', 'profiles.user_id'), ('channel_setting', 'business_profiles.id'), ('video', 'campaigns.id'), ('video_submission', 'campaign_applications.id'), ('watch_later', 'saved_campaigns.id'), ('video_analytics', 'campaigns.id')) s (entity_type, source) on s.source = m.source
  group by s.entity_type, m.legacy_key
  order by min(m.changed_at)
)
select count(*)::int as moved from moved;

insert into video_platform.migration_status (entity_type, legacy_id, status, run_id, metadata)
select entity_type, legacy_id, 'failed', :run::uuid, reason || jsonb_build_object('attempts', 1, 'firstAt', now())
from (
  select 'user' as entity_type, p.legacy_id, p.reason from video_platform.users_prep p where p.legacy_id = ''
  union all
  select 'channel' as entity_type, p.legacy_id, p.reason from video_platform.channels_prep p where p.legacy_id = ''
  union all
  select 'channel_setting' as entity_type, p.legacy_id, p.reason from video_platform.channel_settings_prep p where p.legacy_id = ''
  union all
  select 'video' as entity_type, p.legacy_id, p.reason from video_platform.videos_prep p where p.legacy_id = ''
  union all
  select 'video_submission' as entity_type, p.legacy_id, p.reason from video_platform.video_submissions_prep p where p.legacy_id = ''
  union all
  select 'watch_later' as entity_type, p.legacy_id, p.reason from video_platform.watch_later_prep p where p.legacy_id = ''
  union all
  select 'video_analytics' as entity_type, p.legacy_id, p.reason from video_platform.video_analytics_prep p where p.legacy_id = ''
) empty_keys
on conflict (entity_type, legacy_id) do nothing;

-- check User Count Match
with chunk as materialized (
  select t.id, t.origin from video_platform.users t where (:after::text is null or t.id > :after::text) order by t.id limit :limit::int
),
bounds as materialized (
  select case when count(*) = :limit::int then max(id) end as next_key from chunk
),
ledger as materialized (
  select s.legacy_id, s.status, s.metadata ?| array['kept', 'sqlState'] as served from video_platform.migration_status s
  where s.entity_type = 'user' and (:after::text is null or s.legacy_id > :after::text)
    and s.legacy_id <= coalesce((select next_key from bounds), (select max(legacy_id) from video_platform.migration_status where entity_type = 'user'))
)
select
  (select count(*) from chunk where origin = 'legacy' and id not in (select legacy_id from ledger where status = 'failed' and served)) as value,
  (select count(*) from ledger where status = 'completed') as expected,
  next_key
from bounds;

-- check No Orphaned Records
with chunk as materialized (
  select t.user_id as legacy_key, t.user_id as reference
  from video_platform.channels t where (:after::text is null or t.user_id > :after::text) order by t.user_id limit :limit::int
)
select count(*) filter (where (
    select r.id from video_platform.users r where r.id = chunk.reference
  ) is null) as value,
  0 as expected, case when count(*) = :limit::int then max(legacy_key) end as next_key
from chunk;

-- check No Orphaned Records
with chunk as materialized (
  select t.id as legacy_key, t.channel_id as reference
  from video_platform.channel_settings t where (:after::text is null or t.id > :after::text) order by t.id limit :limit::int
)
select count(*) filter (where (
    select r.id from video_platform.channels r where r.id = chunk.reference
  ) is null) as value,
  0 as expected, case when count(*) = :limit::int then max(legacy_key) end as next_key
from chunk;

-- check No Orphaned Records
with chunk as materialized (
  select t.id as legacy_key, t.channel_id as reference
  from video_platform.videos t where (:after::text is null or t.id > :after::text) order by t.id limit :limit::int
)
select count(*) filter (where (
    select r.id from video_platform.channels r where r.id = chunk.reference
  ) is null) as value,
  0 as expected, case when count(*) = :limit::int then max(legacy_key) end as next_key
from chunk;

-- check No Orphaned Records
with chunk as materialized (
  select t.id as legacy_key, t.video_id as reference
  from video_platform.video_submissions t where (:after::text is null or t.id > :after::text) order by t.id limit :limit::int
)
select count(*) filter (where (
    select r.id from video_platform.videos r where r.id = chunk.reference
  ) is null) as value,
  0 as expected, case when count(*) = :limit::int then max(legacy_key) end as next_key
from chunk;

-- check No Orphaned Records
with chunk as materialized (
  select t.id as legacy_key, t.user_id as reference
  from video_platform.video_submissions t where (:after::text is null or t.id > :after::text) order by t.id limit :limit::int
)
select count(*) filter (where (
    select r.id from video_platform.users r where r.id = chunk.reference
  ) is null) as value,
  0 as expected, case when count(*) = :limit::int then max(legacy_key) end as next_key
from chunk;

-- check No Orphaned Records
with chunk as materialized (
  select t.id as legacy_key, t.user_id as reference
  from video_platform.watch_later t where (:after::text is null or t.id > :after::text) order by t.id limit :limit::int
)
select count(*) filter (where (
    select r.id from video_platform.users r where r.id = chunk.reference
  ) is null) as value,
  0 as expected, case when count(*) = :limit::int then max(legacy_key) end as next_key
from chunk;

-- check No Orphaned Records
with chunk as materialized (
  select t.id as legacy_key, t.video_id as reference
  from video_platform.watch_later t where (:after::text is null or t.id > :after::text) order by t.id limit :limit::int
)
select count(*) filter (where (
    select r.id from video_platform.videos r where r.id = chunk.reference
  ) is null) as value,
  0 as expected, case when count(*) = :limit::int then max(legacy_key) end as next_key
from chunk;

-- check No Orphaned Records
with chunk as materialized (
  select t.id as legacy_key, t.video_id as reference
  from video_platform.video_analytics t where (:after::text is null or t.id > :after::text) order by t.id limit :limit::int
)
select count(*) filter (where (
    select r.id from video_platform.videos r where r.id = chunk.reference
  ) is null) as value,
  0 as expected, case when count(*) = :limit::int then max(legacy_key) end as next_key
from chunk;

-- check Every Row Accounted For
select sum(wrong)::text as value, '0' as expected from (
  select v.unaccounted as wrong from video_platform.verification_run v
    where v.run_id = :run::uuid and v.pass = (select max(pass) from video_platform.verification_run last where last.run_id = :run::uuid)
  ) counts;

-- check Mapping One To One
select sum(wrong)::text as value, '0' as expected from (
  select v.mismapped as wrong from video_platform.verification_run v
    where v.run_id = :run::uuid and v.pass = (select max(pass) from video_platform.verification_run last where last.run_id = :run::uuid)
  ) counts;

-- check Unique Handles
select sum(wrong)::text as value, '0' as expected from (
  select count(*) as wrong from (select from video_platform.channels group by lower(handle) having count(*) > 1) twice
  ) counts;

-- check Cursors In Order
select sum(wrong)::text as value, '0' as expected from (
  select v.passed_by as wrong from video_platform.verification_run v
    where v.run_id = :run::uuid and v.pass = (select max(pass) from video_platform.verification_run last where last.run_id = :run::uuid)
  union all
  select count(*) as wrong from (
    select c.last_key, c.upto_key, lag(c.upto_key) over (partition by c.entity_type order by c.range_no) as start_key, c.range_no
    from video_platform.migration_cursor c
  ) ranges
  where last_key > upto_key or (range_no > 0 and (start_key is null or last_key < start_key))
  union all
  select count(*) as wrong from video_platform.migration_cursor_move m
    join video_platform.migration_run r on r.id = :run::uuid and m.moved_at >= r.started_at
    where m.upto_key < m.after_key
  ) counts;

-- check Channel Counts Right
select count(*)::int as wrong from (
    select c.video_count, c.view_count, count(v.id) as videos, coalesce(sum(v.view_count), 0) as views
    from video_platform.channels c left join video_platform.videos v on v.channel_id = c.id
    where (:after::text is null or c.id > :after::uuid) and (:upto::text is null or c.id <= :upto::uuid)
    group by c.id
  ) channels
  where (video_count, view_count) is distinct from (videos, views);
