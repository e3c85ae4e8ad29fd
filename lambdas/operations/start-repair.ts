import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import { RefusedRequestError } from './errors.ts';
import { isRunAtWork } from './run-at-work.ts';

/** A run as the schedule starts it, which also derives anew what verification finds to differ. */
export const StartRepairInput = z.strictObject({ repair: z.literal(true) });

export interface RepairStarted {
  /** The execution's name. */
  readonly execution: string;
}

export interface RepairDependencies {
  readonly db: DataApi;
  readonly sfn: Pick<SFNClient, 'send'>;
  readonly stateMachineArn: string;
  readonly now: () => Date;
}

/**
 * Starts a run that repairs. Its name is that of the minute: pressed twice, or sent twice, it is one execution.
 * @throws {RefusedRequestError} 409 while a run is at work; of two that start at once the lease lets one through
 */
export async function startRepair({ db, sfn, stateMachineArn, now }: RepairDependencies): Promise<RepairStarted> {
  if (await isRunAtWork(db)) throw new RefusedRequestError(409, 'a run is at work and only one may be; wait for its end, or cancel it');
  const execution = `repair-${now().toISOString().slice(0, 16).replaceAll(/[-:]/g, '')}`;
  try {
    await sfn.send(new StartExecutionCommand({ stateMachineArn, name: execution, input: JSON.stringify({ repair: true }) }));
  } catch (error) {
    if (error instanceof ExecutionAlreadyExists)
      throw new RefusedRequestError(409, 'a repair of this minute has ended; try again in the next');
    throw error;
  }
  return { execution };
}
