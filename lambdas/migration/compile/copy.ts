import type { Entity } from '../entities/entity.ts';
import { columnNames, legacyRows, projectionName } from './projection.ts';

/**
 * One batch of an entity, in one statement and so in one transaction: rows, mapping, ledger, quota and cursor commit together or not at all.
 *
 * Parameters: `:run` (text, uuid of the run), `:limit` (int8, rows at most), `:only` (text or null: just this legacy key, to isolate a bad row).
 * One result row: `leased` (false: the run has lost its lease, nothing was done), `completed`, `quarantined`, `exhausted`,
 * `remaining` (of the day's quota).
 *
 * Locking the run's and the quota's row first serializes parallel batches: the second waits, then sees the moved cursor and the used quota.
 */
export function compileCopy(entity: Entity): string {
  const { name, target, legacy } = entity;
  const columns = columnNames(entity);
  const table = `video_platform.${target.table}`;
  return `-- copy ${name}: ${legacy.table} → ${target.table}, the next :limit rows after the cursor · the reply carries counts only, never rows
with ${lease(entity)},
${nextKeys(entity)},
projected as materialized (
  select p.* from keys join ${projectionName(entity)} p on p.legacy_id = keys.legacy_id
),
inserted as (
  insert into ${table} as t (${columns.join(', ')})
  select ${columns.join(', ')} from projected where reason is null
  on conflict (${target.key}) do update set
${columns.map((column) => `    ${column} = ${assigned(entity, column)}`).join(',\n')}
  returning 1
),
mapped as (
  insert into video_platform.entity_mapping (entity_type, legacy_table, legacy_id, new_table, new_id)
  select '${name}', '${legacy.table}', legacy_id, '${target.table}', ${target.key}::text from projected where reason is null
  on conflict (entity_type, legacy_id, new_table) do update set new_id = excluded.new_id
),
${record(entity, `select legacy_id, reason from projected`)}
select ${counts}
from outcome`;
}

/**
 * Sets one row aside that the database refused to insert: ledger and cursor only.
 *
 * Parameters: `:run`, `:limit` (1), `:only` (text, the row's legacy key), `:reason` (JSON text: class, sqlState, message, column).
 * Result: as of the copy statement.
 */
export function compileSetAside(entity: Entity): string {
  return `-- set aside ${entity.name}: the row :only, which the database refused
with ${lease(entity)},
${nextKeys(entity)},
${record(entity, 'select legacy_id, :reason::jsonb as reason from keys')}
select ${counts}
from outcome`;
}

/** The key of the next row: the one to isolate when a batch of one row fails. Parameter: `:run`. */
export function compileNextKey(entity: Entity): string {
  const { from, conditions } = legacyRows(entity);
  return `-- next key of ${entity.name}
select l.${entity.legacy.key} as key
from ${from}
where ${[...conditions, ...pending(entity, `(select last_key from video_platform.migration_cursor where entity_type = '${entity.name}')`)].join('\n  and ')}
order by l.${entity.legacy.key}
limit 1`;
}

/** Takes what a batch needs, locked: nothing when the run is no longer the running one. */
function lease(entity: Entity): string {
  return `lease as materialized (
  select r.id, q.run_date, greatest(q.daily_limit - q.completed, 0) as remaining, c.last_key
  from video_platform.migration_run r
  join video_platform.migration_quota q on q.run_date = r.run_date
  join video_platform.migration_cursor c on c.entity_type = '${entity.name}'
  where r.id = :run::uuid and r.status = 'running'
  for update
)`;
}

/** `batch`: the next keys; `keys`: those the quota has room for. */
function nextKeys(entity: Entity): string {
  const { from, conditions } = legacyRows(entity);
  const key = `l.${entity.legacy.key}`;
  return `batch as materialized (
  select ${key} as legacy_id
  from ${from}
  where ${[...conditions, ...pending(entity, '(select last_key from lease)'), `(:only::text is null or ${key} = :only::text)`].join('\n    and ')}
  order by ${key}
  limit :limit::int
),
keys as materialized (
  select legacy_id from (select legacy_id, row_number() over (order by legacy_id) as position from batch) numbered
  where position <= (select remaining from lease)
)`;
}

/** Rows after the cursor that the ledger does not know. The ledger decides, the cursor only saves the search. */
function pending(entity: Entity, cursor: string): readonly string[] {
  const key = `l.${entity.legacy.key}`;
  return [
    `${key} > ${cursor}`,
    `not exists (select from video_platform.migration_status s where s.entity_type = '${entity.name}' and s.legacy_id = ${key})`,
  ];
}

/** Writes the ledger, the counters and the cursor for the rows of `source` (legacy_id, reason), and names the outcome. */
function record(entity: Entity, source: string): string {
  return `recorded as (
  insert into video_platform.migration_status (entity_type, legacy_id, status, run_id, metadata)
  select '${entity.name}', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid,
    case when reason is not null then reason || jsonb_build_object('attempts', 1) end
  from (${source}) rows_done
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
  select lease.id, '${entity.name}', outcome.completed, outcome.quarantined from outcome, lease
  on conflict (run_id, entity_type) do update
    set completed = e.completed + excluded.completed, quarantined = e.quarantined + excluded.quarantined, updated_at = clock_timestamp()
),
moved as (
  update video_platform.migration_cursor c
  set last_key = coalesce(outcome.last_key, c.last_key), exhausted = outcome.exhausted, updated_at = now()
  from outcome where c.entity_type = '${entity.name}' and outcome.leased
)`;
}

const counts =
  'leased, completed::int, quarantined::int, leased and exhausted as exhausted, coalesce(remaining_before - completed, 0)::int as remaining';

/** On a repeated copy a column that the new platform owns by then is left alone. */
function assigned(entity: Entity, column: string): string {
  const owned = entity.columns[column]?.ownedOnceTargetHas;
  return owned === undefined ? `excluded.${column}` : `case when ${owned} then t.${column} else excluded.${column} end`;
}
