import type { Entity } from '../entities/entity.ts';
import { projectionName } from './projection.ts';

/** Finds the target column that a row's value is too long for: the database refuses the row without naming it. Parameter: `:key` (legacy key). Rows: `column`. */
export function compileTooLong(entity: Entity): string {
  return `-- too long ${entity.name}: the first column of a row that its value does not fit into
select a.attname::text as column
from ${projectionName(entity)} p
cross join lateral jsonb_each_text(to_jsonb(p)) projected
join pg_catalog.pg_attribute a on a.attrelid = 'video_platform.${entity.target.table}'::regclass and a.attname = projected.key
where p.legacy_id = :key and a.atttypid = 'varchar'::regtype and a.atttypmod > 4 and char_length(projected.value) > a.atttypmod - 4
order by a.attnum
limit 1`;
}
