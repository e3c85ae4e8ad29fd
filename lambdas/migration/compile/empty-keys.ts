import type { Entity } from '../entities/entity.ts';
import { projectionName } from './projection.ts';

/** Sets rows whose key is empty aside, of all entities. Parameter: `:run`. */
export function compileSetEmptyKeysAside(entities: readonly Entity[]): string {
  const rows = entities.map(
    (entity) => `select '${entity.name}' as entity_type, p.legacy_id, p.reason from ${projectionName(entity)} p where p.legacy_id = ''`,
  );
  return `insert into video_platform.migration_status (entity_type, legacy_id, status, run_id, metadata)
select entity_type, legacy_id, 'failed', :run::uuid, reason || jsonb_build_object('attempts', 1, 'firstAt', now())
from (
  ${rows.join('\n  union all\n  ')}
) empty_keys
on conflict (entity_type, legacy_id) do nothing`;
}
