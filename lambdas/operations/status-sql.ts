import { iso } from './iso.ts';
import { VIDEOS } from './status-videos-sql.ts';

/** Array of objects, empty instead of null. */
const list = (rows: string, order: string) =>
  `(select coalesce(jsonb_agg(to_jsonb(r) - 'position' order by ${order}), '[]') from (${rows}) r)`;

/** The view counts every legacy row: it is asked once for all that is made of it. Without a day's limit on record there is no latest end. */
const DASHBOARD = `select row_number() over () as position, d.*, case when exists (select from video_platform.migration_quota) then d.eta_latest end as latest
  from video_platform.migration_dashboard d`;

const ENTITIES = `select d.position, d.entity_type as entity, d.total, d.completed, d.failed, d.pending, d.percent,
    d.rows_per_second as "rowsPerSecond", extract(epoch from d.time_left::interval)::bigint as "timeLeftSeconds",
    case when d.pending > 0 then jsonb_build_object('earliest', ${iso('d.eta_earliest')}, 'latest', ${iso('d.latest')}) end as eta
  from dashboard d`;

/** Entities are copied one after another. */
const ETA = `select jsonb_build_object(
    'earliest', case when bool_and(d.time_left is not null) then ${iso('now() + sum(d.time_left::interval)')} end, 'latest', ${iso('max(d.latest)')})
  from dashboard d where d.pending > 0 having count(*) > 0`;

const CONTROL = `select jsonb_build_object('request', c.request, 'reason', c.reason, 'since', ${iso('c.since')})
  from video_platform.migration_control c`;

const SETTINGS = `select jsonb_build_object('inForce', s.in_force, 'since', ${iso('s.in_force_since')}, 'disabledSince', ${iso('s.disabled_since')}, 'offSince', s.off_since,
    'problem', case when s.problem is not null then jsonb_build_object('text', left(s.problem, 1000), 'since', ${iso('s.problem_since')}) end)
  from video_platform.migration_settings s`;

/** One look, bounded: catch-up's queue comes first in the view, and in it the oldest. */
const CAPTURE = `select jsonb_build_object('backlog', count(*),
    'oldestSeconds', case when count(*) > 0 then greatest(extract(epoch from now() - min(changes.changed_at))::bigint, 0) end)
  from (select changed_at from video_platform.pending_change limit 1000000) changes`;

const QUOTA = `select jsonb_build_object('runDate', to_char(q.run_date, 'YYYY-MM-DD'), 'dailyLimit', q.daily_limit, 'byHand', q.by_hand,
    'completed', q.completed)
  from video_platform.migration_quota q
  join video_platform.migration_run r on r.run_date = q.run_date
  order by r.started_at desc
  limit 1`;

/** PostgreSQL quotes the offending row in an error's detail. The class and the message stay; details and anything like an e-mail go. */
const withoutValues = (column: string) =>
  String.raw`regexp_replace(regexp_replace(${column}, '\s*?Detail:.*?(; SQLState|$)', '\1'), '[^[:space:]@(]+@[^[:space:]@),;]+', '…', 'g')`;

const RUNS = `select row_number() over (order by r.started_at desc) as position, r.id as "runId",
    to_char(r.run_date, 'YYYY-MM-DD') as "runDate", r.status, left(${withoutValues('r.reason')}, 500) as reason, r.pause,
    coalesce(e.completed, 0) as completed, coalesce(e.quarantined, 0) as quarantined,
    ${iso('r.started_at')} as "startedAt", ${iso('r.finished_at')} as "finishedAt", r.report_key as "reportKey",
    r.inflow_per_day as "inflowPerDay",
    ${iso('greatest(r.started_at, e.updated_at, v.worked_at)')} as "progressAt"
  from (select * from video_platform.migration_run order by started_at desc limit 20) r
  left join lateral (
    select sum(completed)::bigint as completed, sum(quarantined)::bigint as quarantined, max(updated_at) as updated_at
    from video_platform.migration_run_entity where run_id = r.id
  ) e on true
  left join lateral (
    select greatest(max(started_at), max(finished_at)) as worked_at from video_platform.verification_run where run_id = r.id
  ) v on true`;

const QUARANTINE = `select q.entity_type as entity, coalesce(q.reason, 'UNKNOWN') as reason, count(*) as count,
    ${iso('max(q.quarantined_at)')} as "triedAt"
  from video_platform.quarantine q group by 1, 2`;

/** Of the last pass: a second one follows a repair. */
const VERIFICATION = `select jsonb_build_object('runId', r.id, 'runDate', to_char(r.run_date, 'YYYY-MM-DD'),
    'clean', bool_and(v.finished_at is not null and v.missing + v.extra + v.different = 0)
      and count(*) >= (select count(*) from dashboard)
      and not exists (select from video_platform.verification_check c where c.run_id = r.id and not c.passed),
    'entities', jsonb_agg(jsonb_build_object('entity', v.entity_type, 'compared', v.compared, 'missing', v.missing, 'extra', v.extra,
      'different', v.different, 'finished', v.finished_at is not null) order by d.position, v.entity_type),
    'checks', (
      select coalesce(jsonb_agg(jsonb_build_object('name', c.name, 'passed', c.passed, 'value', left(c.value, 80),
        'expected', left(c.expected, 80)) order by c.passed, c.name), '[]')
      from video_platform.verification_check c where c.run_id = r.id))
  from video_platform.migration_run r
  join video_platform.verification_run v on v.run_id = r.id
    and v.pass = (select max(pass) from video_platform.verification_run where run_id = r.id)
  left join dashboard d on d.entity_type = v.entity_type
  group by r.id
  order by r.started_at desc
  limit 1`;

/** One row, one column: the status as JSON. */
export const STATUS_SQL = `with dashboard as materialized (${DASHBOARD})
select jsonb_build_object(
  'now', ${iso('now()')},
  'control', (${CONTROL}),
  'settings', (${SETTINGS}),
  'capture', (${CAPTURE}),
  'quota', (${QUOTA}),
  'eta', (${ETA}),
  'entities', ${list(ENTITIES, 'r.position')},
  'runs', ${list(RUNS, 'r.position')},
  'quarantine', ${list(QUARANTINE, 'r.entity, r.count desc, r.reason')},
  'verification', (${VERIFICATION}),
  'videos', ${list(VIDEOS, 'r.position')}
) as status`;
