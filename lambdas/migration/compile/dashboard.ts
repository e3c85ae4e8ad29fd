import type { Entity } from '../entities/entity.ts';
import { legacyRows } from './projection.ts';

/**
 * The view `migration_dashboard`, one row per entity: legacy total, completed, failed, pending (the three add up to the total), percent,
 * rows a second, time left at the rate of the latest run, and the range in which it will be done.
 */
export function compileDashboard(entities: readonly Entity[]): string {
  return `create view video_platform.migration_dashboard as
with accounts as (
${entities.map((entity, index) => account(entity, index + 1)).join('\n  union all\n')}
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
order by a.position`;
}

/** Counts legacy rows by their ledger status, so that a ledger row without its legacy row never counts. */
function account(entity: Entity, position: number): string {
  const { from, conditions } = legacyRows(entity);
  return `  select ${position} as position, '${entity.name}'::varchar(50) as entity_type, count(*) as legacy_total,
    count(*) filter (where s.status = 'completed') as completed,
    count(*) filter (where s.status = 'failed') as failed
  from ${from}
  left join video_platform.migration_status s on s.entity_type = '${entity.name}' and s.legacy_id = l.${entity.legacy.key}${
    conditions.length === 0 ? '' : `\n  where ${conditions.join(' and ')}`
  }`;
}
