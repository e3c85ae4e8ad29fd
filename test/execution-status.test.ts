import { ExecutionDoesNotExist, type SFNClient } from '@aws-sdk/client-sfn';
import { describe, expect, it } from 'vitest';
import { ExecutionNotKnownYetError, executionState, executionStatus } from '../lambdas/execution-status.ts';

const ARN = 'arn:aws:states:ap-northeast-2:123456789012:execution:transcode:e';

/** Answers DescribeExecution; undefined: there is none. */
const client = (status: string | undefined) =>
  ({
    send: async () => {
      if (status === undefined) throw new ExecutionDoesNotExist({ message: 'Execution Does Not Exist', $metadata: {} });
      return { status };
    },
  }) as unknown as SFNClient;

describe('an execution', () => {
  it.each([
    ['RUNNING', 'running', true],
    ['PENDING_REDRIVE', 'running', true],
    ['ABORTED', 'stopped', false],
    ['FAILED', 'ended', false],
    ['SUCCEEDED', 'ended', false],
    ['TIMED_OUT', 'ended', false],
    [undefined, 'unknown', false],
  ] as const)('that is %s is %s', async (status, state, runs) => {
    expect(await executionState(client(status))(ARN)).toBe(state);
    expect(await executionStatus(client(status))(ARN)).toBe(runs);
  });

  it('that Step Functions does not know counts as gone only when what it holds is two minutes old', async () => {
    const isRunning = executionStatus(client(undefined));
    await expect(isRunning(ARN, 0.02)).rejects.toThrow(ExecutionNotKnownYetError);
    await expect(isRunning(ARN, 119)).rejects.toThrow(/has held this for 119 s; it counts as gone after 120 s/);
    expect(await isRunning(ARN, 120)).toBe(false);
    expect(await executionStatus(client('FAILED'))(ARN, 0.02)).toBe(false);
  });

  it('of which nothing can be learnt is no answer', async () => {
    const broken = { send: async () => Promise.reject(new Error('throttled')) } as unknown as SFNClient;
    await expect(executionStatus(broken)(ARN, 500)).rejects.toThrow('throttled');
  });
});
