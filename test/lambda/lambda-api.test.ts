import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { expect, it, onTestFinished } from 'vitest';
import { Gateway } from '../../local/gateway/gateway.ts';
import { lambdaInvokeTask } from '../../local/lambda/lambda-invoke-task.ts';
import type { LambdaRuntime } from '../../local/lambda/lambda-runtime.ts';
import { TaskError } from '../../local/step-functions/task.ts';
import { ARN, runtimeOf } from './bundles.ts';

const echoOrFail = `export const handler = async (event) => { if (event.fail) throw Object.assign(new Error('no'), { name: 'QuotaUsedUpError' }); return { echo: event }; };`;

async function clientOf(runtime: LambdaRuntime): Promise<LambdaClient> {
  const gateway = new Gateway({ services: new Map([['lambda', runtime]]), web: (_, response) => void response.end(), onError: () => {} });
  const endpoint = await gateway.listen(0);
  const client = new LambdaClient({ endpoint, region: 'ap-northeast-2', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } });
  onTestFinished(async () => {
    client.destroy();
    await gateway.close();
  });
  return client;
}

it('speaks to the AWS SDK: result, function error, unknown function, asynchronous, list', async () => {
  const { runtime, lines } = await runtimeOf(echoOrFail);
  const client = await clientOf(runtime);
  const invoke = (event: unknown, fields = {}) =>
    client.send(new InvokeCommand({ FunctionName: 'copy', Payload: JSON.stringify(event), ...fields }));
  const good = await invoke({ a: 1 });
  expect({ status: good.StatusCode, error: good.FunctionError, version: good.ExecutedVersion }).toEqual({
    status: 200,
    error: undefined,
    version: '$LATEST',
  });
  expect(good.Payload?.transformToString()).toBe('{"echo":{"a":1}}');
  const failed = await invoke({ fail: true });
  expect(failed).toMatchObject({ StatusCode: 200, FunctionError: 'Unhandled' });
  expect(JSON.parse(failed.Payload?.transformToString() ?? '')).toMatchObject({ errorType: 'QuotaUsedUpError', errorMessage: 'no' });
  await expect(invoke({}, { FunctionName: 'none' })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    $metadata: { httpStatusCode: 404 },
  });
  expect(await invoke({ fail: true }, { InvocationType: 'Event' })).toMatchObject({ StatusCode: 202 });
  await expect.poll(() => lines.join()).toContain('QuotaUsedUpError');
  const { Functions } = await client.send(new ListFunctionsCommand({}));
  expect(Functions).toMatchObject([{ FunctionName: 'copy', FunctionArn: ARN, Timeout: 10, MemorySize: 128 }]);
});

const context = {
  signal: new AbortController().signal,
  executionArn: 'arn',
  stateName: 'Copy',
  resource: 'arn:aws:states:::lambda:invoke',
  submitted: () => {},
};

it.each(['copy', ARN, `${ARN}:$LATEST`, 'copy:live', '123456789012:function:copy'])(
  'answers lambda:invoke of %s in the envelope of the integration',
  async (FunctionName) => {
    const { runtime } = await runtimeOf(echoOrFail);
    expect(await lambdaInvokeTask(runtime)({ FunctionName, Payload: { a: 1 } }, context)).toEqual({
      ExecutedVersion: '$LATEST',
      Payload: { echo: { a: 1 } },
      SdkHttpMetadata: expect.objectContaining({ HttpStatusCode: 200 }),
      SdkResponseMetadata: { RequestId: expect.any(String) },
      StatusCode: 200,
    });
  },
);

it("makes a function's error the task's, with the runtime's JSON as its cause", async () => {
  const { runtime } = await runtimeOf(echoOrFail);
  const error = await lambdaInvokeTask(runtime)({ FunctionName: 'copy', Payload: { fail: true } }, context).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TaskError);
  expect(error).toMatchObject({ name: 'QuotaUsedUpError' });
  expect(JSON.parse((error as Error).message)).toMatchObject({
    errorType: 'QuotaUsedUpError',
    errorMessage: 'no',
    trace: expect.any(Array),
  });
});

it('names what lambda:invoke cannot find or do', async () => {
  const { runtime } = await runtimeOf(echoOrFail);
  await expect(lambdaInvokeTask(runtime)({ FunctionName: 'none' }, context)).rejects.toMatchObject({
    name: 'Lambda.ResourceNotFoundException',
  });
  await expect(lambdaInvokeTask(runtime)({ FunctionName: 'copy', ClientContext: 'x' }, context)).rejects.toThrow(/ClientContext/);
});
