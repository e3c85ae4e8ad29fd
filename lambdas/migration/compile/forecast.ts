import type { Entity } from '../entities/entity.ts';
import { legacyRows, projectionName } from './projection.ts';

/**
 * What a chunk of pending rows would come to: counts by reason class, null for rows that can be copied. Changes nothing.
 * Parameters: `:after` (text, exclusive lower key), `:limit` (int8, legacy rows). One result row: `reasons` (JSON: class → rows, '' for copyable), `next_key`.
 */
export function compileForecast(entity: Entity): string {
  const { from, conditions } = legacyRows(entity);
  const key = `l.${entity.legacy.key}`;
  return `-- forecast ${entity.name}: what pending rows would come to
with chunk as materialized (
  select ${key} as legacy_id
  from ${from}
  where ${[...conditions, `${key} > :after::text`].join(' and ')}
  order by ${key}
  limit :limit::int
),
pending as (
  select c.legacy_id from chunk c
  where not exists (select from video_platform.migration_status s where s.entity_type = '${entity.name}' and s.legacy_id = c.legacy_id)
),
classes as (
  select coalesce(p.reason ->> 'class', '') as class, count(*) as rows
  from pending join ${projectionName(entity)} p on p.legacy_id = pending.legacy_id
  group by 1
)
select coalesce((select jsonb_object_agg(class, rows) from classes), '{}') as reasons,
  (select max(legacy_id) from chunk having count(*) = :limit::int) as next_key`;
}

/** Rows a day that came in over the last week. */
export function compileInflow(entity: Entity): string {
  const { from, conditions } = legacyRows(entity);
  return `-- inflow of ${entity.name}
select round(count(*) / 7.0, 1)::float8 as rows_per_day
from ${from}
where ${[...conditions, `l.created_at > (now() at time zone 'UTC') - interval '7 days'`, `l.created_at <= now() at time zone 'UTC'`].join(' and ')}`;
}
