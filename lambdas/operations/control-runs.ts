import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import { type ControlMigrationOutput, controlMigration } from '../migration/control-migration.ts';
import { NoRunToCancelError } from '../migration/errors.ts';
import { RefusedRequestError } from './errors.ts';

export const ControlRunsInput = z.strictObject({
  action: z.enum(['pause', 'resume', 'cancel']),
  reason: z.string().trim().max(500).optional(),
});
export type ControlRunsInput = z.output<typeof ControlRunsInput>;

/** Pauses, resumes or cancels. @throws {RefusedRequestError} 409 when there is nothing to cancel */
export async function controlRuns(db: DataApi, { action, reason }: ControlRunsInput): Promise<ControlMigrationOutput> {
  try {
    return await controlMigration({ action, ...(reason ? { reason } : {}) }, { db });
  } catch (error) {
    if (error instanceof NoRunToCancelError) throw new RefusedRequestError(409, error.message);
    throw error;
  }
}
