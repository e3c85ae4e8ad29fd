import type { CreateJobRequest } from '@aws-sdk/client-mediaconvert';
import { AwsError } from '../gateway/aws-error.ts';
import { lambdaInvokeTask } from '../lambda/lambda-invoke-task.ts';
import type { LambdaRuntime } from '../lambda/lambda-runtime.ts';
import type { MediaConvert } from '../mediaconvert/mediaconvert.ts';
import { TaskError, type TaskHandler, type TaskHandlers } from '../step-functions/task.ts';

/** What Step Functions may call. A definition that names anything else is refused when it is loaded. */
export function taskHandlers(lambda: LambdaRuntime, mediaConvert: MediaConvert): TaskHandlers {
  return {
    'arn:aws:states:::lambda:invoke': lambdaInvokeTask(lambda),
    'arn:aws:states:::mediaconvert:createJob.sync': createJobAndWait(mediaConvert),
  };
}

/** `.sync` waits for COMPLETE and fails on ERROR and CANCELED; stopping the task cancels the job, as the service tries to. */
function createJobAndWait(mediaConvert: MediaConvert): TaskHandler {
  return async (parameters, { signal, submitted }) => {
    const job = await create(mediaConvert, parameters as CreateJobRequest);
    const id = job.Id ?? '';
    submitted({ Job: job });
    const cancel = () => mediaConvert.cancelJob(id);
    signal.addEventListener('abort', cancel, { once: true });
    try {
      const ended = await mediaConvert.waitForJob(id, signal);
      if (ended.Status !== 'COMPLETE') throw new TaskError('States.TaskFailed', JSON.stringify(ended));
      return { Job: ended };
    } finally {
      signal.removeEventListener('abort', cancel);
    }
  };
}

async function create(mediaConvert: MediaConvert, request: CreateJobRequest) {
  try {
    return await mediaConvert.createJob(request);
  } catch (error) {
    if (error instanceof AwsError) throw new TaskError(`MediaConvert.${error.code}`, error.message, { cause: error });
    throw error;
  }
}
