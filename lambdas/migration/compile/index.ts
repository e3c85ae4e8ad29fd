import type { Entity } from '../entities/entity.ts';
import { waitsFor } from '../entities/entity.ts';
import { entities } from '../entities/index.ts';
import { compilePendingChanges } from './capture.ts';
import { compileDashboard } from './dashboard.ts';
import { compileEntityMapping } from './entity-mapping.ts';
import { compileProjection, projectionName } from './projection.ts';
import { compileSumUp, sumUpFunction } from './sums.ts';
import { compileWaitsFor } from './waiting.ts';

/** A view or function that is compiled from the entities and made anew when its text changes. Holds no data. */
export interface CompiledObject {
  readonly create: string;
  readonly drop: string;
}

/** What the entities make of the database. */
export interface CompiledSchema {
  /** Each after those it reads. */
  readonly objects: readonly CompiledObject[];
  /** The tables of LinkPick that they read. */
  readonly legacyTables: readonly string[];
}

/** The views and functions. The statements that steps send are compiled by those who send them; ./compile-all.ts has both. */
export function compileSchema(): CompiledSchema {
  const objects = [
    ...entities.flatMap((entity) => [
      view(projectionName(entity), compileProjection(entity)),
      ...(isReferredTo(entity) ? [{ create: compileWaitsFor(entity), drop: `drop function if exists ${waitsFor(entity)}(text)` }] : []),
      ...(hasSums(entity)
        ? [{ create: compileSumUp(entity), drop: `drop function if exists ${sumUpFunction(entity)}(text, bigint)` }]
        : []),
    ]),
    view('video_platform.entity_mapping', compileEntityMapping(entities)),
    view('video_platform.pending_change', compilePendingChanges(entities)),
    view('video_platform.migration_dashboard', compileDashboard(entities)),
  ];
  const tables = objects.flatMap(({ create }) => [...create.matchAll(/\bpublic\.(\w+)/g)].map(([, table = '']) => table));
  return { objects, legacyTables: [...new Set(tables)] };
}

function view(name: string, create: string): CompiledObject {
  return { create, drop: `drop view if exists ${name}` };
}

function isReferredTo(entity: Entity): boolean {
  return entities.some(({ columns }) => Object.values(columns).some(({ references }) => references === entity));
}

function hasSums(entity: Entity): entity is Entity & { readonly aggregate: string } {
  return entity.aggregate !== undefined;
}
