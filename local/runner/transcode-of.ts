import type { Cloud } from '../cloud/start-cloud.ts';
import type { ExecutionDescription } from '../step-functions/describe-execution.ts';

/**
 * Resolves when the execution that S3's event about the object starts has ended, from now on. Its outcome stands in the database.
 * @throws the signal's reason when it is aborted before
 */
export function transcodeOf(
  key: string,
  { stepFunctions, stateMachines }: Pick<Cloud, 'stepFunctions' | 'stateMachines'>,
  signal?: AbortSignal,
): Promise<ExecutionDescription> {
  return new Promise((resolve, reject) => {
    const off = stepFunctions.onExecution((execution) => {
      if (execution.stateMachineArn !== stateMachines.transcode || execution.status === 'RUNNING' || keyOf(execution) !== key) return;
      off();
      resolve(execution);
    });
    const interrupted = () => {
      off();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', interrupted, { once: true });
  });
}

function keyOf({ input }: ExecutionDescription): string | undefined {
  return (JSON.parse(input ?? '{}') as { detail?: { object?: { key?: string } } }).detail?.object?.key;
}
