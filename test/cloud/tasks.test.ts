import { describe, expect, it, vi } from 'vitest';
import { type TaskServices, taskHandlers } from '../../local/cloud/tasks.ts';
import { AwsError } from '../../local/gateway/aws-error.ts';
import type { MediaConvert } from '../../local/mediaconvert/mediaconvert.ts';
import { TaskError } from '../../local/step-functions/task.ts';

const SDK = 'arn:aws:states:::aws-sdk';
const CREATE_JOB = 'arn:aws:states:::mediaconvert:createJob.sync';

/** A MediaConvert whose one job ends when the test says so. */
function fakeMediaConvert(create: () => Promise<{ Id: string }> = async () => ({ Id: 'job-1' })) {
  const ended = Promise.withResolvers<{ Id: string; Status: string; ErrorCode?: number }>();
  const cancelled: string[] = [];
  const fake = {
    createJob: create,
    cancelJob: (id: string) => cancelled.push(id),
    waitForJob: (_id: string, signal: AbortSignal) =>
      Promise.race([
        ended.promise,
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
      ]),
  };
  return { mediaConvert: fake as unknown as MediaConvert, ended, cancelled };
}

function services(given: Partial<TaskServices> = {}): TaskServices {
  return { lambda: {}, mediaConvert: {}, appConfig: {}, cloudWatch: {}, sns: {}, ...given } as unknown as TaskServices;
}

/** One call of an integration. */
function run(resource: string, given: Partial<TaskServices>, parameters: unknown) {
  const handler = taskHandlers(services(given))[resource];
  if (handler === undefined) throw new Error(`no handler of ${resource}`);
  return handler(parameters, {} as Parameters<typeof handler>[1]);
}

function start(mediaConvert: MediaConvert) {
  const stop = new AbortController();
  const submitted: unknown[] = [];
  const handler = taskHandlers(services({ mediaConvert }))[CREATE_JOB];
  if (handler === undefined) throw new Error(`no handler of ${CREATE_JOB}`);
  const context = { signal: stop.signal, submitted: (output: unknown) => submitted.push(output) };
  const result = handler({ Role: 'arn:role' }, context as unknown as Parameters<typeof handler>[1]);
  result.catch(() => {});
  return { result, stop, submitted };
}

it('answers the integrations that the definitions use, and no other', () => {
  expect(Object.keys(taskHandlers(services())).sort()).toEqual([
    `${SDK}:appconfig:getDeployment`,
    `${SDK}:appconfig:startDeployment`,
    `${SDK}:cloudwatch:describeAlarms`,
    'arn:aws:states:::lambda:invoke',
    CREATE_JOB,
    'arn:aws:states:::sns:publish',
  ]);
});

describe('mediaconvert:createJob.sync', () => {
  it('says what was submitted, waits, and gives the completed job', async () => {
    const { mediaConvert, ended, cancelled } = fakeMediaConvert();
    const { result, submitted, stop } = start(mediaConvert);
    await expect.poll(() => submitted).toEqual([{ Job: { Id: 'job-1' } }]);
    ended.resolve({ Id: 'job-1', Status: 'COMPLETE' });
    expect(await result).toEqual({ Job: { Id: 'job-1', Status: 'COMPLETE' } });
    stop.abort();
    expect(cancelled).toEqual([]); // what is over is not cancelled
  });

  it.each(['ERROR', 'CANCELED'])('fails as States.TaskFailed, with the job as its cause, when it ends %s', async (status) => {
    const { mediaConvert, ended } = fakeMediaConvert();
    const { result } = start(mediaConvert);
    ended.resolve({ Id: 'job-1', Status: status, ErrorCode: 1040 });
    const error = await result.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TaskError);
    expect(error).toMatchObject({ name: 'States.TaskFailed' });
    expect(JSON.parse((error as TaskError).message)).toEqual({ Id: 'job-1', Status: status, ErrorCode: 1040 });
  });

  it('cancels the job when the task is stopped', async () => {
    const { mediaConvert, cancelled } = fakeMediaConvert();
    const { result, stop, submitted } = start(mediaConvert);
    await expect.poll(() => submitted).toHaveLength(1);
    stop.abort(new Error('stopped'));
    await expect(result).rejects.toThrow('stopped');
    expect(cancelled).toEqual(['job-1']);
  });

  it('names the service in the error that a definition catches when the job is refused', async () => {
    const { mediaConvert } = fakeMediaConvert(async () => {
      throw new AwsError('BadRequestException', 'unknown setting');
    });
    await expect(start(mediaConvert).result).rejects.toMatchObject({
      name: 'MediaConvert.BadRequestException',
      message: 'unknown setting',
    });
  });

  it('lets a fault of its own through as it is', async () => {
    const { mediaConvert } = fakeMediaConvert(async () => {
      throw new TypeError('broken');
    });
    await expect(start(mediaConvert).result).rejects.toThrow(TypeError);
  });
});

describe('an integration of one call', () => {
  it('hands parameters to AppConfig and its answer back, as they are', async () => {
    const startDeployment = vi.fn(() => ({ DeploymentNumber: 3, State: 'DEPLOYING' }));
    const appConfig = { startDeployment } as unknown as TaskServices['appConfig'];
    const input = { ApplicationId: 'a', ConfigurationVersion: '2' };
    expect(await run(`${SDK}:appconfig:startDeployment`, { appConfig }, input)).toEqual({ DeploymentNumber: 3, State: 'DEPLOYING' });
    expect(startDeployment).toHaveBeenCalledWith(input);
  });

  it.each([
    ['appconfig:getDeployment', 'AppConfig.ConflictException'],
    ['cloudwatch:describeAlarms', 'CloudWatch.ConflictException'],
  ])('names the service in what %s refuses', async (action, name) => {
    const refuse = () => {
      throw new AwsError('ConflictException', 'busy');
    };
    const given = { appConfig: { getDeployment: refuse }, cloudWatch: { describeAlarms: refuse } } as unknown as Partial<TaskServices>;
    await expect(run(`${SDK}:${action}`, given, {})).rejects.toMatchObject({ name, message: 'busy' });
  });

  it('publishes to a topic, and refuses as the service does what is no message', async () => {
    const published: unknown[] = [];
    const publish = (request: unknown) => {
      published.push(request);
      return { messageId: 'm1' };
    };
    const sns = { publish } as unknown as TaskServices['sns'];
    const topic = 'arn:aws:sns:ap-northeast-2:123456789012:hotline';
    expect(await run('arn:aws:states:::sns:publish', { sns }, { TopicArn: topic, Subject: 's', Message: '알림' })).toEqual({
      MessageId: 'm1',
    });
    expect(published).toEqual([{ topicArn: topic, subject: 's', message: '알림' }]);
    const refused = run('arn:aws:states:::sns:publish', { sns }, { TopicArn: topic, Message: '' });
    await expect(refused).rejects.toMatchObject({ name: 'SNS.InvalidParameter' });
  });
});
