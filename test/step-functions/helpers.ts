import type { HistoryEvent } from '../../local/step-functions/history.ts';
import { type MachineSpec, StepFunctions, type StepFunctionsOptions } from '../../local/step-functions/step-functions.ts';
import type { TaskHandlers } from '../../local/step-functions/task.ts';

export const INVOKE = 'arn:aws:states:::lambda:invoke';
export const MACHINE_ARN = 'arn:aws:states:ap-northeast-2:123456789012:stateMachine:machine';

/** A Task that `lambda:invoke` answers. */
export function task(fields: Record<string, unknown> = {}) {
  return { Type: 'Task', Resource: INVOKE, TimeoutSeconds: 5, ...('Next' in fields ? {} : { End: true }), ...fields };
}

/** A machine whose first state is the first one given. */
export function machine(states: Record<string, unknown>, fields: Record<string, unknown> = {}): MachineSpec {
  return {
    name: 'machine',
    arn: MACHINE_ARN,
    roleArn: 'arn:aws:iam::123456789012:role/machine',
    definition: { StartAt: Object.keys(states)[0], States: states, ...fields },
  };
}

export function service(spec: MachineSpec, tasks: TaskHandlers = {}, options: Partial<StepFunctionsOptions> = {}): StepFunctions {
  return new StepFunctions({
    machines: [spec],
    tasks: { [INVOKE]: async (parameters) => parameters, ...tasks },
    region: 'ap-northeast-2',
    accountId: '123456789012',
    retryDelayMs: 1,
    ...options,
  });
}

/** Runs one execution to its end and answers its description, parsed output and history. */
export async function execute(stepFunctions: StepFunctions, input: unknown = {}) {
  const { executionArn } = stepFunctions.startExecution({ stateMachineArn: MACHINE_ARN, input });
  const description = await stepFunctions.waitForExecution(executionArn);
  const { events } = (await call(stepFunctions, 'GetExecutionHistory', { executionArn, maxResults: 1000 })) as { events: HistoryEvent[] };
  return {
    ...description,
    output: description.output === undefined ? undefined : JSON.parse(description.output),
    events,
    types: events.map(({ type }) => type),
  };
}

/** One call over the wire format, without the wire. */
export async function call(stepFunctions: StepFunctions, operation: string, body: unknown): Promise<unknown> {
  const headers = { 'x-amz-target': `AWSStepFunctions.${operation}` };
  const response = await stepFunctions.handle({
    method: 'POST',
    path: '/',
    query: new URLSearchParams(),
    headers,
    body: Buffer.from(JSON.stringify(body)),
  });
  return JSON.parse(JSON.stringify(response.body));
}
