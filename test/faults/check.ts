import type { World } from './world.ts';

/** A promise that was broken, and how. */
export interface Violation {
  readonly rule: string;
  readonly detail: string;
}

/** What each entity is about, written down here a second time: which legacy rows, and which of them can be migrated. */
const ACCOUNTS: readonly { entity: string; target: string; key: string; rows: string; fit: string }[] = [
  {
    entity: 'user',
    target: 'users',
    key: 'id',
    rows: 'select id from public.users',
    fit: `select id from public.users where type in ('BUSINESS', 'INFLUENCER', 'ADMIN') and email <> 'taken@example.com'`,
  },
  {
    entity: 'channel',
    target: 'channels',
    key: 'user_id',
    rows: `select u.id from public.users u where u.type in ('BUSINESS', 'INFLUENCER') and exists (select from public.profiles p where p.user_id = u.id)`,
    fit: `select u.id from public.users u where u.type in ('BUSINESS', 'INFLUENCER') and exists (select from public.profiles p where p.user_id = u.id)
      and u.id in (select id from standing_user)`,
  },
  {
    entity: 'channel_setting',
    target: 'channel_settings',
    key: 'id',
    rows: 'select id from public.business_profiles',
    fit: 'select b.id from public.business_profiles b where b.user_id in (select id from fit_channel)',
  },
  {
    entity: 'video',
    target: 'videos',
    key: 'id',
    rows: 'select id from public.campaigns',
    fit: `select c.id from public.campaigns c where c.business_id in (select id from fit_channel)
      and c.status in ('DRAFT', 'ACTIVE', 'PAUSED', 'COMPLETED') and (c.view_count is null or c.view_count >= 0)`,
  },
  {
    entity: 'video_submission',
    target: 'video_submissions',
    key: 'id',
    rows: 'select id from public.campaign_applications',
    fit: `select a.id from public.campaign_applications a where a.campaign_id in (select id from fit_video) and a.influencer_id in (select id from standing_user)
      and a.status in ('PENDING', 'APPROVED', 'REJECTED', 'COMPLETED')`,
  },
  {
    entity: 'watch_later',
    target: 'watch_later',
    key: 'id',
    rows: 'select id from public.saved_campaigns',
    fit: 'select s.id from public.saved_campaigns s where s.campaign_id in (select id from fit_video) and s.user_id in (select id from standing_user)',
  },
  {
    entity: 'video_analytics',
    target: 'video_analytics',
    key: 'id',
    rows: 'select id from public.campaigns',
    fit: 'select id from fit_video',
  },
];

/** A copied user whose new address the database refuses: served as it was, and what belongs to it stays. */
const KEPT = `kept as (select 'user' as entity_type, u.id from public.users u join video_platform.users t on t.id = u.id and t.origin = 'legacy'
  join video_platform.migration_status s on s.entity_type = 'user' and s.legacy_id = u.id and s.status = 'failed' and s.metadata ? 'sqlState'
  where u.email = 'taken@example.com' and u.type in ('BUSINESS', 'INFLUENCER', 'ADMIN'))`;

/** One query: each row is a broken promise. */
const CHECKS = `with ${KEPT}, ${ACCOUNTS.map(({ entity, rows, fit }) => {
  const standing = entity === 'user' ? ', standing_user as (select id from fit_user union select id from kept)' : '';
  return `all_${entity} as (${rows}), fit_${entity} as (${fit})${standing}`;
}).join(',\n')}
${ACCOUNTS.map(
  ({ entity, target, key }) => `
select 'every legacy row is accounted for' as rule, '${entity} ' || l.id || ' is pending' as detail
from all_${entity} l left join video_platform.migration_status s on s.entity_type = '${entity}' and s.legacy_id = l.id where s.status is null
union all
select 'what can be migrated is, and nothing else', '${entity} ' || l.id || ' is ' || coalesce(s.status, 'pending') || coalesce(' ' || s.metadata::text, '')
from all_${entity} l left join video_platform.migration_status s on s.entity_type = '${entity}' and s.legacy_id = l.id
where (s.status is not distinct from 'completed') <> (l.id in (select id from fit_${entity}))
union all
select 'a quarantined row has its reason', '${entity} ' || s.legacy_id
from video_platform.migration_status s where s.entity_type = '${entity}' and s.status = 'failed' and coalesce(s.metadata ->> 'class', '') = ''
union all
select 'the ledger knows no row that is not there', '${entity} ' || s.legacy_id || ' ' || s.status
from video_platform.migration_status s where s.entity_type = '${entity}' and s.legacy_id not in (select id from all_${entity})
union all
select 'a completed row has its target row', '${entity} ' || s.legacy_id from video_platform.migration_status s
where s.entity_type = '${entity}' and s.status = 'completed' and not exists (select from video_platform.${target} t where t.${key} = s.legacy_id)
union all
select 'a deleted or refused row is gone', '${entity} ' || t.${key} from video_platform.${target} t
where t.origin = 'legacy' and t.${key} not in (select id from fit_${entity})
  and t.${key} not in (select id from kept where entity_type = '${entity}')
union all
select 'mapping is one to one with completed rows', '${entity} ' || coalesce(m.legacy_id, s.legacy_id)
from (select * from video_platform.entity_mapping where entity_type = '${entity}') m
full join (select * from video_platform.migration_status where entity_type = '${entity}' and status = 'completed') s on s.legacy_id = m.legacy_id
where m.legacy_id is null or (s.legacy_id is null and m.legacy_id not in (select id from kept where entity_type = '${entity}'))
  or not exists (select from video_platform.${target} t where t.id::text = m.new_id and t.${key} = m.legacy_id)`,
).join('\nunion all')}
union all
select 'target = projection', 'user ' || l.id from public.users l join video_platform.users t on t.id = l.id
where (t.email, t.name, t.created_at, t.user_type) is distinct from (l.email, l.name, l.created_at at time zone 'UTC',
  case l.type when 'BUSINESS' then 'ADVERTISER' when 'INFLUENCER' then 'CREATOR' when 'ADMIN' then 'ADMIN' end)
  and l.id not in (select id from kept)
union all
select 'target = projection', 'channel ' || l.id from public.users l join public.profiles p on p.user_id = l.id
join video_platform.channels t on t.user_id = l.id where t.description is distinct from p.bio
  or t.name is distinct from case when p.name is null or trim(p.name) = '' then l.name else p.name end
union all
select 'target = projection', 'channel_setting ' || l.id from public.business_profiles l join video_platform.channel_settings t on t.id = l.id
left join video_platform.channels c on c.id = t.channel_id where (t.company_name, c.user_id) is distinct from (l.company_name, l.user_id)
union all
select 'target = projection', 'video ' || l.id from public.campaigns l join video_platform.videos t on t.id = l.id
left join video_platform.channels c on c.id = t.channel_id
where (t.title, c.user_id, t.view_count, t.status) is distinct from (l.title, l.business_id, coalesce(l.view_count, 0)::bigint,
  case l.status when 'DRAFT' then 'PRIVATE' when 'PAUSED' then 'UNLISTED' else 'PUBLISHED' end)
union all
select 'target = projection', 'video_submission ' || l.id from public.campaign_applications l join video_platform.video_submissions t on t.id = l.id
where (t.video_id, t.user_id, t.status) is distinct from (l.campaign_id, l.influencer_id, l.status)
union all
select 'target = projection', 'watch_later ' || l.id from public.saved_campaigns l join video_platform.watch_later t on t.id = l.id
where (t.video_id, t.user_id) is distinct from (l.campaign_id, l.user_id)
union all
select 'target = projection', 'video_analytics ' || l.id from public.campaigns l join video_platform.video_analytics t on t.id = l.id
where (t.video_id, t.views) is distinct from (l.id, coalesce(l.view_count, 0)::bigint)
union all
select 'handles are unique and not empty', handle from video_platform.channels group by handle having count(*) > 1 or handle = ''
union all
select 'the first who asks for a handle gets it', t.handle from video_platform.channels t join video_platform.channel_handle_request r on r.legacy_id = t.user_id
where t.handle <> r.handle and not exists (select from video_platform.channel_handle_request e where e.handle = r.handle
  and (e.created_at, e.legacy_id) < (r.created_at, r.legacy_id))
union all
select 'no change waits at rest', format('%s %s', entity_type, legacy_id) from video_platform.pending_change
union all
select 'the diff is empty', format('%s: %s missing, %s extra, %s different: %s', v.entity_type, v.missing, v.extra, v.different, v.findings)
from video_platform.verification_run v join (select id from video_platform.migration_run order by started_at desc limit 1) r on r.id = v.run_id
where v.missing + v.extra + v.different > 0 or v.finished_at is null
union all
select 'the named checks pass', format('%s: %s instead of %s', c.name, c.value, c.expected)
from video_platform.verification_check c join (select id from video_platform.migration_run order by started_at desc limit 1) r on r.id = c.run_id
where not c.passed
union all
select 'batches add up to what the date has used', format('%s: %s of %s', q.run_date, b.completed, q.completed)
from video_platform.migration_quota q left join (
  select r.run_date, sum((b.outcome ->> 'completed')::int) as completed
  from video_platform.migration_batch b join video_platform.migration_run r on r.id = b.run_id group by r.run_date) b on b.run_date = q.run_date
where coalesce(b.completed, 0) <> q.completed
union all
select 'batches add up to what the run has done', format('%s: %s of %s', e.entity_type, b.completed, e.completed)
from video_platform.migration_run_entity e left join (
  select b.run_id, b.entity_type, sum((b.outcome ->> 'completed')::int) as completed
  from video_platform.migration_batch b group by b.run_id, b.entity_type) b on (b.run_id, b.entity_type) = (e.run_id, e.entity_type)
where coalesce(b.completed, 0) <> e.completed
union all
select 'a batch counts the rows written with it', format('%s: %s of %s', b.entity_type, b.outcome ->> 'completed', coalesce(c.completed, 0))
from video_platform.migration_batch b left join audit.copied c on c.xid = b.xmin
where (b.outcome ->> 'completed')::int <> coalesce(c.completed, 0)
union all
select rule, detail from audit.violation`;

export async function checkAtRest(world: World): Promise<readonly Violation[]> {
  return world.rows<{ rule: string; detail: string }>(CHECKS);
}

/** A user that nobody touched, behind the cursor and not in the ledger: the copy passed it by. */
export async function checkPassedBy(world: World): Promise<readonly Violation[]> {
  return world.rows<{ rule: string; detail: string }>(
    `select 'a cursor passes nothing by' as rule, u.id as detail from public.users u
     join video_platform.migration_cursor c on c.entity_type = 'user' and c.range_no = 0 and u.id <= c.last_key
     where not exists (select from video_platform.migration_status s where s.entity_type = 'user' and s.legacy_id = u.id)
       and not exists (select from video_platform.pending_change l where l.entity_type = 'user' and l.legacy_id = u.id)
       and exists (select from audit.untouched t where t.id = u.id and t.version = u.xmin)`,
  );
}

const WRITTEN = [
  'users',
  'channels',
  'channel_settings',
  'videos',
  'video_submissions',
  'watch_later',
  'video_analytics',
  'channel_handle_request',
];

/** Every row with the transaction that wrote it: what is written again differs even when it says the same. Attempts on quarantined rows are counted by design. */
export async function contentOf(world: World): Promise<readonly string[]> {
  const rows = await world.rows<{ line: string }>(`select line from (
    ${WRITTEN.map((table) => `select '${table} ' || t.xmin::text || t::text as line from video_platform.${table} t`).join(' union all ')}
    union all select 'ledger ' || s.xmin::text || s::text from video_platform.migration_status s where status = 'completed'
    union all select 'quarantine ' || s.entity_type || s.legacy_id || (s.metadata - 'attempts')::text
      from video_platform.migration_status s where status = 'failed'
    union all select 'quota ' || q::text from video_platform.migration_quota q
    union all select 'batch ' || b::text from video_platform.migration_batch b where (b.outcome ->> 'completed')::int > 0
  ) content (line) order by line`);
  return rows.map(({ line }) => line);
}

/** What a rerun has written, which it must not. */
export function checkRerun(before: readonly string[], after: readonly string[]): readonly Violation[] {
  const gone = before.filter((line) => !after.includes(line)).map((line) => `- ${line}`);
  const come = after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`);
  return [...gone, ...come].map((detail) => ({ rule: 'a rerun changes nothing', detail }));
}
