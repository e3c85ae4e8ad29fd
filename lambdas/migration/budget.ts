import type { DataApi, Row } from '../data-api/data-api.ts';
import { legacyRows } from './compile/projection.ts';
import { entityNamed } from './entities/index.ts';
import type { Pause } from './pause.ts';
import type { Budget, Settings } from './settings.ts';

interface ClassSize extends Row {
  readonly reason: string;
  readonly size: number;
}

/** The first reason class of the entity whose quarantine is over its budget. A budget is used up when every limit it names is passed. */
export async function overBudget(db: DataApi, entity: string, budgets: Settings['budgets'], now: () => Date): Promise<Pause | undefined> {
  if (Object.keys(budgets).length === 0) return undefined;
  const sizes = await db.query<ClassSize>(
    `select q.reason, count(*)::int as size from video_platform.quarantine q where q.entity_type = :entity group by q.reason order by q.reason`,
    { entity },
  );
  for (const { reason, size } of sizes) {
    const threshold = await passedThreshold(db, entity, size, budgets[reason] ?? budgets['*']);
    if (threshold !== undefined)
      return { reason: `QUARANTINE_BUDGET: ${entity} ${reason}`, value: size, threshold, since: now().toISOString() };
  }
  return undefined;
}

/** The highest limit of the budget, in rows; undefined unless `size` rows pass all it names. The total is asked for when nothing else decides. */
async function passedThreshold(db: DataApi, entity: string, size: number, budget: Budget = {}): Promise<number | undefined> {
  const { rows, percent } = budget;
  if (rows !== undefined && size <= rows) return undefined;
  if (percent === undefined) return rows;
  const limit = (percent / 100) * (await countRows(db, entity, enoughRows(size, percent)));
  return size > limit ? Math.max(rows ?? 0, limit) : undefined;
}

/** With so many legacy rows, `size` of them are no more than `percent`, and further ones change nothing. */
function enoughRows(size: number, percent: number): number {
  return Math.min(Math.ceil((size * 100) / percent) + 1, Number.MAX_SAFE_INTEGER);
}

/** The entity's legacy rows, counted up to `atMost`: a check costs as much as there is in quarantine, not as much as there is in the table. */
async function countRows(db: DataApi, entity: string, atMost: number): Promise<number> {
  const { from, conditions } = legacyRows(entityNamed(entity));
  const where = conditions.length === 0 ? '' : ` where ${conditions.join(' and ')}`;
  const [counted] = await db.query<{ total: number }>(
    `select count(*)::int8 as total from (select from ${from}${where} limit :atMost::int8) legacy_rows`,
    { atMost },
  );
  return counted?.total ?? 0;
}
