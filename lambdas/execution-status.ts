import { DescribeExecutionCommand, ExecutionDoesNotExist, type SFNClient } from '@aws-sdk/client-sfn';

/** Tells whether an execution still runs. One that Step Functions does not know (any more) does not. */
export type IsExecutionRunning = (executionArn: string) => Promise<boolean>;

/**
 * Step Functions is the truth about who is alive: what an execution holds (a run's lease, an upload's claim) is free once it has ended,
 * however it ended. No clock, no lease time to guess.
 */
export function executionStatus(client: SFNClient): IsExecutionRunning {
  return async (executionArn) => {
    try {
      const { status } = await client.send(new DescribeExecutionCommand({ executionArn, includedData: 'METADATA_ONLY' }));
      return status === 'RUNNING' || status === 'PENDING_REDRIVE';
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return false;
      throw error;
    }
  };
}
