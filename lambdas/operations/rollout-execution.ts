import { DescribeExecutionCommand, ExecutionDoesNotExist, type SFNClient } from '@aws-sdk/client-sfn';
import { z } from 'zod';
import { causeText } from '../rollout/cause-text.ts';
import { RefusedRequestError } from './errors.ts';
import type { DryRunReport, RolloutExecution } from './rollout-status.ts';

/** As this console and people name executions; Step Functions allows more. */
export const ExecutionName = z.string().regex(/^[\w.-]{1,80}$/, 'expected the name of an execution');

/** The query of `GET /api/operations/rollout/execution`. */
export const RolloutExecutionQuery = z.strictObject({ name: ExecutionName });
export type RolloutExecutionQuery = z.output<typeof RolloutExecutionQuery>;

/** Enough of the machine's output to know it by; the machine is ours, what else is in it is as the types say. */
const DryRunOutput = z.looseObject({ outcome: z.literal('dry run'), gates: z.array(z.unknown()), changes: z.array(z.unknown()) });

const STATES: Readonly<Record<string, RolloutExecution['status']>> = {
  RUNNING: 'running',
  PENDING_REDRIVE: 'running',
  SUCCEEDED: 'succeeded',
  ABORTED: 'stopped',
};

/**
 * How an execution of the rollout's machine ended, or that it has not; of a dry run, what it found.
 * @throws {RefusedRequestError} 404 when there is none of this name
 */
export async function readRolloutExecution(
  { name }: RolloutExecutionQuery,
  { sfn, stateMachineArn }: { readonly sfn: Pick<SFNClient, 'send'>; readonly stateMachineArn: string },
): Promise<RolloutExecution> {
  const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${name}`;
  const { status = '', output, error, cause } = await describe(sfn, executionArn);
  const state = STATES[status] ?? 'failed';
  return {
    execution: name,
    status: state,
    report: state === 'succeeded' && output !== undefined ? reportOf(output) : null,
    error: state === 'failed' || state === 'stopped' ? { name: error ?? status, cause: causeText(cause) } : null,
  };
}

async function describe(sfn: Pick<SFNClient, 'send'>, executionArn: string) {
  try {
    return await sfn.send(new DescribeExecutionCommand({ executionArn }));
  } catch (error) {
    if (error instanceof ExecutionDoesNotExist) throw new RefusedRequestError(404, 'there is no such execution');
    throw error;
  }
}

function reportOf(output: string): DryRunReport | null {
  const parsed = DryRunOutput.safeParse(JSON.parse(output));
  return parsed.success ? (parsed.data as unknown as DryRunReport) : null;
}
