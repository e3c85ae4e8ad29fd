import type { Entity } from '../entities/entity.ts';
import { waitsFor } from '../entities/entity.ts';
import { entities } from '../entities/index.ts';
import { compileApply, compileOldestChanges, DROP_CHANGES } from './apply.ts';
import { compileCapture, compilePendingChanges, compileQueueChanges } from './capture.ts';
import { compileCopy, compileNextKey, compileSetAside } from './copy.ts';
import { compileDashboard } from './dashboard.ts';
import { compileEntityMapping } from './entity-mapping.ts';
import { compileProjection, compileSetEmptyKeysAside, projectionName } from './projection.ts';
import { compileRetry } from './retry.ts';
import { compileSumUp, sumUpFunction } from './sums.ts';
import { compileTooLong } from './too-long.ts';
import { compileVerify } from './verify.ts';
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

/** What is compiled, as reviewable text: what `npm run sql` prints and the golden test pins. Ranges that end at a key differ in one condition, copies over rows that are there insert as `apply` does. */
export function compileAll(): string {
  const statements = entities.flatMap((entity) => [
    compileProjection(entity),
    ...(isReferredTo(entity) ? [compileWaitsFor(entity)] : []),
    ...(hasSums(entity) ? [compileSumUp(entity)] : []),
    ...(entity.lookup === undefined
      ? []
      : [`-- refresh the look-up of ${entity.name}\n${entity.lookup.refresh}`, entity.lookup.affectedKeys, entity.lookup.refreshKeys]),
    compileCopy(entity, { bounded: false, occupied: false }),
    compileNextKey(entity, { bounded: false }),
    compileSetAside(entity, { bounded: false }),
    compileTooLong(entity),
    compileRetry(entity),
    compileOldestChanges(entity),
    compileApply(entity),
    compileVerify(entity),
  ]);
  const capture = compileCapture(entities).flatMap(({ install }) => install);
  return `${[
    ...statements,
    ...capture,
    DROP_CHANGES,
    compileQueueChanges(entities),
    compilePendingChanges(entities),
    compileEntityMapping(entities),
    compileDashboard(entities),
    compileSetEmptyKeysAside(entities),
  ].join(';\n\n')};\n`;
}
