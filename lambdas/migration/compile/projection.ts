import { brokenText, type Column, type Entity, type Refusal, WAITING } from '../entities/entity.ts';

/** The projection view's name. */
export function projectionName(entity: Entity): string {
  return `video_platform.${entity.target.table}_prep`;
}

/** The entity's target columns, in the order in which they are declared. */
export function columnNames(entity: Entity): readonly string[] {
  return Object.keys(entity.columns);
}

/** Whether the target's key is the legacy key: then every id stays what it was. */
export function keepsId({ legacy, target, columns }: Entity): boolean {
  return columns[target.key]?.value === `l.${legacy.key}`;
}

/** `from` and `where` of the legacy rows an entity is about. `sample` is a TABLESAMPLE of its own table. */
export function legacyRows(entity: Entity, sample = ''): { from: string; conditions: readonly string[] } {
  const { table, joins, where } = entity.legacy;
  return {
    from: [`public.${table} l ${sample}`.trimEnd(), ...(joins === undefined ? [] : [joins])].join('\n'),
    conditions: where === undefined ? [] : [where],
  };
}

/**
 * A range of legacy keys, as conditions: `comparison` is an operator and its right side. Asked of the joined tables' copy of the key as well: the planner carries
 * a constant over an equality, but no range, and would read those tables from their first row for every chunk.
 */
export function keyRange({ legacy }: Entity, comparison: string): readonly string[] {
  return [`l.${legacy.key}`, ...(legacy.joinedKeys ?? [])].map((key) => `${key} ${comparison}`);
}

/**
 * Whether the projection of a row is a function of its one legacy row (and of references, which the database itself keeps): then the row's version tells
 * whether it can have changed.
 */
export function hasSourceVersion({ legacy, lookup }: Entity): boolean {
  return legacy.joins === undefined && legacy.alsoReads === undefined && lookup === undefined;
}

/**
 * The view of what the entity's target rows ought to be: `legacy_id`, the target's columns, `source_version` (of the legacy row; null where it does not
 * tell all), and `reason`, null for a row that can be projected and `{class, column, value}` for one that cannot.
 */
export function compileProjection(entity: Entity): string {
  const columns = Object.entries(entity.columns);
  const { from, conditions } = legacyRows(entity);
  const joins = columns.flatMap(([, { join }]) => (join === undefined ? [] : [join]));
  return `create view ${projectionName(entity)} as
select l.${entity.legacy.key} as legacy_id,
${columns.map(([name, { value }]) => `  ${value} as ${name},`).join('\n')}
  ${hasSourceVersion(entity) ? 'l.xmin' : 'null::xid'} as source_version,
  ${reason(
    entity.legacy.key,
    columns.map(([, column]) => column),
  )} as reason
from ${from}
${[...new Set(joins)].join('\n')}
${conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`}`.trim();
}

/** The first refusal that holds. The value at fault is shown: it is an enum or an id, never personal data. */
function reason(key: string, columns: readonly Column[]): string {
  const refusals = [...keyRefusals(key), ...columns.flatMap(({ refusal }) => (refusal === undefined ? [] : [refusal]))];
  return `case\n${refusals.map(when).join('\n')}\n  end`;
}

/**
 * What is no key. Cursors start before the first key, which is after the empty one: a row without a name in the ledger is set aside when a run opens. And bytes that were no
 * text before they came here are nothing that could be asked for by name.
 */
export function keyRefusals(column: string): readonly Refusal[] {
  return [{ class: 'UNSUPPORTED_VALUE', column, when: `l.${column} = ''` }, brokenText(column)];
}

/** More than an id or an enum's value has, far less than an index row or an answer takes. */
const SHOWN_CHARACTERS = 100;

function when({ when: holds, waits, class: reasonClass, column }: Refusal): string {
  const classSql = waits === undefined ? `'${reasonClass}'` : `case when ${waits} then '${WAITING}' else '${reasonClass}' end`;
  // Broken text is personal or worse; its column is enough.
  const value = reasonClass === 'UNSUPPORTED_TEXT' ? 'null' : `left(l.${column}::text, ${SHOWN_CHARACTERS})`;
  return `    when ${holds} then jsonb_build_object('class', ${classSql}, 'column', '${column}', 'value', ${value})`;
}
