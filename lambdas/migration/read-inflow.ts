import type { DataApi } from '../data-api/data-api.ts';
import { logger } from '../step.ts';
import { compileInflow } from './compile/inflow.ts';
import { entities } from './entities/index.ts';
import { isStatementTimeout } from './statement-timeout.ts';

/** Legacy rows that came in per day over the last week, of all entities. Null when they could not be counted in time: nothing stops for want of the number. */
export async function readInflow(db: DataApi): Promise<number | null> {
  const inflows = entities.map((entity) => `(\n${compileInflow(entity)}\n)`);
  try {
    const [inflow] = await db.query<{ rows_per_day: number }>(
      `select round(sum(rows_per_day)::numeric, 1)::float8 as rows_per_day from (${inflows.join(' union all ')}) inflows`,
    );
    return inflow?.rows_per_day ?? 0;
  } catch (error) {
    if (!isStatementTimeout(error)) throw error;
    logger.warn('the rows that come in a day could not be counted in time');
    return null;
  }
}
