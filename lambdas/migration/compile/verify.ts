import type { Entity } from '../entities/entity.ts';
import { COMPILED_VIEWS } from './compiled-views.ts';
import { passedBy, passedRanges } from './passed-by.ts';
import { columnNames, hasSourceVersion, keepsId, keyRange, legacyRows, projectionName } from './projection.ts';
import { SERVED_AS_IT_WAS } from './rows.ts';

/** How many findings a chunk lists by key; the counts are exact whatever their number. */
export const MAX_FINDINGS = 20;

/**
 * Where the next chunks of an entity end, at most so many, of so many legacy rows each: the last row's key. Null ends the table, and the list.
 *
 * Parameters: `:after` (text, exclusive lower key), `:limit` (int8, legacy rows a chunk), `:chunks` (int8). Result rows, in order: `upto` (text).
 */
export function compileChunkEnds(entity: Entity): string {
  const { from, conditions } = legacyRows(entity);
  const key = `l.${entity.legacy.key}`;
  const endAfter = (after: string) => `(
    select ${key} from ${from}
    where ${[...conditions, ...keyRange(entity, `> ${after}`)].join('\n      and ')}
    order by ${key}
    offset :limit::int - 1 limit 1
  )`;
  return `-- chunks of ${entity.name}: where the next ones end
with recursive ends (position, upto) as (
  select 1, ${endAfter(':after::text')}::text
  union all
  select position + 1, ${endAfter('ends.upto')}::text
  from ends where position < :chunks::int and upto is not null
)
select upto from ends order by position`;
}

/**
 * Compares one chunk of an entity, projection against target, in one snapshot, and changes nothing: it may be sent again, and beside others.
 *
 * What counts: a legacy row that the ledger calls completed and the projection can derive must stand in the target, equal in every column (or
 * `missing`, `different`); a target row of legacy origin must have such a legacy row (or `extra`), but for one that is in quarantine and
 * served as it was. Rows still pending are not compared, nor those with a pending change.
 *
 * Every row is looked at on both sides; values are compared where they can differ. The copy compares each row's stored values with its projection in the
 * transaction that writes both target row and ledger; while legacy row and target row are the very versions it compared (`xmin`), and the projection is
 * the one of then, the two are still equal. `:recompute` compares values all the same. Why this is exact: docs/decisions/0007-verification.md
 *
 * Parameters: `:after` (text, exclusive lower key), `:upto` (text, inclusive upper key; null: to the end), `:named` (int8: keys named at most), `:recompute` (boolean).
 * Result rows: the counts `compared`, `missing`, `extra`, `different`, `unaccounted`, `mismapped`, `passed_by`, all of them of the chunk, on each row; `key`, `outcome`,
 * `columns` (text[]) of what differs, the first by key. One row without a key where nothing does.
 */
export function compileCompare(entity: Entity): string {
  const { target } = entity;
  const columns = columnNames(entity);
  return `-- verify ${entity.name}: projection against ${target.table}, a chunk
with bounds as materialized (
  select coalesce(:upto::text,
    greatest((select max(l.${entity.legacy.key}) from public.${entity.legacy.table} l), (select max(t.${target.legacyKey}) from video_platform.${target.table} t),
      (select max(s.legacy_id) from video_platform.migration_status s where s.entity_type = '${entity.name}'))) as upto
),
waiting as materialized (
  select c.legacy_id as key from video_platform.pending_change c
  where c.entity_type = '${entity.name}' and c.legacy_id > :after::text and c.legacy_id <= (select upto from bounds)
),
${passedRanges(entity)},
${sides(entity)},
${passedBy(entity, settled('pending.key'))},
suspects as materialized (
  select unnest(keys) as key from sides
),
expected as materialized (
  select p.*
  from suspects join ${projectionName(entity)} p on p.legacy_id = suspects.key
  where (select s.status from video_platform.migration_status s where s.entity_type = '${entity.name}' and s.legacy_id = p.legacy_id) = 'completed'
    and p.reason is null
    and ${settled('p.legacy_id')}
),
actual as materialized (
  select t.*
  from suspects join video_platform.${target.table} t on t.${target.legacyKey} = suspects.key
  where t.origin = 'legacy'
    and ${settled(`t.${target.legacyKey}`)}
    and not exists (
      select from video_platform.migration_status s
      where s.entity_type = '${entity.name}' and s.legacy_id = t.${target.legacyKey} and s.status = 'failed' and ${SERVED_AS_IT_WAS})
),
judged as materialized (
  select key, columns,
    case when not in_target then 'missing' when not derived then 'extra' when columns <> '{}' then 'different' end as outcome
  from (
    select coalesce(e.legacy_id, t.${target.legacyKey}) as key, e.legacy_id is not null as derived, t.${target.legacyKey} is not null as in_target,
      case when e.legacy_id is not null and t.${target.legacyKey} is not null then array_remove(array[
${columns.map((column) => `        case when ${differs(entity, column)} then '${column}' end`).join(',\n')}
      ], null) else '{}' end as columns
    from expected e
    full join actual t on t.${target.legacyKey} = e.legacy_id
  ) pairs
),
counts as materialized (
  select (select proven from sides) + count(*) as compared,
    count(*) filter (where outcome = 'missing') as missing,
    count(*) filter (where outcome = 'extra') as extra,
    count(*) filter (where outcome = 'different') as different,
    (select count(*) from (select unnest(without_legacy) as key from sides) gone where ${settled('gone.key')}) as unaccounted,
    (select mismapped from sides) as mismapped,
    (select rows from passed_by) as passed_by
  from judged
),
named as materialized (
  select key, outcome, columns from judged where outcome is not null order by key limit :named::int
)
select counts.*, named.key, named.outcome, named.columns
from counts left join named on true
order by named.key`;
}

/**
 * Adds what was found between two keys to the record of a pass, once: sent again, or after somebody else who verifies in the same pass, it changes nothing. What is to be
 * derived anew goes to the change queue with it.
 *
 * Parameters: `:run` (text, uuid), `:entity` (text), `:pass` (int8), `:after` (text, exclusive lower key), `:upto` (text; null: the end, the pass is finished), `:found` (text,
 * JSON: the counts of `compileCompare`, `findings` of `{key, outcome, columns}`, `toRepair` of keys). One result row when it was recorded, none when it had been.
 */
export const RECORD_FOUND = `-- record what verification found
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
      select finding from jsonb_array_elements(v.findings || found.findings) finding limit ${MAX_FINDINGS}) first_findings),
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
select true as recorded from recorded`;

/**
 * `sides`: one pass over the chunk's keys on the legacy side, in the target and in the ledger. `proven` counts the rows that need no comparison of values,
 * `keys` lists the others. What the named checks ask of every row is counted on the way: `without_legacy` lists ledger rows whose legacy row is gone
 * (but for those in quarantine whose removal was refused),
 * `mismapped` counts completed rows whose mapping is not right, `without_ledger` lists legacy rows that the ledger does not know and a cursor may have passed. Full joins: they are hashed or merged whatever the planner believes of tables that have just been filled.
 */
function sides(entity: Entity): string {
  const { name, target } = entity;
  const { from, conditions } = legacyRows(entity);
  // There is one id that a row can have become: its own where ids are kept, else the one that is derived from it, here once more.
  const ownId = keepsId(entity) ? undefined : entity.columns[target.key];
  const within = (key: string) => `${key} > :after::text and ${key} <= (select upto from bounds)`;
  // A projection that came later than the copy may say something else of the same row: then its version says nothing.
  const comparedVersion = hasSourceVersion(entity)
    ? `case when s.migrated_at > (select applied_at from video_platform.schema_migration where name = '${COMPILED_VIEWS}') then s.source_version end`
    : 'null::xid';
  // Computed before the joins: what is compared there need not be carried through them.
  const ledger = `(
    select s.legacy_id, s.status, s.xmin as version, ${comparedVersion} as source_version,
      ${ownId === undefined ? 's.new_id is distinct from s.legacy_id as mismapped' : 's.new_id'}
    from video_platform.migration_status s where s.entity_type = '${name}' and ${within('s.legacy_id')}
  )`;
  const actual = `(
    select t.${target.legacyKey} as legacy_id, t.xmin as version
    from video_platform.${target.table} t where t.origin = 'legacy' and ${within(`t.${target.legacyKey}`)}
  )`;
  const legacy = `(
    select l.${entity.legacy.key} as legacy_id, l.xmin as version${ownId === undefined ? '' : `, (${ownId.value})::text as own_id`}
    from ${from}${ownId?.join === undefined ? '' : `\n    ${ownId.join}`} where ${[...conditions, ...keyRange(entity, '> :after::text'), ...keyRange(entity, '<= (select upto from bounds)')].join(' and ')}
  )`;
  // A ledger row whose legacy row is gone, and with it the id that could be derived, is another check's.
  const mismapped = ownId === undefined ? 's.mismapped' : '(s.new_id is null or s.new_id <> l.own_id)';
  return `sides as materialized (
  select count(*) filter (where proven) as proven,
    array_agg(legacy_id) filter (where not proven and (in_target or status = 'completed')) as keys,
    array_agg(legacy_id) filter (where status is not null and not in_legacy and not (status = 'failed' and in_target)) as without_legacy,
    array_agg(legacy_id) filter (where status is null and in_legacy
      and exists (select from passed where legacy_id > after_key and legacy_id <= upto_key)) as without_ledger,
    count(*) filter (where mismapped) as mismapped
  from (
    select coalesce(l.legacy_id, t.legacy_id, s.legacy_id) as legacy_id, s.status, l.legacy_id is not null as in_legacy, t.legacy_id is not null as in_target,
      s.status = 'completed' and ${mismapped} as mismapped,
      not :recompute::boolean and coalesce(s.status = 'completed' and s.version = t.version and s.source_version = l.version, false) as proven
    from ${legacy} l
    full join ${actual} t on t.legacy_id = l.legacy_id
    full join ${ledger} s on s.legacy_id = coalesce(l.legacy_id, t.legacy_id)
  ) keys
)`;
}

/**
 * A change that waits in the log or the queue has committed with its row there: the same snapshot sees both, so such a key is not compared yet. `not in` is one
 * hashed list, whatever the planner believes of a queue that fills and empties, as long as it takes the list for small enough to hash: so the list is the chunk's alone.
 */
function settled(key: string): string {
  return `${key} not in (select waiting.key from waiting)`;
}

function differs(entity: Entity, column: string): string {
  const owned = entity.columns[column]?.ownedOnceTargetHas;
  const difference = `e.${column} is distinct from t.${column}`;
  return owned === undefined ? difference : `not coalesce(${owned}, false) and ${difference}`;
}
