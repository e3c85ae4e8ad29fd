import type { Entity } from '../entities/entity.ts';
import { columnNames, projectionName } from './projection.ts';
import { ANOTHER_ATTEMPT, completedOrRefused, insertedOrUpdated, keptReason, MAY_MOVE_ROWS, recorded } from './rows.ts';
import { sumsDue } from './sums-due.ts';
import { refusedWhenTooLong, widths } from './too-long.ts';

/**
 * Tries quarantined rows again, each at most once a run. What can be projected by now is copied without using the day's quota; what cannot has one
 * more attempt on record; a row that waits or is gone leaves the quarantine. A target row that stands nevertheless is served as it was.
 *
 * Parameters: `:run` (text), `:limit` (int8), `:only` (text or null: just this legacy key). One result row: `tried`.
 */
export function compileRetry(entity: Entity): string {
  const { name, target, aggregate } = entity;
  return `-- retry ${name}: quarantined rows not tried in this run
with lease as materialized (
  select r.id from video_platform.migration_run r
  where r.id = :run::uuid and ${MAY_MOVE_ROWS}
  for share
),
keys as materialized (
  select s.legacy_id
  from video_platform.migration_status s, lease
  where s.entity_type = '${name}' and s.status = 'failed' and s.run_id <> lease.id and (:only::text is null or s.legacy_id = :only::text)
  order by s.legacy_id
  limit :limit::int
  for update of s
),
derived as materialized (
  select p.* from keys join ${projectionName(entity)} p on p.legacy_id = keys.legacy_id
),
kept as materialized (
  select keys.legacy_id, d.legacy_id is not null and (${target.holdsOwn ?? 'false'}) as holds_own
  from keys
  join video_platform.${target.table} t on t.${target.legacyKey} = keys.legacy_id and t.origin = 'legacy'
  left join derived d on d.legacy_id = keys.legacy_id
  where d.legacy_id is null or d.reason is not null
),
${widths(entity)},
projected as materialized (
  select d.legacy_id, ${columnNames(entity)
    .map((column) => `d.${column}`)
    .join(', ')}, d.source_version,
    case when d.legacy_id in (select kept.legacy_id from kept) then ${keptReason('d')}
    ${refusedWhenTooLong(entity, 'd')}
    else d.reason end as reason
  from derived d cross join widths w
),
${insertedOrUpdated(entity)},
${recorded(entity, completedOrRefused(entity, 'null::xid'), { known: true })},
gone as materialized (
  select keys.legacy_id, keys.legacy_id in (select kept.legacy_id from kept) as stands
  from keys where keys.legacy_id not in (select r.legacy_id from recorded r)
),
-- What the database refused to remove stands until it can be removed: catch-up tries again.
queued as (
  insert into video_platform.change_queue (entity_type, legacy_id) select '${name}', kept.legacy_id from kept where not kept.holds_own
),
tried_again as (
  update video_platform.migration_status s set run_id = :run::uuid from gone
  where gone.stands and s.entity_type = '${name}' and s.legacy_id = gone.legacy_id
),
forgotten as (
  delete from video_platform.migration_status s using gone
  where not gone.stands and s.entity_type = '${name}' and s.legacy_id = gone.legacy_id
)${aggregate === undefined ? '' : `,\ndue as (\n  ${sumsDue('keys limit 1')}\n)`}
select count(*)::int as tried from keys`;
}

/** One more attempt on record for a row that the database refused again. Parameters: `:run`, `:only` (its legacy key), `:reason` (JSON text). */
export function compileRefusedAgain(entity: Entity): string {
  return `-- refused again ${entity.name}: one row
update video_platform.migration_status s
set run_id = :run::uuid, migrated_at = now(),
  metadata = :reason::jsonb || ${ANOTHER_ATTEMPT}
where s.entity_type = '${entity.name}' and s.legacy_id = :only and s.status = 'failed' and s.run_id <> :run::uuid`;
}
