import type { CreateJobRequest } from '@aws-sdk/client-mediaconvert';
import type { AppConfig } from '../appconfig/app-config.ts';
import { AwsError } from '../gateway/aws-error.ts';
import { lambdaInvokeTask } from '../lambda/lambda-invoke-task.ts';
import type { LambdaRuntime } from '../lambda/lambda-runtime.ts';
import type { MediaConvert } from '../mediaconvert/mediaconvert.ts';
import { parsePublish } from '../sns/publish-rules.ts';
import type { Sns } from '../sns/sns.ts';
import { TaskError, type TaskHandler, type TaskHandlers } from '../step-functions/task.ts';

/** What answers the integrations that the definitions use. */
export interface TaskServices {
  readonly lambda: LambdaRuntime;
  readonly mediaConvert: MediaConvert;
  readonly appConfig: Pick<AppConfig, 'startDeployment' | 'getDeployment'>;
  readonly cloudWatch: AlarmReader;
  readonly sns: Pick<Sns, 'publish'>;
}

export interface AlarmReader {
  /** Members as the API spells them, in and out. @throws {AwsError} */
  describeAlarms(input: unknown): unknown;
}

/** What Step Functions may call. A definition that names anything else is refused when it is loaded. */
export function taskHandlers({ lambda, mediaConvert, appConfig, cloudWatch, sns }: TaskServices): TaskHandlers {
  const sdk = 'arn:aws:states:::aws-sdk';
  return {
    'arn:aws:states:::lambda:invoke': lambdaInvokeTask(lambda),
    'arn:aws:states:::mediaconvert:createJob.sync': createJobAndWait(mediaConvert),
    'arn:aws:states:::sns:publish': answering('SNS', (input) => ({ MessageId: sns.publish(publishRequest(input)).messageId })),
    [`${sdk}:appconfig:startDeployment`]: answering('AppConfig', (input) => appConfig.startDeployment(input)),
    [`${sdk}:appconfig:getDeployment`]: answering('AppConfig', (input) => appConfig.getDeployment(input)),
    [`${sdk}:cloudwatch:describeAlarms`]: answering('CloudWatch', (input) => cloudWatch.describeAlarms(input)),
  };
}

/** One call to a service; what it refuses becomes the error that a definition catches: `AppConfig.ConflictException`. */
function answering(service: string, call: (input: unknown) => unknown): TaskHandler {
  return async (parameters) => {
    try {
      return call(parameters);
    } catch (error) {
      if (error instanceof AwsError) throw new TaskError(`${service}.${error.code}`, error.message, { cause: error });
      throw error;
    }
  };
}

/** The integration takes the API's members as values; those without stand-in are refused as on the wire. */
function publishRequest(input: unknown) {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(input as Readonly<Record<string, unknown>>)) {
    form.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return parsePublish(form);
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
