import { DescribeExecutionCommand, ExecutionDoesNotExist, type SFNClient } from '@aws-sdk/client-sfn';

/** How an execution stands: still at work, stopped by a person, or ended in any other way (or too long ago to be known). */
export type ExecutionEnd = 'running' | 'stopped' | 'ended';

export type ReadExecutionEnd = (executionArn: string) => Promise<ExecutionEnd>;

export function executionEnd(client: SFNClient): ReadExecutionEnd {
  return async (executionArn) => {
    try {
      const { status } = await client.send(new DescribeExecutionCommand({ executionArn, includedData: 'METADATA_ONLY' }));
      if (status === 'RUNNING' || status === 'PENDING_REDRIVE') return 'running';
      return status === 'ABORTED' ? 'stopped' : 'ended';
    } catch (error) {
      if (error instanceof ExecutionDoesNotExist) return 'ended';
      throw error;
    }
  };
}
