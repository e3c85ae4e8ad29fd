import { type Entity, WAITING } from '../entities/entity.ts';
import { columnNames } from './projection.ts';

/**
 * The parts that every statement which moves rows is made of: each is one `name as (…)` of a `with`. They read `projected`, the projection's
 * rows of the keys at hand, and so write rows, mapping and ledger in one transaction.
 */

/** Inserts what can be projected; a target row that is there is brought up to date. Answers the rows' fingerprints. */
export function inserted(entity: Entity): string {
  const columns = columnNames(entity);
  return `inserted as (
  insert into video_platform.${entity.target.table} as t (${columns.join(', ')})
  select ${columns.join(', ')} from projected where reason is null
  on conflict (${entity.target.key}) do update set
${columns.map((column) => `    ${column} = ${assigned(entity, column)}`).join(',\n')}
  returning ${fingerprint(entity, 't')} as fingerprint
)`;
}

export function mapped({ name, legacy, target }: Entity): string {
  return `mapped as (
  insert into video_platform.entity_mapping (entity_type, legacy_table, legacy_id, new_table, new_id)
  select '${name}', '${legacy.table}', legacy_id, '${target.table}', ${target.key}::text from projected where reason is null
  on conflict (entity_type, legacy_id, new_table) do update set new_id = excluded.new_id where entity_mapping.new_id <> excluded.new_id
)`;
}

/** Writes the ledger for the rows of `source` (legacy_id, reason). A row that waits is not written: it stays pending. */
export function recorded({ name }: Entity, source: string, run: string): string {
  return `recorded as (
  insert into video_platform.migration_status as s (entity_type, legacy_id, status, run_id, metadata)
  select '${name}', legacy_id, case when reason is null then 'completed' else 'failed' end, ${run}, reason || '{"attempts": 1}'
  from (${source}) rows_done
  where coalesce(reason ->> 'class', '') <> '${WAITING}'
  on conflict (entity_type, legacy_id) do update
    set status = excluded.status, run_id = excluded.run_id, migrated_at = now(),
      metadata = excluded.metadata || jsonb_build_object('attempts', coalesce((s.metadata ->> 'attempts')::int, 0) + 1)
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
