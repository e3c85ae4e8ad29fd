import type { Entity } from '../entities/entity.ts';
import { keyRange, legacyRows } from './projection.ts';

/**
 * How a chunk of an entity's legacy rows stands in the ledger. Parameters: `:after` (text, exclusive lower key; null at first), `:limit` (int8, legacy rows). One result
 * row: `total`, `completed`, `failed`, and `next_key` (text; null after the last chunk).
 */
export function compileAccount(entity: Entity): string {
  const { from, conditions } = legacyRows(entity);
  const key = `l.${entity.legacy.key}`;
  const after = (column: string) => `(:after::text is null or ${column} > :after::text)`;
  return `-- account of ${entity.name}
with chunk as materialized (
  select ${key} as legacy_id
  from ${from}
  where ${[...conditions, ...keyRange(entity, '> :after::text').map((condition) => `(:after::text is null or ${condition})`)].join(' and ')}
  order by ${key}
  limit :limit::int
),
ledger as (
  select legacy_id, status from video_platform.migration_status
  where entity_type = '${entity.name}' and ${after('legacy_id')} and legacy_id <= (select max(legacy_id) from chunk)
)
select count(*)::int as total, count(*) filter (where status = 'completed')::int as completed, count(*) filter (where status = 'failed')::int as failed,
  case when count(*) = :limit::int then max(chunk.legacy_id) end as next_key
from chunk left join ledger on ledger.legacy_id = chunk.legacy_id`;
}
