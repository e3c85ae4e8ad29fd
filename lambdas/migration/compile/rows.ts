import { type Entity, WAITING } from '../entities/entity.ts';
import { columnNames } from './projection.ts';

/**
 * The parts that every statement which moves rows is made of: each is one `name as (…)` of a `with`. They read `projected`, the projection's
 * rows of the keys at hand, and so write rows and ledger (which holds the mapping) in one transaction.
 */

/**
 * Inserts what can be projected; a target row that is there is brought up to date, and one that was born on VideoPick is never touched: the row that would
 * take its place is refused. Answers the rows' fingerprints.
 */
export function insertedOrUpdated(entity: Entity): string {
  const columns = columnNames(entity);
  return `inserted as (
  insert into video_platform.${entity.target.table} as t (${columns.join(', ')})
  select ${columns.join(', ')} from projected where reason is null
  on conflict (${entity.target.key}) do update set
${columns.map((column) => `    ${column} = ${assigned(entity, column)}`).join(',\n')},
    origin = case when t.origin = 'legacy' then t.origin else video_platform.refuse_row('a row born on VideoPick has this key') end
  returning ${fingerprint(entity, 't')} as fingerprint
)`;
}

/** Holds for a run, of `migration_run r`, that may move rows: it is the one at work, and nobody asks it to stop. */
export const MAY_MOVE_ROWS = `r.status = 'running' and (select request from video_platform.migration_control) = 'run'`;

/** What a row's further attempt changes in its metadata: one more, and since when it has been refused stays. `s` is its ledger row. */
export const ANOTHER_ATTEMPT = `jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1, 'firstAt', coalesce(s.metadata ->> 'firstAt', now()::text))`;

/** What a statement knows of the rows that it records. */
export interface Recording {
  /**
   * Whether the ledger may know them. Where it does not, looking for another row first would cost every row of a copy 2 µs; should somebody else record one at this
   * moment, the batch is refused as a whole and made again.
   */
  readonly known: boolean;
}

/** SQL of the rows of `projected` for the ledger. `sourceVersion` may be kept only by a statement that compares what it stores: verification trusts it. */
export function completedOrRefused({ target }: Entity, sourceVersion: 'source_version' | 'null::xid'): string {
  return `select legacy_id, reason, case when reason is null then ${target.key}::text end as new_id, ${sourceVersion} as source_version
    from projected`;
}

/** The same for rows that the database refused: `source` gives `legacy_id` and `reason`. */
export function recordedRefusal(entity: Entity, source: string): string {
  return recorded(entity, `select legacy_id, reason, null as new_id, null::xid as source_version from (${source}) refused`, {
    known: true,
  });
}

/**
 * The reason of a row, of `alias`, that is set aside while its target row stays as it was: verification does not ask for what it ought to be. One that would wait is
 * set aside too: pending it would be taken for a row that was not copied yet.
 */
export function keptReason(alias: string): string {
  return `${alias}.reason || case when ${alias}.reason ->> 'class' = '${WAITING}' then '{"class": "MISSING_REFERENCE"}'::jsonb else '{}' end
      || '{"kept": true, "message": "the row holds what users have put into it: it is served as it was"}'`;
}

/** Holds for the metadata of a row whose target row stays as it was: it was kept, or the database refused to change or remove it. */
export const SERVED_AS_IT_WAS = `s.metadata ?| array['kept', 'sqlState']`;

const RECORDED_BEFORE = `
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      new_id = case when excluded.metadata ? 'kept' then s.new_id else excluded.new_id end, source_version = excluded.source_version,
      metadata = excluded.metadata || ${ANOTHER_ATTEMPT}`;

/**
 * Writes the ledger, and with it the mapping. `source` is SQL that gives `legacy_id`, `reason` (null: completed), `new_id`, `source_version`. A row that waits is not
 * written: it stays pending.
 */
export function recorded({ name }: Entity, source: string, { known }: Recording): string {
  return `recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select '${name}', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (${source}) rows_done
  where coalesce(reason ->> 'class', '') <> '${WAITING}'${known ? RECORDED_BEFORE : ''}
  returning legacy_id, status
)`;
}

/** A hash over a row's columns, for `alias`'s rows: of the source from the projection, of the target from what was stored. */
export function fingerprint(entity: Entity, alias: string): string {
  return `hash_record_extended(${comparedColumns(entity, alias)}, 0)`;
}

/** Holds when the target row `t` has the values of the projection's row `p`. */
export function alike(entity: Entity): string {
  return `${comparedColumns(entity, 'p')} is not distinct from ${comparedColumns(entity, 't')}`;
}

/** Columns that the new platform may own are left out. */
function comparedColumns(entity: Entity, alias: string): string {
  const compared = Object.entries(entity.columns).filter(([, { ownedOnceTargetHas }]) => ownedOnceTargetHas === undefined);
  return `row(${compared.map(([name]) => `${alias}.${name}`).join(', ')})`;
}

/** On a repeated copy a column that the new platform owns by then is left alone. */
function assigned(entity: Entity, column: string): string {
  const owned = entity.columns[column]?.ownedOnceTargetHas;
  return owned === undefined ? `excluded.${column}` : `case when ${owned} then t.${column} else excluded.${column} end`;
}
