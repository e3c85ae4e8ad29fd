import { channel, requestsOf } from '../entities/channel.ts';
import { type Entity, type ReasonClass, WAITING } from '../entities/entity.ts';
import type { NarrowColumns } from './narrow-columns.ts';
import { keyRange, keyRefusals, legacyRows } from './projection.ts';

/**
 * What a chunk of pending rows would come to: counts by reason class. Changes nothing. Before the first batch most rows wait, and the projection says no more of them;
 * so its refusals are asked here one by one, as if what a row waits for were there. A row counts once, under what it is refused for first.
 * Parameters: `:after` (text, exclusive lower key; null at first), `:limit` (int8, legacy rows). One result row: `reasons` (JSON: class → rows, '' for copyable), `next_key`.
 */
export function compileForecast(entity: Entity, narrow: NarrowColumns = new Map()): string {
  const { from, conditions } = legacyRows(entity);
  const key = `l.${entity.legacy.key}`;
  const waits = Object.values(entity.columns).flatMap(({ refusal }) => (refusal?.waits === undefined ? [] : [refusal.when]));
  const whens = [...refusals(entity, narrow), ...waits.map((when) => ({ when, class: WAITING }))];
  return `-- forecast ${entity.name}: what pending rows would come to
with chunk as materialized (
  select ${key} as legacy_id
  from ${from}
  where ${[...conditions, ...keyRange(entity, '> :after::text').map((after) => `(:after::text is null or ${after})`)].join(' and ')}
  order by ${key}
  limit :limit::int
),
pending as (
  select c.legacy_id from chunk c
  where not exists (select from video_platform.migration_status s where s.entity_type = '${entity.name}' and s.legacy_id = c.legacy_id)
),
classes as (
  select case
${whens.map(({ when, class: name }) => `      when ${when} then '${name}'`).join('\n')}
      else ''
    end as class, count(*) as rows
  from ${source(entity)}
  join pending on pending.legacy_id = ${key}${conditions.length === 0 ? '' : `\n  where ${conditions.join(' and ')}`}
  group by 1
)
select coalesce((select jsonb_object_agg(class, rows) from classes), '{}') as reasons,
  (select max(legacy_id) from chunk having count(*) = :limit::int) as next_key`;
}

/** What a row would be refused for once all that it waits for has been copied or refused, in order: by the projection, then by the database. */
function refusals(entity: Entity, narrow: NarrowColumns): readonly { readonly when: string; readonly class: ReasonClass }[] {
  const own = (narrow.get(entity) ?? []).map(({ column, ...demand }) => ({ value: `(${entity.columns[column]?.value})`, ...demand }));
  return [
    ...keyRefusals(entity.legacy.key),
    ...Object.values(entity.columns).flatMap(({ references, refusal }) => {
      if (refusal === undefined) return [];
      if (references === undefined) return [refusal];
      return [
        { class: refusal.class, when: `${refusal.when} and not (${canCome(references, awaitedKey(entity, refusal.column), narrow)})` },
      ];
    }),
    ...own.flatMap(({ value, maxCharacters: max }) =>
      max === null ? [] : [{ class: 'TOO_LONG' as const, when: `char_length(${value}::text) > ${max}` }],
    ),
    ...own.flatMap(({ value, refusesNull }) => (refusesNull ? [{ class: 'CONSTRAINT' as const, when: `${value} is null` }] : [])),
  ];
}

/**
 * Whether the legacy row with that key is there, has not been set aside and would not be refused: as the function of `waitsFor`, which says no
 * more of a row that waits itself, and takes longer. `key` is an expression without `l`, which here is the row that is asked about.
 */
function canCome(entity: Entity, key: string, narrow: NarrowColumns): string {
  const { conditions } = legacyRows(entity);
  const anyOf = refusals(entity, narrow).map(({ when }) => `(${when})`);
  const wanted = [`l.${entity.legacy.key} = ${key}`, ...conditions, `(${anyOf.join(' or ')}) is not true`];
  return `exists (
        select from ${source(entity)}
        where ${wanted.join(' and ')}
      ) and not exists (
        select from video_platform.migration_status s
        where s.entity_type = '${entity.name}' and s.legacy_id = ${key} and s.status = 'failed'
      )`;
}

/** The legacy rows with all that refusals read, and the keys that a row refers to under a name of their own. */
function source(entity: Entity): string {
  const joins = Object.values(entity.columns).flatMap(({ join }) => (join === undefined ? [] : [join]));
  const keys = Object.values(entity.columns).flatMap(({ references, refusal }) =>
    references === undefined || refusal === undefined ? [] : [`l.${refusal.column}`],
  );
  const awaited = keys.length === 0 ? [] : [`cross join lateral (select ${[...new Set(keys)].join(', ')}) ${entity.name}_awaits`];
  return [legacyRows(entity).from, ...new Set(joins), ...awaited].join('\n');
}

function awaitedKey(entity: Entity, column: string): string {
  return `${entity.name}_awaits.${column}`;
}

/**
 * How many pending channels get a suffix, since somebody before them asks for the same handle. Asked of the legacy tables: the table of requests is brought up to date
 * when a run opens, and empty before the first. Channels that would be set aside get none. Changes nothing. One result row: `channels`.
 */
export function compileSharedHandles(narrow: NarrowColumns = new Map()): string {
  return `-- shared handles: pending channels that get a suffix
with requests as (
  ${requestsOf('public.users')}
),
later as materialized (
  select legacy_id
  from (select legacy_id, row_number() over (partition by handle order by created_at, legacy_id) as place from requests) placed
  where place > 1
)
select count(*)::int as channels
from later
where not exists (select from video_platform.migration_status s where s.entity_type = '${channel.name}' and s.legacy_id = later.legacy_id)
  and ${canCome(channel, 'later.legacy_id', narrow)}`;
}
