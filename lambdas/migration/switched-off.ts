import type { Entity } from './entities/entity.ts';
import { entities } from './entities/index.ts';
import type { Settings } from './settings.ts';

/** An entity that is switched off by its own name, and what waits for that: itself and those that refer to it, directly or not, in order. */
export interface SwitchedOff {
  readonly entity: string;
  readonly waiting: readonly string[];
}

/** Why rows wait that ./switched-on.ts lets no run copy. What waits for several is named with each. */
export function switchedOff(settings: Pick<Settings, 'entities'>): readonly SwitchedOff[] {
  return entities
    .filter(({ name }) => settings.entities[name]?.enabled === false)
    .map((off) => ({ entity: off.name, waiting: entities.filter((entity) => waitsFor(entity, off)).map(({ name }) => name) }));
}

function waitsFor(entity: Entity, off: Entity): boolean {
  return entity === off || entity.after.some((before) => waitsFor(before, off));
}
