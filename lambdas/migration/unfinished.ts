import type { DataApi, Row } from '../data-api/data-api.ts';
import type { CopyRange } from './copy-range.ts';
import type { Entity } from './entities/entity.ts';

/** What a copy of an entity has before it. */
export interface Unfinished {
  /** Whether any row of the entity is in quarantine. */
  readonly quarantined: boolean;
  /** The key ranges whose end no batch has reached, in order. */
  readonly ranges: readonly CopyRange[];
}

export async function readUnfinished(db: DataApi, entity: Entity): Promise<Unfinished> {
  // One row at least: without an open range its members are null.
  const rows = await db.query<Row & { quarantined: boolean; range_no: number | null; bounded: boolean }>(
    `select c.range_no, c.upto_key is not null as bounded,
       exists (select from video_platform.migration_status s where s.entity_type = :entity and s.status = 'failed') as quarantined
     from (values (:entity)) entity (name)
     left join video_platform.migration_cursor c on c.entity_type = entity.name and not c.exhausted
     order by c.range_no`,
    { entity: entity.name },
  );
  return {
    quarantined: rows.some(({ quarantined }) => quarantined),
    ranges: rows.flatMap(({ range_no, bounded }) => (range_no === null ? [] : [{ rangeNo: range_no, bounded }])),
  };
}
