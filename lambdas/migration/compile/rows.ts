import { type Entity, WAITING } from '../entities/entity.ts';
import { columnNames } from './projection.ts';

/**
 * The parts that every statement which moves rows is made of: each is one `name as (…)` of a `with`. They read `projected`, the projection's
 * rows of the keys at hand, and so write rows and ledger (which holds the mapping) in one transaction.
 */

/** Inserts what can be projected; a target row that is there refuses the statement. Answers the rows' fingerprints. */
export function inserted(entity: Entity): string {
  return insertedWith(entity, '');
}

/**
 * Inserts what can be projected; a target row that is there is brought up to date, and one that was born on VideoPick is never touched: the row that would
 * take its place is refused. Answers the rows' fingerprints.
 */
export function insertedOrUpdated(entity: Entity): string {
  return insertedWith(
    entity,
    `
  on conflict (${entity.target.key}) do update set
${columnNames(entity)
  .map((column) => `    ${column} = ${assigned(entity, column)}`)
  .join(',\n')},
    origin = case when t.origin = 'legacy' then t.origin else video_platform.refuse_row('a row born on VideoPick has this key') end`,
  );
}

function insertedWith(entity: Entity, onConflict: string): string {
  const columns = columnNames(entity).join(', ');
  return `inserted as (
  insert into video_platform.${entity.target.table} as t (${columns})
  select ${columns} from projected where reason is null${onConflict}
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
   * Whether they are pending, and compared by this statement with what it stores. Only then may verification trust the rows' versions. Such a row is new to the
   * ledger, where looking for another first would cost every row of a copy 2 µs; should somebody else record it at this moment, the batch is refused as a
   * whole and made again.
   */
  readonly copied: boolean;
}

/** Writes the ledger, and with it the mapping, for the rows of `projected`. A row that waits is not written: it stays pending. */
export function recorded(entity: Entity, { copied }: Recording): string {
  return recordedFrom(
    entity,
    `select legacy_id, reason, case when reason is null then ${entity.target.key}::text end as new_id, ${copied ? 'source_version' : 'null::xid'} as source_version
    from projected`,
    copied ? '' : RECORDED_BEFORE,
  );
}

/** The same for rows that the database refused: `source` gives `legacy_id` and `reason`. */
export function recordedRefusal(entity: Entity, source: string): string {
  return recordedFrom(
    entity,
    `select legacy_id, reason, null as new_id, null::xid as source_version from (${source}) refused`,
    RECORDED_BEFORE,
  );
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

function recordedFrom({ name }: Entity, source: string, onConflict: string): string {
  return `recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, new_id, source_version, metadata)
  select '${name}', legacy_id, case when reason is null then 'completed' else 'failed' end, :run::uuid, new_id, source_version,
    case when reason is not null then reason || jsonb_build_object('attempts', 1, 'firstAt', now()) end -- not built for the many that have none
  from (${source}) rows_done
  where coalesce(reason ->> 'class', '') <> '${WAITING}'${onConflict}
  returning legacy_id, status
)`;
}

/**
 * A hash over a row's columns as text, for `alias`'s rows: of the source from the projection, of the target from what was stored. Columns that the new
 * platform may own are left out.
 */
export function fingerprint(entity: Entity, alias: string): string {
  const compared = Object.entries(entity.columns).filter(([, { ownedOnceTargetHas }]) => ownedOnceTargetHas === undefined);
  return `hash_record_extended(row(${compared.map(([name]) => `${alias}.${name}`).join(', ')}), 0)`;
}

/** On a repeated copy a column that the new platform owns by then is left alone. */
function assigned(entity: Entity, column: string): string {
  const owned = entity.columns[column]?.ownedOnceTargetHas;
  return owned === undefined ? `excluded.${column}` : `case when ${owned} then t.${column} else excluded.${column} end`;
}
