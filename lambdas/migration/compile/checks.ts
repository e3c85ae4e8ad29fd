import type { Entity } from '../entities/entity.ts';
import { legacyRows } from './projection.ts';

/** A check and the statement that answers it: one row with `value` and `expected`, both text. */
export interface NamedCheck {
  readonly name: string;
  readonly sql: string;
}

/** The plan's checks and ours. Each is one statement, so each sees one snapshot. */
export function compileChecks(entities: readonly Entity[]): readonly NamedCheck[] {
  return [
    { name: 'User Count Match', sql: userCount },
    { name: 'No Orphaned Records', sql: countNone(entities.flatMap(orphans)) },
    { name: 'Every Row Accounted For', sql: countNone(entities.map(unaccounted)) },
    { name: 'Mapping One To One', sql: countNone([...entities.map(unmapped), mappedTwice]) },
    { name: 'Unique Handles', sql: countNone([handlesTwice]) },
    { name: 'Cursors In Order', sql: countNone([cursorsOutOfOrder]) },
    { name: 'Channel Counts Right', sql: countNone([wrongChannelCounts]) },
  ];
}

/** Sums queries that each count what must not be. */
function countNone(counts: readonly string[]): string {
  return `select sum(wrong)::text as value, '0' as expected from (\n  ${counts.join('\n  union all\n  ')}\n  ) counts`;
}

const userCount = `select (select count(*) from video_platform.users where origin = 'legacy')::text as value,
    (select count(*) from video_platform.migration_status where entity_type = 'user' and status = 'completed')::text as expected`;

/** Target rows whose reference is not there. */
function orphans({ target, columns }: Entity): readonly string[] {
  return Object.entries(columns).flatMap(([column, { references }]) =>
    references === undefined
      ? []
      : [
          `select count(*) as wrong from video_platform.${target.table} t
    left join video_platform.${references.target.table} r on r.${references.target.key} = t.${column} where r.${references.target.key} is null`,
        ],
  );
}

/**
 * Legacy rows that the ledger counts twice or in no known state, and ledger rows whose legacy row is gone while nothing in the change log says so:
 * completed, quarantined and pending would not add up to the legacy rows.
 */
function unaccounted(entity: Entity): string {
  const { from, conditions } = legacyRows(entity);
  const where = conditions.map((condition) => ` and ${condition}`).join('');
  return `select count(*) as wrong from video_platform.migration_status s
    where s.entity_type = '${entity.name}' and (
      s.status not in ('completed', 'failed')
      or not exists (select from ${from} where l.${entity.legacy.key} = s.legacy_id${where})
      and not exists (select from video_platform.change_log c where c.entity_type = s.entity_type and c.legacy_id = s.legacy_id)
    )`;
}

/** Completed rows without their mapping. */
function unmapped({ name, target }: Entity): string {
  return `select count(*) as wrong from video_platform.migration_status s
    where s.entity_type = '${name}' and s.status = 'completed' and not exists (
      select from video_platform.entity_mapping m
      where m.entity_type = s.entity_type and m.legacy_id = s.legacy_id and m.new_table = '${target.table}'
    )`;
}

const mappedTwice = `select count(*) as wrong from (
    select from video_platform.entity_mapping group by entity_type, new_table, new_id having count(*) > 1
  ) twice`;

const handlesTwice = `select count(*) as wrong from (select from video_platform.channels group by lower(handle) having count(*) > 1) twice`;

const cursorsOutOfOrder = `select count(*) as wrong from (
    select c.last_key, c.upto_key, lag(c.upto_key) over (partition by c.entity_type order by c.range_no) as start_key, c.range_no
    from video_platform.migration_cursor c
  ) ranges
  where last_key > upto_key or (range_no > 0 and (start_key is null or last_key < start_key))`;

const wrongChannelCounts = `select count(*) as wrong from (
    select c.video_count, c.view_count, count(v.id) as videos, coalesce(sum(v.view_count), 0) as views
    from video_platform.channels c left join video_platform.videos v on v.channel_id = c.id
    group by c.id
  ) channels
  where (video_count, view_count) is distinct from (videos, views)`;
