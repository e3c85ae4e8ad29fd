import { randomUUID } from 'node:crypto';
import { AwsError } from '../gateway/aws-error.ts';
import { TaskError, type TaskHandler } from '../step-functions/task.ts';
import type { LambdaRuntime } from './lambda-runtime.ts';

const PARAMETERS = ['FunctionName', 'Payload', 'InvocationType'];

/** Answers `arn:aws:states:::lambda:invoke`, in the envelope of the integration; a function's error becomes the task's. */
export function lambdaInvokeTask(runtime: LambdaRuntime): TaskHandler {
  return async (parameters, { signal }) => {
    const { FunctionName, Payload = {}, InvocationType = 'RequestResponse', ...others } = parameters as Record<string, unknown>;
    const [other] = Object.keys(others);
    if (other !== undefined || InvocationType !== 'RequestResponse') {
      const found = other === undefined ? `InvocationType ${InvocationType}` : `the parameter ${other}`;
      throw new TaskError(
        'States.Runtime',
        `lambda:invoke has no stand-in for ${found}; use ${PARAMETERS.join(', ')}, and invoke synchronously`,
      );
    }
    const result = await invoke(runtime, String(FunctionName), Payload, signal);
    if (result.functionError !== undefined) throw new TaskError(result.payload.errorType, JSON.stringify(result.payload));
    return envelope(result.payload);
  };
}

async function invoke(runtime: LambdaRuntime, name: string, payload: unknown, signal: AbortSignal) {
  try {
    return await runtime.invoke(name, payload, { signal });
  } catch (error) {
    // The AWS SDK integration's prefix and the service's exception name.
    if (error instanceof AwsError) throw new TaskError(`Lambda.${error.code}`, error.message, { cause: error });
    throw error;
  }
}

function envelope(payload: unknown) {
  const requestId = randomUUID();
  const headers = { 'Content-Type': 'application/json', 'X-Amz-Executed-Version': '$LATEST', 'x-amzn-RequestId': requestId };
  return {
    ExecutedVersion: '$LATEST',
    Payload: payload,
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
      HttpHeaders: headers,
      HttpStatusCode: 200,
    },
    SdkResponseMetadata: { RequestId: requestId },
    StatusCode: 200,
  };
}
