import type { DataApi } from '../data-api/data-api.ts';
import { logger } from '../step.ts';
import { compileSharedHandles } from './compile/forecast.ts';
import type { NarrowColumns } from './compile/narrow-columns.ts';
import { isStatementTimeout } from './statement-timeout.ts';

/** Pending channels that get a handle with a suffix. Null when they could not be counted in time: nothing stops for want of the number. */
export async function readSharedHandles(db: DataApi, narrow: NarrowColumns): Promise<number | null> {
  try {
    const [shared] = await db.query<{ channels: number }>(compileSharedHandles(narrow));
    return shared?.channels ?? 0;
  } catch (error) {
    if (!isStatementTimeout(error)) throw error;
    logger.warn('the handles that more than one channel asks for could not be counted in time');
    return null;
  }
}
