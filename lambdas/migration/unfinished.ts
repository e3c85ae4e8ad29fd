import type { DataApi, Row } from '../data-api/data-api.ts';
import type { CopyRange } from './copy-range.ts';
import type { Entity } from './entities/entity.ts';

/** The key ranges of the entity whose end no batch has reached, in order. */
export async function openRanges(db: DataApi, entity: Entity): Promise<readonly CopyRange[]> {
  const rows = await db.query<Row & { range_no: number; bounded: boolean }>(
    `select range_no, upto_key is not null as bounded from video_platform.migration_cursor
     where entity_type = :entity and not exhausted order by range_no`,
    { entity: entity.name },
  );
  return rows.map(({ range_no, bounded }) => ({ rangeNo: range_no, bounded }));
}
