import type { Entity } from '../entities/entity.ts';

/** `moves`: what is on record of cursors in the chunk; `passed`: how far they have come in it, by range. Reads `bounds`. */
export function passedRanges(entity: Entity): string {
  return `moves as materialized (
  select m.range_no, m.after_key, m.upto_key, m.seen, m.xid
  from video_platform.migration_cursor_move m
  where m.entity_type = '${entity.name}' and m.upto_key > :after::text and m.after_key < (select upto from bounds)
    and m.xid = m.xmin -- else its xids are those of another cluster
),
passed as materialized (
  select min(after_key) as after_key, max(upto_key) as upto_key from moves group by range_no
)`;
}

/**
 * `passed_by`: how many legacy rows the ledger does not know although a cursor has passed them and the statement that moved it must have recorded them. Counted is what
 * cannot be otherwise; a row may well be pending behind a cursor that came or changed later, or waited for another. So, by versions, all that decides about the
 * row has to be older than the snapshot of that statement: the row itself, those that its projection joins, and what the ledger says of the rows it refers to. Why
 * this raises no false alarm: docs/decisions/0007-verification.md
 *
 * `settled` is the condition that no change of the key waits. The batch of a single row is not judged: it may have been of a row that an earlier statement named.
 */
export function passedBy(entity: Entity, settled: string): string {
  const older = (version: string) => `age(${version}) > age(move.seen)`;
  const alsoRead = Object.entries(entity.legacy.alsoReads ?? {}).map(
    ([table, column]) => `not exists (select from public.${table} r where r.${column} = pending.key and not ${older('r.xmin')})`,
  );
  const referredTo = Object.values(entity.columns).flatMap(({ references, refusal }) =>
    references === undefined || refusal === undefined
      ? []
      : [
          `exists (
      select from video_platform.migration_status r
      where r.entity_type = '${references.name}' and r.legacy_id = l.${refusal.column} and r.status in ('completed', 'failed') and ${older('r.xmin')})`,
        ],
  );
  return `passed_by as materialized (
  select count(*) as rows
  from (select unnest(without_ledger) as key from sides) pending
  join moves move on pending.key > move.after_key and pending.key <= move.upto_key
  join public.${entity.legacy.table} l on l.${entity.legacy.key} = pending.key
  where ${[
    older('l.xmin'),
    ...alsoRead,
    ...referredTo,
    `not exists (
      select from video_platform.migration_batch b
      where b.entity_type = '${entity.name}' and b.xmin = move.xid
        and (b.outcome ->> 'completed')::bigint + (b.outcome ->> 'quarantined')::bigint < 2)`,
    settled,
  ].join('\n    and ')}
)`;
}
