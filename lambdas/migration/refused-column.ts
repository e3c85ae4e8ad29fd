import type { DataApi } from '../data-api/data-api.ts';
import { compileTooLong } from './compile/too-long.ts';
import type { Entity } from './entities/entity.ts';
import { isProjectedTwice, type Refusal } from './refusal.ts';

/** The refusal of the row with that legacy key, with the column at fault where the database tells: the legacy one, or the target's where none stands for it. */
export async function withColumn(db: DataApi, entity: Entity, key: string, refusal: Refusal): Promise<Refusal> {
  if (refusal.column !== undefined) return refusal;
  if (isProjectedTwice(refusal)) return projectedTwice(entity, refusal);
  const targets = refusal.class === 'TOO_LONG' ? await tooLong(db, entity, key) : columnsNamed(refusal.message, entity);
  const columns = targets.map((target) => entity.columns[target]?.refusal?.column ?? target);
  return columns.length === 0 ? refusal : { ...refusal, column: columns.join(', ') };
}

function projectedTwice({ legacy }: Entity, refusal: Refusal): Refusal {
  const joined = Object.entries(legacy.alsoReads ?? {});
  const tables = joined.length === 0 ? legacy.table : joined.map(([table]) => table).join(', ');
  const columns = joined.length === 0 ? legacy.key : joined.map(([, column]) => column).join(', ');
  return { ...refusal, column: columns, message: `more than one row of ${tables} has this key` };
}

async function tooLong(db: DataApi, entity: Entity, key: string): Promise<readonly string[]> {
  const rows = await db.query<{ column: string }>(compileTooLong(entity), { key });
  return rows.map(({ column }) => column);
}

/** The target columns that PostgreSQL's message names, by themselves or in the constraint's name, which has them between the table and its kind. */
export function columnsNamed(message: string, { target, columns }: Pick<Entity, 'target' | 'columns'>): readonly string[] {
  const column = /in column "([^"]+)"/.exec(message)?.[1];
  if (column !== undefined) return [column];
  const constraint = /constraint "([^"]+)"/.exec(message)?.[1] ?? '';
  if (constraint === `${target.table}_pkey`) return [target.key];
  const between = new RegExp(`^${target.table}_(.+)_(?:key|fkey|check)$`).exec(constraint)?.[1] ?? '';
  // The longest first: user_id is no "id".
  const names = Object.keys(columns).sort((left, right) => right.length - left.length);
  return Array.from(between.matchAll(new RegExp(`(?:^|_)(${names.join('|')})(?=_|$)`, 'g')), ([, name = '']) => name);
}
