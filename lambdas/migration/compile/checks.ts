import type { Entity } from '../entities/entity.ts';
import { video } from '../entities/video.ts';
import { SERVED_AS_IT_WAS } from './rows.ts';

/** A check by its name. */
export type NamedCheck = {
  readonly name: string;
  /** The tables themselves, or what the row diff counted: then it has to have ended. */
  readonly reads: 'tables' | 'row diff';
} & (SnapshotCheck | ChunkedCheck | SumCheck);

/** One statement, so it sees one snapshot. One result row: `value` and `expected`, both text. Parameter: `:run` (text, uuid). */
export interface SnapshotCheck {
  readonly sql: string;
}

/** Of tables of any size, each in the order of its keys. */
export interface ChunkedCheck {
  /**
   * A statement a table; what they answer is added up. Each chunk is one snapshot. Parameters: `:after` (text, exclusive lower key; null at first), `:limit` (int8, rows). One
   * result row: `value` and `expected` (int8), `next_key` (text; null after the last chunk).
   */
  readonly chunks: readonly string[];
}

/** Of the sums over an entity's rows. They follow the rows after a while, so they are brought up to date first: ../checks.ts. */
export interface SumCheck {
  readonly of: Entity;
  /** How many rows of a chunk hold a wrong sum. Parameters: `:after` and `:upto` (text, exclusive and inclusive key, or null). One result row: `wrong`. */
  readonly wrongSums: string;
}

/** The plan's checks and ours. */
export function compileChecks(entities: readonly Entity[]): readonly NamedCheck[] {
  return [
    { name: 'User Count Match', reads: 'tables', chunks: [userCount] },
    { name: 'No Orphaned Records', reads: 'tables', chunks: entities.flatMap(orphans) },
    { name: 'Every Row Accounted For', reads: 'row diff', sql: countNone([counted('unaccounted')]) },
    { name: 'Mapping One To One', reads: 'row diff', sql: countNone([counted('mismapped')]) },
    { name: 'Unique Handles', reads: 'tables', sql: countNone([handlesTwice]) },
    {
      name: 'Cursors In Order',
      reads: 'row diff',
      sql: countNone([counted('passed_by'), cursorsOutOfOrder, movedBack]),
    },
    { name: 'Channel Counts Right', reads: 'tables', of: video, wrongSums: wrongChannelCounts },
  ];
}

/** Sums queries that each count what must not be. */
function countNone(counts: readonly string[]): string {
  return `select sum(wrong)::text as value, '0' as expected from (\n  ${counts.join('\n  union all\n  ')}\n  ) counts`;
}

const after = (key: string) => `(:after::text is null or ${key} > :after::text)`;

/** A user in quarantine that is served as it was is not one too many. What the ledger has after the last user is in the last chunk. */
const userCount = `with chunk as materialized (
  select t.id, t.origin from video_platform.users t where ${after('t.id')} order by t.id limit :limit::int
),
bounds as materialized (
  select case when count(*) = :limit::int then max(id) end as next_key from chunk
),
ledger as materialized (
  select s.legacy_id, s.status, ${SERVED_AS_IT_WAS} as served from video_platform.migration_status s
  where s.entity_type = 'user' and ${after('s.legacy_id')}
    and s.legacy_id <= coalesce((select next_key from bounds), (select max(legacy_id) from video_platform.migration_status where entity_type = 'user'))
)
select
  (select count(*) from chunk where origin = 'legacy' and id not in (select legacy_id from ledger where status = 'failed' and served)) as value,
  (select count(*) from ledger where status = 'completed') as expected,
  next_key
from bounds`;

/** Target rows whose reference is not there: looked up by its key, row by row, whatever the planner believes of the chunk's size. */
function orphans({ target, columns }: Entity): readonly string[] {
  return Object.entries(columns).flatMap(([column, { references }]) =>
    references === undefined
      ? []
      : [
          `with chunk as materialized (
  select t.${target.legacyKey} as legacy_key, t.${column} as reference
  from video_platform.${target.table} t where ${after(`t.${target.legacyKey}`)} order by t.${target.legacyKey} limit :limit::int
)
select count(*) filter (where (
    select r.${references.target.key} from video_platform.${references.target.table} r where r.${references.target.key} = chunk.reference
  ) is null) as value,
  0 as expected, case when count(*) = :limit::int then max(legacy_key) end as next_key
from chunk`,
        ],
  );
}

/** What the row diff counted on its way over every row, of its last pass. Parameter: `:run`. */
function counted(column: 'unaccounted' | 'mismapped' | 'passed_by'): string {
  return `select v.${column} as wrong from video_platform.verification_run v
    where v.run_id = :run::uuid and v.pass = (select max(pass) from video_platform.verification_run last where last.run_id = :run::uuid)`;
}

const handlesTwice = `select count(*) as wrong from (select from video_platform.channels group by lower(handle) having count(*) > 1) twice`;

const cursorsOutOfOrder = `select count(*) as wrong from (
    select c.last_key, c.upto_key, lag(c.upto_key) over (partition by c.entity_type order by c.range_no) as start_key, c.range_no
    from video_platform.migration_cursor c
  ) ranges
  where last_key > upto_key or (range_no > 0 and (start_key is null or last_key < start_key))`;

/** Cursors of this run that went back: the copy never does that. Ranges that are cut anew have new cursors. Parameter: `:run`. */
const movedBack = `select count(*) as wrong from video_platform.migration_cursor_move m
    join video_platform.migration_run r on r.id = :run::uuid and m.moved_at >= r.started_at
    where m.upto_key < m.after_key`;

const wrongChannelCounts = `select count(*)::int as wrong from (
    select c.video_count, c.view_count, count(v.id) as videos, coalesce(sum(v.view_count), 0) as views
    from video_platform.channels c left join video_platform.videos v on v.channel_id = c.id
    where (:after::text is null or c.id > :after::uuid) and (:upto::text is null or c.id <= :upto::uuid)
    group by c.id
  ) channels
  where (video_count, view_count) is distinct from (videos, views)`;
