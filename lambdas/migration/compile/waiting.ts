import { type Entity, WAITING, waitsFor } from '../entities/entity.ts';
import { projectionName } from './projection.ts';

/** Whether the row of a legacy key can be projected, or waits itself, and has not been set aside: what refers to it waits for it then. */
export function compileWaitsFor(entity: Entity): string {
  return `create function ${waitsFor(entity)}(awaited_id text) returns boolean language plpgsql stable as $$
begin
  return exists (
    select from ${projectionName(entity)} awaited
    where awaited.legacy_id = awaited_id and coalesce(awaited.reason ->> 'class', '${WAITING}') = '${WAITING}'
  ) and not exists (
    select from video_platform.migration_status s
    where s.entity_type = '${entity.name}' and s.legacy_id = awaited_id and s.status = 'failed'
  );
end
$$`;
}
