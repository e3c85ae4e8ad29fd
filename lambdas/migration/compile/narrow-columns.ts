import { AT_UTC, type Column, type Entity } from '../entities/entity.ts';
import { projectionName } from './projection.ts';

/** A target column that takes less than the projection gives: the database may refuse a row for it that the projection lets pass. */
export interface NarrowColumn {
  readonly column: string;
  /** Characters the column takes. Null when whatever comes fits. */
  readonly maxCharacters: number | null;
  /** Whether a null may come that the column does not take. */
  readonly refusesNull: boolean;
}

/** The narrow columns of the entity that is asked about, and of those that it refers to. */
export type NarrowColumns = ReadonlyMap<Entity, readonly NarrowColumn[]>;

/**
 * Finds an entity's narrow columns in the catalogue: none while LinkPick's columns are no wider than ours, but for those that an expression makes, which have no
 * width. Nulls are looked for in columns that come as they are. Rows: see `NarrowColumn`.
 */
export function compileNarrowColumns(entity: Entity): string {
  const columns = Object.entries(entity.columns).filter(([, column]) => !isOfOurMaking(column));
  const pairs = columns.map(([name, { value }]) => `('${name}', ${legacyColumn(value)})`);
  return `-- narrow columns of ${entity.name}: where the target takes less than the projection gives
select * from (
  select t.attname::text as column,
    case when ${TAKES_FEWER_CHARACTERS}
      then t.atttypmod - 4 end as "maxCharacters",
    t.attnotnull and not coalesce(l.attnotnull, true) as "refusesNull"
  from (values ${pairs.join(', ')}) carried (target_column, legacy_column)
  join pg_catalog.pg_attribute t on t.attrelid = 'video_platform.${entity.target.table}'::regclass and t.attname = carried.target_column
  join pg_catalog.pg_attribute v on v.attrelid = '${projectionName(entity)}'::regclass and v.attname = carried.target_column
  left join pg_catalog.pg_attribute l on l.attrelid = 'public.${entity.legacy.table}'::regclass and l.attname = carried.legacy_column
) compared
where "maxCharacters" is not null or "refusesNull"`;
}

/** Holds in the catalogue for a target column `t` that takes fewer characters than the column `v` of its projection may give. A width is kept with four added. */
export const TAKES_FEWER_CHARACTERS = `t.atttypid = 'varchar'::regtype and t.atttypmod > 4 and (v.atttypid <> t.atttypid or v.atttypmod not between 1 and t.atttypmod)`;

/** What is looked up in our tables has their width, and a translated value is one of a few. */
export function isOfOurMaking({ join, refusal }: Column): boolean {
  return join !== undefined || refusal?.class === 'UNKNOWN_VALUE';
}

/** The legacy column, as an SQL literal, that a value is null with and only with; null for other expressions. */
function legacyColumn(value: string): string {
  const [, column] = /^l\.(\w+)$/.exec(value.replace(` ${AT_UTC}`, '')) ?? [];
  return column === undefined ? 'null' : `'${column}'`;
}
