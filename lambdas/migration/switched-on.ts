import type { Entity } from './entities/entity.ts';
import { entities } from './entities/index.ts';
import type { Settings } from './settings.ts';

/** What may be copied by these settings, in order: an entity that is switched off waits, and so does every entity that refers to one that waits. */
export function switchedOn(settings: Pick<Settings, 'entities'>): readonly Entity[] {
  const on: Entity[] = [];
  for (const entity of entities) {
    const isOn = settings.entities[entity.name]?.enabled !== false;
    if (isOn && entity.after.every((before) => on.includes(before))) on.push(entity);
  }
  return on;
}
