import type { Entity } from '../entities/entity.ts';
import { keyRange, legacyRows } from './projection.ts';

/**
 * How a chunk of each entity's legacy rows stands in the ledger, of those after one key. Parameters: `:after` (text, exclusive lower key; null for the first chunks),
 * `:limit` (int8, legacy rows of an entity). A result row an entity: `entity`, `total`, `completed`, `failed`, and `next_key` (text; null after its last chunk).
 */
export function compileAccounts(entities: readonly Entity[]): string {
  return `-- accounts of ${entities.map(({ name }) => name).join(', ')}
${entities.map((entity) => `select '${entity.name}' as entity, account.* from (${account(entity)}) account`).join('\nunion all\n')}`;
}

function account(entity: Entity): string {
  const { from, conditions } = legacyRows(entity);
  const key = `l.${entity.legacy.key}`;
  const after = (condition: string) => `(:after::text is null or ${condition})`;
  return `
  with chunk as materialized (
    select ${key} as legacy_id
    from ${from}
    where ${[...conditions, ...keyRange(entity, '> :after::text').map(after)].join(' and ')}
    order by ${key}
    limit :limit::int
  ),
  ledger as (
    select legacy_id, status from video_platform.migration_status
    where entity_type = '${entity.name}' and ${after('legacy_id > :after::text')} and legacy_id <= (select max(legacy_id) from chunk)
  )
  select count(*)::int as total, count(*) filter (where status = 'completed')::int as completed, count(*) filter (where status = 'failed')::int as failed,
    case when count(*) = :limit::int then max(chunk.legacy_id) end as next_key
  from chunk left join ledger on ledger.legacy_id = chunk.legacy_id
`;
}
