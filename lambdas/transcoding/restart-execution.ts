import { DescribeExecutionCommand, ExecutionDoesNotExist, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';

/** Starts another execution with the input of one that has ended. False: Step Functions no longer knows it (90 days). */
export type RestartExecution = (executionArn: string) => Promise<boolean>;

export function restartExecution(client: SFNClient): RestartExecution {
  return async (executionArn) => {
    const ended = await client.send(new DescribeExecutionCommand({ executionArn })).catch((error: unknown) => {
      if (error instanceof ExecutionDoesNotExist) return undefined;
      throw error;
    });
    if (ended === undefined) return false;
    await client.send(new StartExecutionCommand({ stateMachineArn: ended.stateMachineArn, input: ended.input }));
    return true;
  };
}
