import { DescribeExecutionCommand, ExecutionDoesNotExist, type SFNClient } from '@aws-sdk/client-sfn';

/** How an execution stands: at work, stopped by a person, ended in any other way, or none that Step Functions knows. */
export type ExecutionState = 'running' | 'stopped' | 'ended' | 'unknown';

export type ReadExecutionState = (executionArn: string) => Promise<ExecutionState>;

export function executionState(client: SFNClient): ReadExecutionState {
  return async (executionArn) => {
    try {
      const { status } = await client.send(new DescribeExecutionCommand({ executionArn, includedData: 'METADATA_ONLY' }));
      if (status === 'RUNNING' || status === 'PENDING_REDRIVE') return 'running';
      return status === 'ABORTED' ? 'stopped' : 'ended';
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return 'unknown';
      throw error;
    }
  };
}

/** DescribeExecution is eventually consistent: an execution that has just begun may not be known yet. By then it is. */
const KNOWN_AFTER_SECONDS = 120;

/** What holds something is not known to Step Functions, and so new that it may only not be known yet. Retried until it is older. */
export class ExecutionNotKnownYetError extends Error {
  override readonly name = 'ExecutionNotKnownYetError';

  constructor(executionArn: string, heldSeconds: number) {
    super(
      `Step Functions does not know the execution ${executionArn}, which has held this for ${Math.floor(heldSeconds)} s; ` +
        `it counts as gone after ${KNOWN_AFTER_SECONDS} s, so ask again`,
    );
  }
}

/**
 * Tells whether an execution still runs. `heldSeconds`: for how long, by the database's clock, it has held what somebody else asks for.
 * @throws {ExecutionNotKnownYetError} when it is not known but has held it for less than two minutes
 */
export type IsExecutionRunning = (executionArn: string, heldSeconds?: number) => Promise<boolean>;

/**
 * Step Functions is the truth about who is alive: what an execution holds (a run's lease, an upload's claim) is free once it has ended,
 * however it ended. No lease time to guess. One that is not known any more (90 days) does not run.
 */
export function executionStatus(client: SFNClient): IsExecutionRunning {
  const read = executionState(client);
  return async (executionArn, heldSeconds = Number.POSITIVE_INFINITY) => {
    const state = await read(executionArn);
    if (state === 'unknown' && heldSeconds < KNOWN_AFTER_SECONDS) throw new ExecutionNotKnownYetError(executionArn, heldSeconds);
    return state === 'running';
  };
}
