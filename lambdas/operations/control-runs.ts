import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import { type ControlMigrationOutput, controlMigration } from '../migration/control-migration.ts';
import { RefusedRequestError } from './errors.ts';
import { isRunAtWork } from './run-at-work.ts';

export const ControlRunsInput = z.strictObject({
  action: z.enum(['pause', 'resume', 'cancel']),
  reason: z.string().trim().max(500).optional(),
});
export type ControlRunsInput = z.output<typeof ControlRunsInput>;

/**
 * Pauses, resumes or cancels. A cancel is for the run at work: kept without one it would end the next run, which nobody asked for.
 * @throws {RefusedRequestError} 409 when there is nothing to cancel
 */
export async function controlRuns(db: DataApi, { action, reason }: ControlRunsInput): Promise<ControlMigrationOutput> {
  if (action === 'cancel' && !(await isRunAtWork(db))) throw new RefusedRequestError(409, 'no run is at work, so there is none to cancel');
  return controlMigration({ action, ...(reason ? { reason } : {}) }, { db });
}
