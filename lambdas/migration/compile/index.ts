import { entities } from '../entities/index.ts';
import { compileApply, compileTakeChanges } from './apply.ts';
import { compileCapture, compilePendingChanges, compileQueueChanges } from './capture.ts';
import { compileCopy, compileNextKey, compileSetAside } from './copy.ts';
import { compileDashboard } from './dashboard.ts';
import { compileEntityMapping } from './entity-mapping.ts';
import { compileProjection, projectionName } from './projection.ts';
import { compileRetry } from './retry.ts';
import { compileVerify } from './verify.ts';

/** A database object that is compiled from the entities and made anew when its text changes. Holds no data. */
export interface CompiledView {
  readonly name: string;
  readonly sql: string;
}

/** What the entities make of the database. */
export interface CompiledSchema {
  /** Each after those it reads. */
  readonly views: readonly CompiledView[];
  /** The tables of LinkPick that the views read. */
  readonly legacyTables: readonly string[];
}

export function compileSchema(): CompiledSchema {
  const views = [
    ...entities.map((entity) => ({ name: projectionName(entity), sql: compileProjection(entity) })),
    { name: 'video_platform.entity_mapping', sql: compileEntityMapping(entities) },
    { name: 'video_platform.pending_change', sql: compilePendingChanges(entities) },
    { name: 'video_platform.migration_dashboard', sql: compileDashboard(entities) },
  ];
  const tables = views.flatMap(({ sql }) => [...sql.matchAll(/\bpublic\.(\w+)/g)].map(([, table = '']) => table));
  return { views, legacyTables: [...new Set(tables)] };
}

/** What is compiled, as reviewable text: what `npm run sql` prints and the golden test pins. Ranges that end at a key differ in one condition. */
export function compileAll(): string {
  const statements = entities.flatMap((entity) => [
    compileProjection(entity),
    ...(entity.lookup === undefined
      ? []
      : [`-- refresh the look-up of ${entity.name}\n${entity.lookup.refresh}`, entity.lookup.refreshKeys]),
    compileCopy(entity, { bounded: false }),
    compileNextKey(entity, { bounded: false }),
    compileSetAside(entity, { bounded: false }),
    compileRetry(entity),
    compileTakeChanges(entity),
    compileApply(entity),
    compileVerify(entity),
  ]);
  const capture = compileCapture(entities).flatMap(({ install }) => install);
  return `${[...statements, ...capture, compileQueueChanges(entities), compilePendingChanges(entities), compileEntityMapping(entities), compileDashboard(entities)].join(';\n\n')};\n`;
}
