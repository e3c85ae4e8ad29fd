import { expect, it } from 'vitest';
import { apiSamples, executionSamples, invocationSamples } from '../../local/cloudwatch/aws-samples.ts';
import type { Invocation } from '../../local/lambda/lambda-runtime.ts';
import { runtimeOf } from '../lambda/bundles.ts';
import { alarm, localCloudWatch } from './local-cloudwatch.ts';

it('counts what Step Functions and an HTTP API count', () => {
  const execution = { stateMachineArn: 'arn:sm', startDate: 10, status: 'FAILED' as const, stopDate: 12.5 };
  expect(executionSamples(execution, 1)).toMatchObject([
    { namespace: 'AWS/States', name: 'ExecutionsFailed', dimensions: { StateMachineArn: 'arn:sm' }, values: [[1, 1]] },
    { name: 'ExecutionTime', values: [[2500, 1]] },
  ]);
  const ofApi = apiSamples({ apiId: 'a', status: 503, latencyMs: 7, atMs: 1 }).filter(({ dimensions }) => dimensions.Stage === undefined);
  expect(Object.fromEntries(ofApi.map(({ name, values }) => [name, values[0]?.[0]]))).toEqual({ Count: 1, '4xx': 0, '5xx': 1, Latency: 7 });
});

it('alarms on a function that fails, and not on one that answers', async () => {
  const invocations: Invocation[] = [];
  const source = 'export const handler = async ({ fail }) => { if (fail) throw new Error("no"); };';
  const { runtime } = await runtimeOf(source, {}, { onInvoked: (invocation) => invocations.push(invocation) });
  await runtime.invoke('copy', { fail: false });
  await runtime.invoke('copy', { fail: true });
  expect(invocations).toEqual([
    { functionName: 'copy', durationMs: expect.any(Number), failed: false },
    { functionName: 'copy', durationMs: expect.any(Number), failed: true },
  ]);
  const Dimensions = [{ Name: 'FunctionName', Value: 'copy' }];
  const { cloudWatch, clock, pass, states } = localCloudWatch([
    alarm('errors', { Namespace: 'AWS/Lambda', MetricName: 'Errors', Dimensions }),
  ]);
  for (const [index, invocation] of invocations.entries()) {
    for (const sample of invocationSamples(invocation, clock())) cloudWatch.record(sample);
    pass(1);
    expect(states()).toEqual({ errors: ['OK', 'ALARM'][index] });
  }
});
