import { entities } from '../entities/index.ts';
import { compileCopy, compileNextKey, compileSetAside } from './copy.ts';
import { compileDashboard } from './dashboard.ts';
import { compileProjection, projectionName } from './projection.ts';
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
    { name: 'video_platform.migration_dashboard', sql: compileDashboard(entities) },
  ];
  const tables = views.flatMap(({ sql }) => [...sql.matchAll(/\bpublic\.(\w+)/g)].map(([, table = '']) => table));
  return { views, legacyTables: [...new Set(tables)] };
}

/** Everything that is compiled, as reviewable text: what `npm run sql` prints and the golden test pins. */
export function compileAll(): string {
  const statements = entities.flatMap((entity) => [
    compileProjection(entity),
    ...(entity.prepare === undefined ? [] : [`-- prepare ${entity.name}\n${entity.prepare}`]),
    compileCopy(entity),
    compileNextKey(entity),
    compileSetAside(entity),
    compileVerify(entity),
  ]);
  return `${[...statements, compileDashboard(entities)].join(';\n\n')};\n`;
}
