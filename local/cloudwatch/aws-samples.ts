import type { Invocation } from '../lambda/lambda-runtime.ts';
import type { ExecutionDescription } from '../step-functions/describe-execution.ts';
import type { Sample } from './metric.ts';

const EXECUTION_METRICS: Readonly<Record<string, string>> = {
  RUNNING: 'ExecutionsStarted',
  SUCCEEDED: 'ExecutionsSucceeded',
  FAILED: 'ExecutionsFailed',
  TIMED_OUT: 'ExecutionsTimedOut',
  ABORTED: 'ExecutionsAborted',
};

/** What Step Functions counts when an execution starts and when it ends. Source: its developer guide, CloudWatch metrics. */
export function executionSamples(
  { status, stateMachineArn, startDate, stopDate }: Pick<ExecutionDescription, 'status' | 'stateMachineArn' | 'startDate' | 'stopDate'>,
  atMs: number,
): readonly Sample[] {
  const shared = { namespace: 'AWS/States', dimensions: { StateMachineArn: stateMachineArn }, atMs };
  const name = EXECUTION_METRICS[status];
  const counted: Sample[] = name === undefined ? [] : [{ ...shared, name, values: [[1, 1]] }];
  if (stopDate === undefined) return counted;
  return [...counted, { ...shared, name: 'ExecutionTime', values: [[(stopDate - startDate) * 1000, 1]] }];
}

/**
 * What an HTTP API counts for a request, once for the API and once for its one stage. Errors are counted for every request, as 0 where there was
 * none, so that an average is a rate. Source: API Gateway developer guide, metrics of HTTP APIs.
 */
export function apiSamples(request: { apiId: string; status: number; latencyMs: number; atMs: number }): readonly Sample[] {
  const { apiId, status, latencyMs, atMs } = request;
  const values = { Count: 1, '4xx': status >= 400 && status < 500 ? 1 : 0, '5xx': status >= 500 ? 1 : 0, Latency: latencyMs };
  const perDimensions: readonly Sample['dimensions'][] = [{ ApiId: apiId }, { ApiId: apiId, Stage: '$default' }];
  return perDimensions.flatMap((dimensions) =>
    Object.entries(values).map(([name, value]): Sample => ({ namespace: 'AWS/ApiGateway', name, dimensions, atMs, values: [[value, 1]] })),
  );
}

/** What Lambda counts for an invocation; nothing is throttled here. Source: its developer guide, types of metrics. */
export function invocationSamples({ functionName, durationMs, failed }: Invocation, atMs: number): readonly Sample[] {
  const values = { Invocations: 1, Errors: failed ? 1 : 0, Duration: durationMs, Throttles: 0 };
  const dimensions = { FunctionName: functionName };
  return Object.entries(values).map(([name, value]): Sample => ({ namespace: 'AWS/Lambda', name, dimensions, atMs, values: [[value, 1]] }));
}
