import { FatalError, StoppedError } from './fatal-error.ts';
import { payloadText } from './payload.ts';
import { eventsRecorded, type StateRun } from './run-states.ts';
import { findHandler, parseResource, TaskError } from './task.ts';

/**
 * One attempt of a Task: its events, its handler, its timeout. The interpreter's own timer ends the state with `States.Timeout`; the one
 * here is set just before it, so it fires first, records the event and tells the handler to stop.
 */
export function runTask(parameters: unknown, run: StateRun): Promise<unknown> {
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), Number(run.state.TimeoutSeconds) * 1000);
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const onTimeout = () => {
    run.visit.RetryCount += 1;
    record(run, 'TaskTimedOut', 'taskTimedOut', { error: 'States.Timeout' });
  };
  const done = () => {
    clearTimeout(timer);
    run.signal.removeEventListener('abort', onStop);
  };
  // A handler may ignore its signal; the interpreter's timer and the one here must not outlive the execution for that.
  const onStop = () => {
    done();
    reject(new StoppedError());
  };
  timeout.signal.addEventListener('abort', onTimeout, { once: true });
  run.signal.addEventListener('abort', onStop, { once: true });
  attempt(parameters, run, AbortSignal.any([run.signal, timeout.signal])).then(
    (output) => {
      done();
      // After the timeout nobody waits for this attempt: the interpreter's timer has taken over.
      if (!timeout.signal.aborted) resolve(output);
    },
    (error: unknown) => {
      done();
      if (!timeout.signal.aborted) reject(error);
    },
  );
  return promise;
}

async function attempt(parameters: unknown, run: StateRun, signal: AbortSignal): Promise<unknown> {
  const { execution, name, state } = run;
  const { tasks, region, arn } = execution.options;
  const resource = String(state.Resource);
  await eventsRecorded();
  if (signal.aborted) throw new StoppedError();
  const text = payloadText(parameters, `The task '${name}' was given parameters`);
  record(run, 'TaskScheduled', 'taskScheduled', { region, parameters: text, timeoutInSeconds: state.TimeoutSeconds });
  record(run, 'TaskStarted', 'taskStarted', {});
  const submitted = (response: unknown) => record(run, 'TaskSubmitted', 'taskSubmitted', outputOf(JSON.stringify(response)));
  try {
    const handler = findHandler(tasks, resource);
    if (handler === undefined) throw new FatalError('States.Runtime', `nothing answers ${resource} here`);
    const result = await handler(JSON.parse(text), { signal, executionArn: arn, stateName: name, resource, submitted });
    if (signal.aborted) throw new StoppedError();
    const output = payloadText(result, `The state/task '${name}' returned a result`);
    record(run, 'TaskSucceeded', 'taskSucceeded', outputOf(output));
    return JSON.parse(output);
  } catch (error) {
    if (signal.aborted) throw new StoppedError();
    run.visit.RetryCount += 1;
    const failure = error instanceof TaskError || error instanceof FatalError ? error : defect(resource, error);
    if (failure.name !== 'States.DataLimitExceeded') {
      record(run, 'TaskFailed', 'taskFailed', { error: failure.name, ...(failure.message !== '' && { cause: failure.message }) });
    }
    throw failure;
  }
}

function defect(resource: string, error: unknown): FatalError {
  return new FatalError(
    'States.Runtime',
    `the stand-in of ${resource} failed: ${error instanceof Error ? (error.stack ?? error.message) : error}`,
    { cause: error },
  );
}

function record({ execution, thread, state, signal }: StateRun, type: string, member: string, details: Record<string, unknown>): void {
  if (!signal.aborted) execution.history.append(thread, type, [member, { ...parseResource(String(state.Resource)), ...details }]);
}

function outputOf(output: string) {
  return { output, outputDetails: { truncated: false } };
}
