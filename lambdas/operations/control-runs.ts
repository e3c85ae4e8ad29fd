import { z } from 'zod';
import type { DataApi, Row } from '../data-api/data-api.ts';
import { type ControlMigrationOutput, controlMigration } from '../migration/control-migration.ts';
import { RefusedRequestError } from './errors.ts';

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
  if (action === 'cancel' && !(await isRunning(db))) throw new RefusedRequestError(409, 'no run is at work, so there is none to cancel');
  return controlMigration({ action, ...(reason ? { reason } : {}) }, { db });
}

async function isRunning(db: DataApi): Promise<boolean> {
  const [found] = await db.query<Row & { running: boolean }>(
    `select exists (select from video_platform.migration_run where status = 'running') as running`,
  );
  return found?.running === true;
}
