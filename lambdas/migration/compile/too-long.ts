import type { Entity } from '../entities/entity.ts';
import { isOfOurMaking, TAKES_FEWER_CHARACTERS } from './narrow-columns.ts';
import { projectionName } from './projection.ts';

/**
 * What a row is refused with that is too long by blanks at its end. PostgreSQL cuts those off without a word, and what is stored would never be what is projected; so
 * the row is treated as any other that is too long (22001: string data, right truncation).
 */
export const TOO_LONG_WITH_BLANKS = { sqlState: '22001', message: 'value too long for its column, the blanks at its end counted' } as const;

/** Finds the target column that a row's value is too long for: the database refuses the row without naming it. Parameter: `:key` (legacy key). Rows: `column`. */
export function compileTooLong(entity: Entity): string {
  const measured = carried(entity).map((column, index) => `(${index}, '${column}', char_length(p.${column}::text), w.${column})`);
  return `-- too long ${entity.name}: the first column of a row that its value does not fit into
with ${widths(entity)}
select measured.target_column as column
from ${projectionName(entity)} p
cross join widths w
cross join lateral (values
  ${measured.join(',\n  ')}
) measured (position, target_column, characters, width)
where p.legacy_id = :key and measured.characters > measured.width
order by measured.position
limit 1`;
}

/**
 * `widths`, a part of a `with`: one row with the characters that a target column takes, under its name, where the projection may give more; null elsewhere. `narrow`
 * tells whether there is such a column: hardly ever while LinkPick's columns are no wider than ours, and then rows cost nothing.
 */
export function widths(entity: Entity): string {
  const columns = carried(entity).map((column) => `max(t.atttypmod - 4) filter (where t.attname = '${column}') as ${column}`);
  const names = carried(entity).map((column) => `'${column}'`);
  return `widths as materialized (
  select count(*) > 0 as narrow,
    ${columns.join(',\n    ')}
  from pg_catalog.pg_attribute t
  join pg_catalog.pg_attribute v on v.attrelid = '${projectionName(entity)}'::regclass and v.attname = t.attname
  where t.attrelid = 'video_platform.${entity.target.table}'::regclass and t.attname in (${names.join(', ')})
    and ${TAKES_FEWER_CHARACTERS}
)`;
}

/**
 * A branch of a `case` that gives a row's `reason`: refuses the statement for a row that can be projected, of `alias`, with a value longer than its column, the blanks at
 * its end counted; the caller isolates the row as any that the database refuses. Wants `widths w` beside it.
 */
export function refusedWhenTooLong(entity: Entity, alias: string): string {
  const tooLong = carried(entity).map(
    (column) => `case when w.${column} is not null then char_length(${alias}.${column}::text) > w.${column} end`,
  );
  return `when w.narrow and ${alias}.reason is null and (
      ${tooLong.join('\n      or ')}
    ) then case when video_platform.abort_statement('${TOO_LONG_WITH_BLANKS.sqlState}', '${TOO_LONG_WITH_BLANKS.message}') then ${alias}.reason end`;
}

/** Columns whose values come from LinkPick; the others fit. */
function carried({ columns }: Entity): readonly string[] {
  return Object.entries(columns).flatMap(([name, column]) => (isOfOurMaking(column) ? [] : [name]));
}
