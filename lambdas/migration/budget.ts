import type { DataApi, Row } from '../data-api/data-api.ts';
import type { Pause } from './pause.ts';
import type { Settings } from './settings.ts';

interface ClassSize extends Row {
  readonly reason: string;
  readonly size: number;
  readonly total: number;
}

/** The first reason class of the entity whose quarantine is over its budget. A budget is used up when every limit it names is passed. */
export async function overBudget(db: DataApi, entity: string, budgets: Settings['budgets'], now: () => Date): Promise<Pause | undefined> {
  const sizes = await db.query<ClassSize>(
    `select q.reason, count(*)::int as size, (select total::int from video_platform.migration_dashboard where entity_type = :entity) as total
     from video_platform.quarantine q where q.entity_type = :entity group by q.reason order by q.reason`,
    { entity },
  );
  for (const { reason, size, total } of sizes) {
    const budget = budgets[reason] ?? budgets['*'];
    if (budget === undefined) continue;
    const limits = [budget.rows, budget.percent === undefined ? undefined : (budget.percent / 100) * total].filter(
      (limit) => limit !== undefined,
    );
    if (limits.length > 0 && limits.every((limit) => size > limit)) {
      return { reason: `QUARANTINE_BUDGET: ${entity} ${reason}`, value: size, threshold: Math.max(...limits), since: now().toISOString() };
    }
  }
  return undefined;
}
