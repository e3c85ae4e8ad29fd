create view video_platform.users_prep as
select l.id as legacy_id,
  l.id as id,
  l.email as email,
  l.name as name,
  case l.type when 'BUSINESS' then 'ADVERTISER' when 'INFLUENCER' then 'CREATOR' when 'ADMIN' then 'ADMIN' end as user_type,
  l.status as status,
  l.last_login_at at time zone 'UTC' as last_login_at,
  l.created_at at time zone 'UTC' as created_at,
  l.updated_at at time zone 'UTC' as updated_at,
  case
    when l.type is null or l.type not in ('BUSINESS', 'INFLUENCER', 'ADMIN') then jsonb_build_object('class', 'UNKNOWN_VALUE', 'column', 'type', 'value', l.type)
  end as reason
from public.users l;

-- copy user: users → users, the next :limit rows after the cursor · the reply carries counts only, never rows
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'user'
  where r.id = :run::uuid and r.status = 'running'
  for update
),
batch as materialized (
  select l.id as legacy_id
  from public.users l
  where l.id > (select last_key from lease)
    and not exists (select from video_platform.migration_status s where s.entity_type = 'user' and s.legacy_id = l.id)
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
projected as materialized (
  select p.* from keys join video_platform.users_prep p on p.legacy_id = keys.legacy_id
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
    updated_at = excluded.updated_at
  returning 1
),
mapped as (
  insert into video_platform.entity_mapping (entity_type, legacy_table, legacy_id, new_table, new_id)
  select 'user', 'users', legacy_id, 'users', id::text from projected where reason is null
  on conflict (entity_type, legacy_id, new_table) do update set new_id = excluded.new_id
),
recorded as (
  insert into video_platform.migration_status (entity_type, legacy_id, status, run_id, metadata)
  select 'user', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid,
    case when reason is not null then reason || jsonb_build_object('attempts', 1) end
  from (select legacy_id, reason from projected) rows_done
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, metadata = excluded.metadata, migrated_at = now()
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before
),
counted as (
  update video_platform.migration_quota q set completed = q.completed + outcome.completed
  from outcome, lease where q.run_date = lease.run_date and outcome.completed > 0
),
tallied as (
  insert into video_platform.migration_run_entity as e (run_id, entity_type, completed, quarantined)
  select lease.id, 'user', outcome.completed, outcome.quarantined from outcome, lease
  on conflict (run_id, entity_type) do update
    set completed = e.completed + excluded.completed, quarantined = e.quarantined + excluded.quarantined, updated_at = clock_timestamp()
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'user' and outcome.leased
)
select leased, completed::int, quarantined::int, leased and exhausted as exhausted, coalesce(remaining_before - completed, 0)::int as remaining
from outcome;

-- next key of user
select l.id as key
from public.users l
where l.id > (select last_key from video_platform.migration_cursor where entity_type = 'user')
  and not exists (select from video_platform.migration_status s where s.entity_type = 'user' and s.legacy_id = l.id)
order by l.id
limit 1;

-- set aside user: the row :only, which the database refused
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'user'
  where r.id = :run::uuid and r.status = 'running'
  for update
),
batch as materialized (
  select l.id as legacy_id
  from public.users l
  where l.id > (select last_key from lease)
    and not exists (select from video_platform.migration_status s where s.entity_type = 'user' and s.legacy_id = l.id)
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
recorded as (
  insert into video_platform.migration_status (entity_type, legacy_id, status, run_id, metadata)
  select 'user', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid,
    case when reason is not null then reason || jsonb_build_object('attempts', 1) end
  from (select legacy_id, :reason::jsonb as reason from keys) rows_done
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, metadata = excluded.metadata, migrated_at = now()
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before
),
counted as (
  update video_platform.migration_quota q set completed = q.completed + outcome.completed
  from outcome, lease where q.run_date = lease.run_date and outcome.completed > 0
),
tallied as (
  insert into video_platform.migration_run_entity as e (run_id, entity_type, completed, quarantined)
  select lease.id, 'user', outcome.completed, outcome.quarantined from outcome, lease
  on conflict (run_id, entity_type) do update
    set completed = e.completed + excluded.completed, quarantined = e.quarantined + excluded.quarantined, updated_at = clock_timestamp()
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'user' and outcome.leased
)
select leased, completed::int, quarantined::int, leased and exhausted as exhausted, coalesce(remaining_before - completed, 0)::int as remaining
from outcome;

-- verify user: projection against users, the next :limit legacy rows after :after
with chunk as materialized (
  select max(key) as last_key, count(*) as size
  from (
    select l.id as key
    from public.users l
    where l.id > :after::text
    order by l.id
    limit :limit::int
  ) chunk_keys
),
bounds as materialized (
  select case when size = :limit::int then last_key end as upto from chunk
),
expected as materialized (
  select p.*
  from video_platform.users_prep p
  join video_platform.migration_status s on s.entity_type = 'user' and s.legacy_id = p.legacy_id and s.status = 'completed'
  where p.legacy_id > :after::text
    and ((select upto from bounds) is null or p.legacy_id <= (select upto from bounds))
    and p.reason is null
),
actual as materialized (
  select t.*
  from video_platform.users t
  where t.id > :after::text
    and ((select upto from bounds) is null or t.id <= (select upto from bounds))
    and t.origin = 'legacy'
),
compared as (
  select coalesce(e.legacy_id, t.id) as key,
    t.id is null as missing,
    e.legacy_id is null as extra,
    array_remove(array[
      case when e.id is distinct from t.id then 'id' end,
      case when e.email is distinct from t.email then 'email' end,
      case when e.name is distinct from t.name then 'name' end,
      case when e.user_type is distinct from t.user_type then 'user_type' end,
      case when e.status is distinct from t.status then 'status' end,
      case when e.last_login_at is distinct from t.last_login_at then 'last_login_at' end,
      case when e.created_at is distinct from t.created_at then 'created_at' end,
      case when e.updated_at is distinct from t.updated_at then 'updated_at' end
    ], null) as columns
  from expected e
  full join actual t on t.id = e.legacy_id
),
judged as (
  select key, columns,
    case when missing then 'missing' when extra then 'extra' when cardinality(columns) > 0 then 'different' end as outcome
  from compared
)
select count(*)::int as compared,
  count(*) filter (where outcome = 'missing')::int as missing,
  count(*) filter (where outcome = 'extra')::int as extra,
  count(*) filter (where outcome = 'different')::int as different,
  coalesce((
    select jsonb_agg(jsonb_build_object('key', key, 'outcome', outcome, 'columns', case when outcome = 'different' then columns else '{}' end) order by key)
    from (select * from judged where outcome is not null order by key limit 20) first_findings
  ), '[]') as findings,
  (select upto from bounds) as next_key
from judged;

create view video_platform.channels_prep as
select l.id as legacy_id,
  overlay(overlay(md5('videopick.channel.' || l.id) placing '8' from 13) placing '8' from 17)::uuid as id,
  user_ref.id as user_id,
  coalesce(nullif(btrim(p.name, E' \t\r\n\u00a0\u3000'), ''), l.name) as name,
  case when exists (
      select from video_platform.channel_handle_request earlier
      where earlier.handle = handle_request.handle
        and (earlier.created_at, earlier.legacy_id) < (handle_request.created_at, handle_request.legacy_id)
    ) or handle_request.handle is null
    then coalesce(handle_request.handle, l.id) || '-' || substr(md5(l.id), 1, 8) else handle_request.handle end as handle,
  p.bio as description,
  p.profile_image as avatar_url,
  l.created_at at time zone 'UTC' as created_at,
  greatest(l.updated_at, p.updated_at) at time zone 'UTC' as updated_at,
  case
    when user_ref.id is null then jsonb_build_object('class', 'MISSING_REFERENCE', 'column', 'id', 'value', l.id)
  end as reason
from public.users l
join public.profiles p on p.user_id = l.id
left join video_platform.users user_ref on user_ref.id = l.id
left join video_platform.channel_handle_request handle_request on handle_request.legacy_id = l.id
where l.type in ('INFLUENCER', 'BUSINESS');

-- prepare channel
insert into video_platform.channel_handle_request (legacy_id, handle, created_at)
select l.id,
       coalesce(nullif(lower(regexp_replace(coalesce(nullif(btrim(p.name, E' \t\r\n\u00a0\u3000'), ''), l.name), '[\s\u00a0\u200b\u3000\ufeff]+', '', 'g')), ''), l.id),
       l.created_at
from public.users l
join public.profiles p on p.user_id = l.id
where l.type in ('INFLUENCER', 'BUSINESS')
on conflict (legacy_id) do update set handle = excluded.handle, created_at = excluded.created_at
where (channel_handle_request.handle, channel_handle_request.created_at) is distinct from (excluded.handle, excluded.created_at);

-- copy channel: users → channels, the next :limit rows after the cursor · the reply carries counts only, never rows
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'channel'
  where r.id = :run::uuid and r.status = 'running'
  for update
),
batch as materialized (
  select l.id as legacy_id
  from public.users l
join public.profiles p on p.user_id = l.id
  where l.type in ('INFLUENCER', 'BUSINESS')
    and l.id > (select last_key from lease)
    and not exists (select from video_platform.migration_status s where s.entity_type = 'channel' and s.legacy_id = l.id)
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
projected as materialized (
  select p.* from keys join video_platform.channels_prep p on p.legacy_id = keys.legacy_id
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
    updated_at = excluded.updated_at
  returning 1
),
mapped as (
  insert into video_platform.entity_mapping (entity_type, legacy_table, legacy_id, new_table, new_id)
  select 'channel', 'users', legacy_id, 'channels', id::text from projected where reason is null
  on conflict (entity_type, legacy_id, new_table) do update set new_id = excluded.new_id
),
recorded as (
  insert into video_platform.migration_status (entity_type, legacy_id, status, run_id, metadata)
  select 'channel', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid,
    case when reason is not null then reason || jsonb_build_object('attempts', 1) end
  from (select legacy_id, reason from projected) rows_done
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, metadata = excluded.metadata, migrated_at = now()
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before
),
counted as (
  update video_platform.migration_quota q set completed = q.completed + outcome.completed
  from outcome, lease where q.run_date = lease.run_date and outcome.completed > 0
),
tallied as (
  insert into video_platform.migration_run_entity as e (run_id, entity_type, completed, quarantined)
  select lease.id, 'channel', outcome.completed, outcome.quarantined from outcome, lease
  on conflict (run_id, entity_type) do update
    set completed = e.completed + excluded.completed, quarantined = e.quarantined + excluded.quarantined, updated_at = clock_timestamp()
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'channel' and outcome.leased
)
select leased, completed::int, quarantined::int, leased and exhausted as exhausted, coalesce(remaining_before - completed, 0)::int as remaining
from outcome;

-- next key of channel
select l.id as key
from public.users l
join public.profiles p on p.user_id = l.id
where l.type in ('INFLUENCER', 'BUSINESS')
  and l.id > (select last_key from video_platform.migration_cursor where entity_type = 'channel')
  and not exists (select from video_platform.migration_status s where s.entity_type = 'channel' and s.legacy_id = l.id)
order by l.id
limit 1;

-- set aside channel: the row :only, which the database refused
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'channel'
  where r.id = :run::uuid and r.status = 'running'
  for update
),
batch as materialized (
  select l.id as legacy_id
  from public.users l
join public.profiles p on p.user_id = l.id
  where l.type in ('INFLUENCER', 'BUSINESS')
    and l.id > (select last_key from lease)
    and not exists (select from video_platform.migration_status s where s.entity_type = 'channel' and s.legacy_id = l.id)
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
recorded as (
  insert into video_platform.migration_status (entity_type, legacy_id, status, run_id, metadata)
  select 'channel', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid,
    case when reason is not null then reason || jsonb_build_object('attempts', 1) end
  from (select legacy_id, :reason::jsonb as reason from keys) rows_done
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, metadata = excluded.metadata, migrated_at = now()
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before
),
counted as (
  update video_platform.migration_quota q set completed = q.completed + outcome.completed
  from outcome, lease where q.run_date = lease.run_date and outcome.completed > 0
),
tallied as (
  insert into video_platform.migration_run_entity as e (run_id, entity_type, completed, quarantined)
  select lease.id, 'channel', outcome.completed, outcome.quarantined from outcome, lease
  on conflict (run_id, entity_type) do update
    set completed = e.completed + excluded.completed, quarantined = e.quarantined + excluded.quarantined, updated_at = clock_timestamp()
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'channel' and outcome.leased
)
select leased, completed::int, quarantined::int, leased and exhausted as exhausted, coalesce(remaining_before - completed, 0)::int as remaining
from outcome;

-- verify channel: projection against channels, the next :limit legacy rows after :after
with chunk as materialized (
  select max(key) as last_key, count(*) as size
  from (
    select l.id as key
    from public.users l
join public.profiles p on p.user_id = l.id
    where l.type in ('INFLUENCER', 'BUSINESS')
      and l.id > :after::text
    order by l.id
    limit :limit::int
  ) chunk_keys
),
bounds as materialized (
  select case when size = :limit::int then last_key end as upto from chunk
),
expected as materialized (
  select p.*
  from video_platform.channels_prep p
  join video_platform.migration_status s on s.entity_type = 'channel' and s.legacy_id = p.legacy_id and s.status = 'completed'
  where p.legacy_id > :after::text
    and ((select upto from bounds) is null or p.legacy_id <= (select upto from bounds))
    and p.reason is null
),
actual as materialized (
  select t.*
  from video_platform.channels t
  where t.user_id > :after::text
    and ((select upto from bounds) is null or t.user_id <= (select upto from bounds))
    and t.origin = 'legacy'
),
compared as (
  select coalesce(e.legacy_id, t.user_id) as key,
    t.user_id is null as missing,
    e.legacy_id is null as extra,
    array_remove(array[
      case when e.id is distinct from t.id then 'id' end,
      case when e.user_id is distinct from t.user_id then 'user_id' end,
      case when e.name is distinct from t.name then 'name' end,
      case when e.handle is distinct from t.handle then 'handle' end,
      case when e.description is distinct from t.description then 'description' end,
      case when e.avatar_url is distinct from t.avatar_url then 'avatar_url' end,
      case when e.created_at is distinct from t.created_at then 'created_at' end,
      case when e.updated_at is distinct from t.updated_at then 'updated_at' end
    ], null) as columns
  from expected e
  full join actual t on t.user_id = e.legacy_id
),
judged as (
  select key, columns,
    case when missing then 'missing' when extra then 'extra' when cardinality(columns) > 0 then 'different' end as outcome
  from compared
)
select count(*)::int as compared,
  count(*) filter (where outcome = 'missing')::int as missing,
  count(*) filter (where outcome = 'extra')::int as extra,
  count(*) filter (where outcome = 'different')::int as different,
  coalesce((
    select jsonb_agg(jsonb_build_object('key', key, 'outcome', outcome, 'columns', case when outcome = 'different' then columns else '{}' end) order by key)
    from (select * from judged where outcome is not null order by key limit 20) first_findings
  ), '[]') as findings,
  (select upto from bounds) as next_key
from judged;

create view video_platform.videos_prep as
select l.id as legacy_id,
  l.id as id,
  channel_ref.id as channel_id,
  l.title as title,
  l.description as description,
  l.thumbnail_image_url as thumbnail_url,
  coalesce(l.view_count, 0) as view_count,
  case l.status when 'DRAFT' then 'PRIVATE' when 'ACTIVE' then 'PUBLISHED' when 'PAUSED' then 'UNLISTED' when 'COMPLETED' then 'PUBLISHED' end as status,
  coalesce((
      select array_agg(tag order by first_position)
      from (
        select tag, min(position) as first_position
        from (
          select btrim(replace(piece, '#', ''), E' \t\r\n\u00a0\u3000') as tag, position
          from unnest(string_to_array(l.hashtags, ',')) with ordinality as pieces (piece, position)
        ) trimmed
        where tag <> ''
        group by tag
      ) distinct_tags
    ), '{}') as tags,
  jsonb_build_object('status', l.status, 'budget', l.budget, 'startDate', l.start_date, 'endDate', l.end_date) as campaign,
  l.created_at at time zone 'UTC' as published_at,
  l.created_at at time zone 'UTC' as created_at,
  l.updated_at at time zone 'UTC' as updated_at,
  case
    when channel_ref.id is null then jsonb_build_object('class', 'MISSING_REFERENCE', 'column', 'business_id', 'value', l.business_id)
    when l.status is null or l.status not in ('DRAFT', 'ACTIVE', 'PAUSED', 'COMPLETED') then jsonb_build_object('class', 'UNKNOWN_VALUE', 'column', 'status', 'value', l.status)
  end as reason
from public.campaigns l
left join video_platform.channels channel_ref on channel_ref.user_id = l.business_id;

-- copy video: campaigns → videos, the next :limit rows after the cursor · the reply carries counts only, never rows
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'video'
  where r.id = :run::uuid and r.status = 'running'
  for update
),
batch as materialized (
  select l.id as legacy_id
  from public.campaigns l
  where l.id > (select last_key from lease)
    and not exists (select from video_platform.migration_status s where s.entity_type = 'video' and s.legacy_id = l.id)
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
projected as materialized (
  select p.* from keys join video_platform.videos_prep p on p.legacy_id = keys.legacy_id
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
    updated_at = excluded.updated_at
  returning 1
),
mapped as (
  insert into video_platform.entity_mapping (entity_type, legacy_table, legacy_id, new_table, new_id)
  select 'video', 'campaigns', legacy_id, 'videos', id::text from projected where reason is null
  on conflict (entity_type, legacy_id, new_table) do update set new_id = excluded.new_id
),
recorded as (
  insert into video_platform.migration_status (entity_type, legacy_id, status, run_id, metadata)
  select 'video', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid,
    case when reason is not null then reason || jsonb_build_object('attempts', 1) end
  from (select legacy_id, reason from projected) rows_done
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, metadata = excluded.metadata, migrated_at = now()
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before
),
counted as (
  update video_platform.migration_quota q set completed = q.completed + outcome.completed
  from outcome, lease where q.run_date = lease.run_date and outcome.completed > 0
),
tallied as (
  insert into video_platform.migration_run_entity as e (run_id, entity_type, completed, quarantined)
  select lease.id, 'video', outcome.completed, outcome.quarantined from outcome, lease
  on conflict (run_id, entity_type) do update
    set completed = e.completed + excluded.completed, quarantined = e.quarantined + excluded.quarantined, updated_at = clock_timestamp()
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'video' and outcome.leased
)
select leased, completed::int, quarantined::int, leased and exhausted as exhausted, coalesce(remaining_before - completed, 0)::int as remaining
from outcome;

-- next key of video
select l.id as key
from public.campaigns l
where l.id > (select last_key from video_platform.migration_cursor where entity_type = 'video')
  and not exists (select from video_platform.migration_status s where s.entity_type = 'video' and s.legacy_id = l.id)
order by l.id
limit 1;

-- set aside video: the row :only, which the database refused
with lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = 'video'
  where r.id = :run::uuid and r.status = 'running'
  for update
),
batch as materialized (
  select l.id as legacy_id
  from public.campaigns l
  where l.id > (select last_key from lease)
    and not exists (select from video_platform.migration_status s where s.entity_type = 'video' and s.legacy_id = l.id)
    and (:only::text is null or l.id = :only::text)
  order by l.id
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
),
recorded as (
  insert into video_platform.migration_status (entity_type, legacy_id, status, run_id, metadata)
  select 'video', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid,
    case when reason is not null then reason || jsonb_build_object('attempts', 1) end
  from (select legacy_id, :reason::jsonb as reason from keys) rows_done
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, metadata = excluded.metadata, migrated_at = now()
  returning legacy_id, status
),
outcome as materialized (
  select exists (select from lease) as leased,
    (select count(*) from recorded where status = 'completed') as completed,
    (select count(*) from recorded where status = 'failed') as quarantined,
    (select max(legacy_id) from keys) as last_key,
    (select count(*) from batch) < :limit::int and (select count(*) from batch) = (select count(*) from keys) and :only::text is null as exhausted,
    (select remaining from lease) as remaining_before
),
counted as (
  update video_platform.migration_quota q set completed = q.completed + outcome.completed
  from outcome, lease where q.run_date = lease.run_date and outcome.completed > 0
),
tallied as (
  insert into video_platform.migration_run_entity as e (run_id, entity_type, completed, quarantined)
  select lease.id, 'video', outcome.completed, outcome.quarantined from outcome, lease
  on conflict (run_id, entity_type) do update
    set completed = e.completed + excluded.completed, quarantined = e.quarantined + excluded.quarantined, updated_at = clock_timestamp()
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = 'video' and outcome.leased
)
select leased, completed::int, quarantined::int, leased and exhausted as exhausted, coalesce(remaining_before - completed, 0)::int as remaining
from outcome;

-- verify video: projection against videos, the next :limit legacy rows after :after
with chunk as materialized (
  select max(key) as last_key, count(*) as size
  from (
    select l.id as key
    from public.campaigns l
    where l.id > :after::text
    order by l.id
    limit :limit::int
  ) chunk_keys
),
bounds as materialized (
  select case when size = :limit::int then last_key end as upto from chunk
),
expected as materialized (
  select p.*
  from video_platform.videos_prep p
  join video_platform.migration_status s on s.entity_type = 'video' and s.legacy_id = p.legacy_id and s.status = 'completed'
  where p.legacy_id > :after::text
    and ((select upto from bounds) is null or p.legacy_id <= (select upto from bounds))
    and p.reason is null
),
actual as materialized (
  select t.*
  from video_platform.videos t
  where t.id > :after::text
    and ((select upto from bounds) is null or t.id <= (select upto from bounds))
    and t.origin = 'legacy'
),
compared as (
  select coalesce(e.legacy_id, t.id) as key,
    t.id is null as missing,
    e.legacy_id is null as extra,
    array_remove(array[
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
    ], null) as columns
  from expected e
  full join actual t on t.id = e.legacy_id
),
judged as (
  select key, columns,
    case when missing then 'missing' when extra then 'extra' when cardinality(columns) > 0 then 'different' end as outcome
  from compared
)
select count(*)::int as compared,
  count(*) filter (where outcome = 'missing')::int as missing,
  count(*) filter (where outcome = 'extra')::int as extra,
  count(*) filter (where outcome = 'different')::int as different,
  coalesce((
    select jsonb_agg(jsonb_build_object('key', key, 'outcome', outcome, 'columns', case when outcome = 'different' then columns else '{}' end) order by key)
    from (select * from judged where outcome is not null order by key limit 20) first_findings
  ), '[]') as findings,
  (select upto from bounds) as next_key
from judged;

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
  select 3 as position, 'video'::varchar(50) as entity_type, count(*) as legacy_total,
    count(*) filter (where s.status = 'completed') as completed,
    count(*) filter (where s.status = 'failed') as failed
  from public.campaigns l
  left join video_platform.migration_status s on s.entity_type = 'video' and s.legacy_id = l.id
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
  case when a.legacy_total = 0 then 100 else round(100.0 * (a.completed + a.failed) / a.legacy_total, 2) end as percent,
  case when l.seconds > 0 then round(l.rows_done / l.seconds) end as rows_per_second,
  case when l.seconds > 0 and l.rows_done > 0
    then make_interval(secs => ceil((a.legacy_total - a.completed - a.failed) * l.seconds / l.rows_done)::float8) end as time_left,
  l.updated_at as last_migrated_at
from accounts a
left join latest l on l.entity_type = a.entity_type
order by a.position;
