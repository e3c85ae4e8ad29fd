import { type Entity, WAITING } from '../entities/entity.ts';
import { COPY_LOCK } from './copy.ts';
import { columnNames, keepsId, projectionName } from './projection.ts';
import { completedOrRefused, insertedOrUpdated, keptReason, recorded } from './rows.ts';
import { sumsDue } from './sums-due.ts';
import { refusedWhenTooLong, widths } from './too-long.ts';

export const APPLY_LOCK_KEY = `hashtextextended('videopick.apply', 0)`;
/** Serializes everything that re-derives rows, so that a later snapshot never loses to an earlier one. Held to the end of the transaction. */
export const APPLY_LOCK = `select pg_advisory_xact_lock(${APPLY_LOCK_KEY})::text as locked`;

/**
 * The oldest changes of an entity in the change queue. Reads only: the rows leave the queue by `DROP_CHANGES`, after they were applied, in the same transaction.
 * A statement that took them away would, sent again after a lost answer, find nothing to apply. Parameter: `:limit` (int8). Rows, by key: `legacy_id`, `ids` (of the
 * changes, JSON array text), `lag_seconds`, `changes` (how many).
 *
 * A pending row needs no change applied: its copy will see it. But a batch that is under way may have looked before the change, so the change of a row
 * the ledger does not know stays until every snapshot in use is younger than it and no batch is being committed: a transaction at its end has given up
 * its snapshot, not yet its lock. Locks are read after snapshots, so that a batch shows in one or the other; what it copied, if it commits in between, is known to
 * the statement after this.
 */
export function compileOldestChanges(entity: Entity, { inQuarantine = false } = {}): string {
  if (inQuarantine) return changesInQuarantine(entity);
  return `-- oldest changes of ${entity.name}
with oldest_snapshot as materialized (
  select coalesce(max(age(backend_xmin)), 0) as age
  from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
),
settled as materialized (
  select age from oldest_snapshot
  where not exists (
    select from pg_locks
    where (select age from oldest_snapshot) is not null
      and locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
      and objsubid = 1 and (classid::bigint << 32 | objid::bigint) = ${COPY_LOCK})
),
oldest as materialized (
  select c.id, c.legacy_id, c.changed_at
  from video_platform.change_queue c
  where c.entity_type = '${entity.name}'
    and (
      (select age(c.xid) > age from settled)
      or exists (select from video_platform.migration_status s where s.entity_type = '${entity.name}' and s.legacy_id = c.legacy_id)
    )
  order by c.id
  limit :limit::int
)
${BY_KEY}`;
}

/** The ledger knows them, so no batch that is under way can hold them. */
function changesInQuarantine({ name }: Entity): string {
  return `-- oldest changes of ${name} rows in quarantine
with oldest as materialized (
  select c.id, c.legacy_id, c.changed_at
  from video_platform.change_queue c
  join video_platform.migration_status s on s.entity_type = '${name}' and s.legacy_id = c.legacy_id and s.status = 'failed'
  where c.entity_type = '${name}'
  order by c.id
  limit :limit::int
)
${BY_KEY}`;
}

/** The changes of `oldest`, by key. */
const BY_KEY = `select legacy_id, jsonb_agg(id)::text as ids, extract(epoch from clock_timestamp() - min(changed_at))::float8 as lag_seconds, count(*)::int as changes
from oldest group by legacy_id`;

/** Takes changes that were applied off the queue. Parameter: `:ids` (JSON array text). */
export const DROP_CHANGES = `with due as (
  ${sumsDue()}
)
delete from video_platform.change_queue c
where c.id = any (array(select jsonb_array_elements_text(:ids::jsonb)::bigint))`;

/**
 * Which rows of `:keys` the migration has dealt with, and what they became. The others are pending: theirs is the copy, which has seen their change, or will.
 *
 * Rows that may hold something of their users' own are locked, in the order of their keys, until the transaction ends. What somebody puts into one, in the row itself
 * or in one that refers to it, was committed before the next statement looks, or waits until its transaction has ended. The look is a statement of its own: one that
 * waits for a row sees the row's newest version, and all other rows as they were when it began.
 *
 * Parameter: `:keys` (JSON array text of legacy keys). Rows, in no order: `legacy_id`, `target_key` (text; null without a target row). Changes nothing: sent again it
 * answers the same.
 */
export function compileKnown({ name, target }: Entity): string {
  const lock = target.holdsOwn === undefined ? '' : `\n  order by t.${target.key}\n  for update of t`;
  return `-- known ${name}: rows that are copied or set aside
with keys as materialized (
  select distinct key as legacy_id from jsonb_array_elements_text(:keys::jsonb) key
),
standing as materialized (
  select keys.legacy_id, t.${target.key}::text as target_key
  from keys join video_platform.${target.table} t on t.${target.legacyKey} = keys.legacy_id
  where t.origin = 'legacy'${lock}
)
select keys.legacy_id, standing.target_key
from keys
left join standing on standing.legacy_id = keys.legacy_id
left join video_platform.migration_status s on s.entity_type = '${name}' and s.legacy_id = keys.legacy_id
where standing.legacy_id is not null or s.legacy_id is not null`;
}

/**
 * Re-derives rows from the projection: inserts and updates what can be projected, removes what cannot any more. A row that holds something of its users' own is
 * kept while its legacy row exists: what was uploaded could not be derived again.
 *
 * Parameters: `:keys` (JSON array text of legacy keys that are known and locked: `compileKnown`), `:run` (text, uuid of the run or of none). No result: sent again after a
 * lost answer it finds its work done, so what came of it is read, before and after.
 *
 * `not in` rather than `not exists`: what the planner thinks of the size of these parts is a guess, and a hashed list is right for any.
 */
export function compileApply(entity: Entity): string {
  const { name, target } = entity;
  const columns = columnNames(entity);
  return `-- apply ${name}: brings target rows to what the projection says now
with known as materialized (
  select distinct key as legacy_id from jsonb_array_elements_text(:keys::jsonb) key
),
derived as materialized (
  select p.* from known join ${projectionName(entity)} p on p.legacy_id = known.legacy_id
),
kept as materialized (
  select d.legacy_id from derived d join video_platform.${target.table} t on t.${target.legacyKey} = d.legacy_id
  where d.reason is not null and t.origin = 'legacy' and (${target.holdsOwn ?? 'false'})
),
${widths(entity)},
projected as materialized (
  select d.legacy_id, ${columns.map((column) => `d.${column}`).join(', ')}, d.source_version,
    case when d.legacy_id in (select kept.legacy_id from kept) then ${keptReason('d')}
    ${refusedWhenTooLong(entity, 'd')}
    else d.reason end as reason
  from derived d cross join widths w
  where d.reason is not null or not exists (
    select from video_platform.${target.table} t
    join video_platform.migration_status s on s.entity_type = '${name}' and s.legacy_id = d.legacy_id and s.status = 'completed'
    where t.${target.legacyKey} = d.legacy_id and ${columns.map((column) => unchanged(entity, column)).join(' and ')}
  )
),
removed as (
  delete from video_platform.${target.table} t using known
  where t.${target.legacyKey} = known.legacy_id and t.origin = 'legacy'
    and known.legacy_id not in (select d.legacy_id from derived d where d.reason is null)
    and known.legacy_id not in (select kept.legacy_id from kept)
),
${insertedOrUpdated(entity)},
${recorded(entity, completedOrRefused(entity, 'null::xid'), { known: true })}
delete from video_platform.migration_status s using known
where s.entity_type = '${name}' and s.legacy_id = known.legacy_id
  and known.legacy_id not in (select d.legacy_id from derived d where coalesce(d.reason ->> 'class', '') <> '${WAITING}')
  and known.legacy_id not in (select kept.legacy_id from kept)`;
}

/**
 * Legacy keys of rows that refer to removed ones, in order. Parameters: `:keys` (JSON array text of removed target keys), `:after` (text, exclusive lower key), `:limit` (int8).
 * Rows: `legacy_id`.
 */
export function compileReferrers(referrer: Entity, column: string): string {
  const { target, columns } = referrer;
  const referred = columns[column]?.references;
  if (referred === undefined) throw new TypeError(`${referrer.name}.${column} refers to no entity; expected a column that does`);
  // In the type of the key itself, and before they are put in order: so they are found by the column's index. An id that is not kept was made: a uuid.
  const type = keepsId(referred) ? 'text' : 'uuid';
  return `-- ${referrer.name} rows that refer to removed rows through ${column}
with removed as materialized (
  select distinct key::${type} as key from jsonb_array_elements_text(:keys::jsonb) key
),
referring as materialized (
  select t.${target.legacyKey} as legacy_id
  from removed join video_platform.${target.table} t on t.${column} = removed.key
  where t.origin = 'legacy' and t.${target.legacyKey} > :after::text
)
select legacy_id from referring order by legacy_id limit :limit::int`;
}

/** Puts keys that the ledger does not know on the change queue. Parameter: `:keys` (JSON array text of legacy keys). Rows: `legacy_id`. */
export function compileQueueUnknown({ name }: Entity): string {
  return `-- queue ${name}: keys that are pending or being copied
insert into video_platform.change_queue (entity_type, legacy_id)
select distinct '${name}', key from jsonb_array_elements_text(:keys::jsonb) key
where not exists (select from video_platform.migration_status s where s.entity_type = '${name}' and s.legacy_id = key)
returning legacy_id`;
}

/** Puts rows that were refused for want of a reference on the change queue once it has come. Parameter: `:keys` (JSON array text of legacy keys). */
export function compileWakeReferrers(referrer: Entity): string {
  return `-- wake ${referrer.name}: rows refused for want of what has come
insert into video_platform.change_queue (entity_type, legacy_id)
select s.entity_type, s.legacy_id from video_platform.migration_status s
where s.entity_type = '${referrer.name}' and s.status = 'failed' and s.metadata ->> 'class' = 'MISSING_REFERENCE'
  and s.metadata ->> 'value' in (select jsonb_array_elements_text(:keys::jsonb))`;
}

function unchanged(entity: Entity, column: string): string {
  const owned = entity.columns[column]?.ownedOnceTargetHas;
  const same = `t.${column} is not distinct from d.${column}`;
  return owned === undefined ? same : `(${owned} or ${same})`;
}
