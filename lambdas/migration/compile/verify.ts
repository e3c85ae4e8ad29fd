import type { Entity } from '../entities/entity.ts';
import { columnNames, legacyRows, projectionName } from './projection.ts';

/** How many findings a chunk lists by key; the counts are exact whatever their number. */
export const MAX_FINDINGS = 20;

/**
 * Compares one chunk of an entity, projection against target, in one snapshot, and adds what it found to the run's record in the same statement:
 * a repeated call finds its chunk recorded and changes nothing.
 *
 * What counts: a legacy row that the ledger calls completed and the projection can derive must stand in the target, equal in every column (or
 * `missing`, `different`); a target row of legacy origin must have such a legacy row (or `extra`), but for one whose change the database refused: it is in
 * quarantine and served as it was. Rows still pending are not compared, nor those
 * whose change is still in the log.
 *
 * Parameters: `:run` (text, uuid), `:pass` (int8), `:after` (text, exclusive lower key), `:limit` (int8, legacy rows a chunk), `:repair` (int8: so many
 * of the keys found at most are put on the change log). One result row: `next_key` (text; null after the last chunk); none when the chunk had been recorded before.
 */
export function compileVerify(entity: Entity): string {
  const { target } = entity;
  const { from, conditions } = legacyRows(entity);
  const key = `l.${entity.legacy.key}`;
  const columns = columnNames(entity);
  return `-- verify ${entity.name}: projection against ${target.table}, a chunk
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
  select case when size = :limit::int then last_key end as next_key,
    case when size = :limit::int then last_key
      else greatest(last_key, (select max(t.${target.legacyKey}) from video_platform.${target.table} t)) end as upto
  from chunk
),
expected as materialized (
  select p.*
  from ${projectionName(entity)} p
  where p.legacy_id > :after::text and p.legacy_id <= (select upto from bounds)
    and (select s.status from video_platform.migration_status s where s.entity_type = '${entity.name}' and s.legacy_id = p.legacy_id) = 'completed'
    and p.reason is null
    and ${settled(entity, 'p.legacy_id')}
),
actual as materialized (
  select t.*
  from video_platform.${target.table} t
  where t.${target.legacyKey} > :after::text and t.${target.legacyKey} <= (select upto from bounds)
    and t.origin = 'legacy'
    and ${settled(entity, `t.${target.legacyKey}`)}
    and not exists (
      select from video_platform.migration_status s
      where s.entity_type = '${entity.name}' and s.legacy_id = t.${target.legacyKey} and s.status = 'failed' and s.metadata ? 'sqlState')
),
judged as materialized (
  select coalesce(e.legacy_id, t.${target.legacyKey}) as key,
    case
      when t.${target.legacyKey} is null then 'missing'
      when e.legacy_id is null then 'extra'
      when ${columns.map((column) => differs(entity, column)).join('\n        or ')} then 'different'
    end as outcome,
    case when e.legacy_id is not null and t.${target.legacyKey} is not null
      and (${columns.map((column) => differs(entity, column)).join(' or ')})
    then array_remove(array[
${columns.map((column) => `      case when ${differs(entity, column)} then '${column}' end`).join(',\n')}
    ], null) else '{}' end as columns
  from expected e
  full join actual t on t.${target.legacyKey} = e.legacy_id
),
found as materialized (
  select count(*) as compared,
    count(*) filter (where outcome = 'missing') as missing,
    count(*) filter (where outcome = 'extra') as extra,
    count(*) filter (where outcome = 'different') as different,
    coalesce((
      select jsonb_agg(jsonb_build_object('key', key, 'outcome', outcome, 'columns', columns) order by key)
      from (select * from judged where outcome is not null order by key limit ${MAX_FINDINGS}) first_findings
    ), '[]') as findings,
    (select next_key from bounds) as next_key
  from judged
),
recorded as (
  update video_platform.verification_run v
  set compared = v.compared + found.compared, missing = v.missing + found.missing, extra = v.extra + found.extra,
    different = v.different + found.different,
    findings = (select coalesce(jsonb_agg(finding), '[]') from (
      select finding from jsonb_array_elements(v.findings || found.findings) finding limit ${MAX_FINDINGS}) first_findings),
    after_key = coalesce(found.next_key, v.after_key),
    finished_at = case when found.next_key is null then now() end
  from found
  where v.run_id = :run::uuid and v.entity_type = '${entity.name}' and v.pass = :pass::int and v.after_key = :after::text and v.finished_at is null
  returning found.next_key
),
repaired as (
  insert into video_platform.change_log (entity_type, legacy_id)
  select '${entity.name}', key from (select key from judged where outcome is not null order by key limit :repair::int) to_repair
  where exists (select from recorded)
)
select next_key from recorded`;
}

/**
 * A change that waits in the log has committed with its change row: the same snapshot sees both, so a key in the log is not compared yet. `offset 0`
 * keeps it a look-up by index for each row: a table that has just been filled has no statistics, and a join of it may be planned to take n² steps.
 */
function settled({ name }: Entity, key: string): string {
  return `not exists (select from video_platform.change_log c where c.entity_type = '${name}' and c.legacy_id = ${key} offset 0)`;
}

function differs(entity: Entity, column: string): string {
  const owned = entity.columns[column]?.ownedOnceTargetHas;
  const difference = `e.${column} is distinct from t.${column}`;
  return owned === undefined ? difference : `not coalesce(${owned}, false) and ${difference}`;
}
