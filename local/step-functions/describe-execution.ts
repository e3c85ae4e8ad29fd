import type { Execution, ExecutionStatus } from './execution.ts';

/** `DescribeExecution`'s answer; dates in epoch seconds. */
export interface ExecutionDescription {
  readonly executionArn: string;
  readonly stateMachineArn: string;
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly startDate: number;
  readonly stopDate?: number;
  readonly input?: string;
  readonly inputDetails?: { readonly included: boolean };
  /** Only when it succeeded. */
  readonly output?: string;
  readonly outputDetails?: { readonly included: boolean };
  readonly error?: string;
  readonly cause?: string;
  readonly redriveCount: number;
  readonly redriveStatus: 'NOT_REDRIVABLE';
  readonly redriveStatusReason: string;
}

export function describeExecution(execution: Execution, { includeData = true } = {}): ExecutionDescription {
  const { options, status, startMs, stopMs, output, error, cause } = execution;
  return {
    executionArn: options.arn,
    stateMachineArn: options.machine.arn,
    name: options.name,
    status,
    startDate: startMs / 1000,
    ...(stopMs !== undefined && { stopDate: stopMs / 1000 }),
    ...(includeData && { input: options.input, inputDetails: { included: true } }),
    ...(includeData && output !== undefined && { output, outputDetails: { included: true } }),
    ...(error !== undefined && { error }),
    ...(cause !== undefined && { cause }),
    redriveCount: 0,
    redriveStatus: 'NOT_REDRIVABLE',
    redriveStatusReason: 'Redrive has no stand-in; start a new execution with the same input',
  };
}

/** The service leaves input and output out of an event that would be larger. */
const MAX_EVENT_BYTES = 248 * 1024;

/** The event `Step Functions Execution Status Change`, ready for EventBridge: dates in epoch milliseconds, input and output as text. */
export function executionStatusChangeEvent(description: ExecutionDescription) {
  const { executionArn, startDate, stopDate, input = '{}', output, error, cause, ...rest } = description;
  const included = Buffer.byteLength(input) + Buffer.byteLength(output ?? '') <= MAX_EVENT_BYTES;
  return {
    source: 'aws.states',
    'detail-type': 'Step Functions Execution Status Change',
    resources: [executionArn],
    detail: {
      ...rest,
      executionArn,
      startDate: Math.round(startDate * 1000),
      stopDate: stopDate === undefined ? null : Math.round(stopDate * 1000),
      input: included ? input : null,
      inputDetails: { included },
      output: included ? (output ?? null) : null,
      outputDetails: output === undefined ? null : { included },
      error: error ?? null,
      cause: cause ?? null,
    },
  };
}
