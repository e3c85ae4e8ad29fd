import { ExecutionDoesNotExist, type SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import { runningRollout } from '../rollout/rollout-history.ts';
import { RefusedRequestError } from './errors.ts';
import { ExecutionName } from './rollout-execution.ts';

/** The one that the operator saw: another may have begun since. */
export const StopRolloutInput = z.strictObject({ execution: ExecutionName, reason: z.string().trim().max(500).optional() });
export type StopRolloutInput = z.output<typeof StopRolloutInput>;

export interface RolloutStopped {
  /** The execution's name. */
  readonly execution: string;
}

/**
 * Stops the rollout at work. That its execution ended is told to `release-rollout`, which takes the deployment back, and with it the flags.
 * @throws {RefusedRequestError} 409 when it is not the one at work
 */
export async function stopRollout(
  { execution, reason }: StopRolloutInput,
  { db, sfn }: { readonly db: DataApi; readonly sfn: Pick<SFNClient, 'send'> },
): Promise<RolloutStopped> {
  const running = await runningRollout(db);
  if (running === undefined) throw new RefusedRequestError(409, 'no rollout is at work, so there is none to stop');
  if (!running.executionArn.endsWith(`:${execution}`))
    throw new RefusedRequestError(409, `another rollout is at work, of phase ${running.phase}; look at it before you stop it`);
  const cause = `an operator stopped it${reason ? `: ${reason}` : ''}`;
  try {
    await sfn.send(new StopExecutionCommand({ executionArn: running.executionArn, error: 'StoppedByOperator', cause }));
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist)
      throw new RefusedRequestError(409, 'its execution is gone already; the next rollout takes over from it');
    throw error;
  }
  return { execution };
}
