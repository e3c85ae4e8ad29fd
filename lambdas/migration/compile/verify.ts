import type { Entity } from '../entities/entity.ts';
import { columnNames, legacyRows, projectionName } from './projection.ts';

/** How many findings a chunk lists by key; the counts are exact whatever their number. */
export const MAX_FINDINGS = 20;

/**
 * Compares one chunk of an entity, projection against target, in one snapshot.
 *
 * What counts: a legacy row that the ledger calls completed and the projection can derive must stand in the target, equal in every column (or
 * `missing`, `different`); a target row of legacy origin must have such a legacy row (or `extra`). Rows still pending are not compared.
 *
 * Parameters: `:after` (text, exclusive lower key), `:limit` (int8, legacy rows a chunk). One result row: `compared`, `missing`, `extra`,
 * `different`, `findings` (JSON: [{key, outcome, columns}]), `next_key` (text; null after the last chunk).
 */
export function compileVerify(entity: Entity): string {
  const { target } = entity;
  const { from, conditions } = legacyRows(entity);
  const key = `l.${entity.legacy.key}`;
  const columns = columnNames(entity);
  return `-- verify ${entity.name}: projection against ${target.table}, the next limit legacy rows after after
with chunk as materialized (
  select max(key) as last_key, count(*) as size
  from (
    select ${key} as key
    from ${from}
    where ${[...conditions, `${key} > :after::text`].join('\n      and ')}
    order by ${key}
    limit :limit::int
  ) chunk_keys
),
bounds as materialized (
  select case when size = :limit::int then last_key end as upto from chunk
),
expected as materialized (
  select p.*
  from ${projectionName(entity)} p
  join video_platform.migration_status s on s.entity_type = '${entity.name}' and s.legacy_id = p.legacy_id and s.status = 'completed'
  where p.legacy_id > :after::text
    and ((select upto from bounds) is null or p.legacy_id <= (select upto from bounds))
    and p.reason is null
    and ${settled(entity, 'p.legacy_id')}
),
actual as materialized (
  select t.*
  from video_platform.${target.table} t
  where t.${target.legacyKey} > :after::text
    and ((select upto from bounds) is null or t.${target.legacyKey} <= (select upto from bounds))
    and t.origin = 'legacy'
    and ${settled(entity, `t.${target.legacyKey}`)}
),
compared as (
  select coalesce(e.legacy_id, t.${target.legacyKey}) as key,
    t.${target.legacyKey} is null as missing,
    e.legacy_id is null as extra,
    array_remove(array[
${columns.map((column) => `      case when ${differs(entity, column)} then '${column}' end`).join(',\n')}
    ], null) as columns
  from expected e
  full join actual t on t.${target.legacyKey} = e.legacy_id
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
    from (select * from judged where outcome is not null order by key limit ${MAX_FINDINGS}) first_findings
  ), '[]') as findings,
  (select upto from bounds) as next_key
from judged`;
}

/** A change that waits in the log has committed with its change row: the same snapshot sees both, so a key in the log is not compared yet. */
function settled({ name }: Entity, key: string): string {
  return `not exists (select from video_platform.change_log c where c.entity_type = '${name}' and c.legacy_id = ${key})`;
}

function differs(entity: Entity, column: string): string {
  const owned = entity.columns[column]?.ownedOnceTargetHas;
  const difference = `e.${column} is distinct from t.${column}`;
  return owned === undefined ? difference : `not coalesce(${owned}, false) and ${difference}`;
}
