import type { Entity } from '../entities/entity.ts';

/** Which new row each legacy row became: the ledger's rows that have a new id, with the tables' names. Unique per legacy row, as the ledger is. */
export function compileEntityMapping(entities: readonly Entity[]): string {
  const tables = entities.map(({ name, legacy, target }) => `('${name}', '${legacy.table}', '${target.table}')`);
  return `create view video_platform.entity_mapping as
select s.entity_type, e.legacy_table::varchar(63) as legacy_table, s.legacy_id, e.new_table::varchar(63) as new_table, s.new_id
from video_platform.migration_status s
join (values ${tables.join(', ')}) e (entity_type, legacy_table, new_table) on e.entity_type = s.entity_type
where s.new_id is not null`;
}
