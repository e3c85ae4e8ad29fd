import { expect, it, onTestFinished, vi } from 'vitest';
import { TaskError } from '../../local/step-functions/task.ts';
import { call, execute, INVOKE, MACHINE_ARN, machine, service, task } from './helpers.ts';

const pass = { Type: 'Pass', End: true };

it('gives every state the context object, also inside Map and Parallel', async () => {
  const context = {
    'id.$': '$$.Execution.Id',
    'input.$': '$$.Execution.Input',
    'role.$': '$$.Execution.RoleArn',
    'machine.$': '$$.StateMachine.Name',
    'state.$': '$$.State.Name',
  };
  const spec = machine({
    Top: { Type: 'Pass', Parameters: { top: context, list: ['a', 'b'] }, Next: 'Both' },
    Both: {
      Type: 'Parallel',
      Branches: ['Left', 'Right'].map((name) => ({ StartAt: name, States: { [name]: { ...pass, Parameters: context } } })),
      ResultPath: '$.both',
      Next: 'Each',
    },
    Each: {
      Type: 'Map',
      ItemsPath: '$.list',
      ItemSelector: { 'index.$': '$$.Map.Item.Index', 'value.$': '$$.Map.Item.Value', 'start.$': '$$.Execution.Input.n' },
      ItemProcessor: { StartAt: 'Item', States: { Item: { ...pass, Parameters: { 'item.$': '$', 'in.$': '$$.Execution.Input' } } } },
      ResultPath: '$.each',
      End: true,
    },
  });
  const { output, executionArn } = await execute(service(spec), { n: 7 });
  const shared = { id: executionArn, input: { n: 7 }, role: spec.roleArn, machine: 'machine' };
  expect(output.top).toEqual({ ...shared, state: 'Top' });
  expect(output.both).toEqual([
    { ...shared, state: 'Left' },
    { ...shared, state: 'Right' },
  ]);
  expect(output.each).toEqual([
    { item: { index: 0, value: 'a', start: 7 }, in: { n: 7 } },
    { item: { index: 1, value: 'b', start: 7 }, in: { n: 7 } },
  ]);
});

it('retries by name, counts in $$.State.RetryCount, and records each attempt', async () => {
  const counts: unknown[] = [];
  const flaky = async (parameters: unknown) => {
    counts.push((parameters as { retry: number }).retry);
    if (counts.length < 3) throw new TaskError('RdsData.DatabaseResumingException', 'waking up');
    return { rows: 5 };
  };
  const spec = machine({
    Copy: task({
      Parameters: { 'retry.$': '$$.State.RetryCount' },
      Retry: [{ ErrorEquals: ['RdsData.DatabaseResumingException'] }],
      OutputPath: '$.rows',
    }),
  });
  const { output, types, events } = await execute(service(spec, { [INVOKE]: flaky }));
  expect(output).toBe(5);
  expect(counts).toEqual([0, 1, 2]);
  const failed = ['TaskScheduled', 'TaskStarted', 'TaskFailed'];
  expect(types).toEqual([
    'ExecutionStarted',
    'TaskStateEntered',
    ...failed,
    ...failed,
    'TaskScheduled',
    'TaskStarted',
    'TaskSucceeded',
    'TaskStateExited',
    'ExecutionSucceeded',
  ]);
  expect(events.map(({ id, previousEventId }) => id - previousEventId)).toEqual(events.map(() => 1));
  expect(events[2]).toMatchObject({
    taskScheduledEventDetails: {
      resourceType: 'lambda',
      resource: 'invoke',
      region: 'ap-northeast-2',
      parameters: '{"retry":0}',
      timeoutInSeconds: 5,
    },
  });
  expect(events[4]).toMatchObject({ taskFailedEventDetails: { error: 'RdsData.DatabaseResumingException', cause: 'waking up' } });
});

it('starts $$.State.RetryCount afresh in the next state', async () => {
  let attempts = 0;
  const once = async () => (++attempts === 1 ? Promise.reject(new TaskError('Busy')) : {});
  const spec = machine({
    A: task({ Retry: [{ ErrorEquals: ['Busy'] }], Next: 'B' }),
    B: { ...pass, Parameters: { 'retry.$': '$$.State.RetryCount', 'state.$': '$$.State.Name' } },
  });
  expect((await execute(service(spec, { [INVOKE]: once }))).output).toEqual({ retry: 0, state: 'B' });
});

it('waits the intervals of the definition when no test overrides them', async () => {
  const times: number[] = [];
  const failing = async () => {
    times.push(performance.now());
    throw new TaskError('Busy');
  };
  const spec = machine({ A: task({ Retry: [{ ErrorEquals: ['Busy'], IntervalSeconds: 1, MaxAttempts: 1 }] }) });
  const { status, error } = await execute(service(spec, { [INVOKE]: failing }, { retryDelayMs: undefined as never }));
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'Busy' });
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThan(950);
});

it('hands a caught error on as Error and Cause', async () => {
  const spec = machine({
    A: task({ Catch: [{ ErrorEquals: ['CursorMismatchError'], ResultPath: '$.error', Next: 'B' }], Next: 'B' }),
    B: pass,
  });
  const failing = async () => Promise.reject(new TaskError('CursorMismatchError', '{"errorType":"CursorMismatchError"}'));
  const { output, types } = await execute(service(spec, { [INVOKE]: failing }), { a: 1 });
  expect(output).toEqual({ a: 1, error: { Error: 'CursorMismatchError', Cause: '{"errorType":"CursorMismatchError"}' } });
  expect(types.slice(1, 6)).toEqual(['TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskFailed', 'TaskStateExited']);
});

it('times a task out, tells its handler, and lets States.Timeout be caught but not States.TaskFailed', async () => {
  const aborted = vi.fn();
  const hanging = (_: unknown, { signal }: { signal: AbortSignal }) =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve(aborted())));
  const spec = machine({
    A: task({
      TimeoutSeconds: 1,
      Catch: [
        { ErrorEquals: ['States.TaskFailed'], Next: 'Wrong' },
        { ErrorEquals: ['States.Timeout'], Next: 'Late' },
      ],
      Next: 'Wrong',
    }),
    Wrong: { Type: 'Fail', Error: 'Wrong' },
    Late: { Type: 'Pass', Result: 'late', End: true },
  });
  const { output, types } = await execute(service(spec, { [INVOKE]: hanging }));
  expect(output).toBe('late');
  expect(aborted).toHaveBeenCalledOnce();
  expect(types.slice(1, 6)).toEqual(['TaskStateEntered', 'TaskScheduled', 'TaskStarted', 'TaskTimedOut', 'TaskStateExited']);
});

it('times a machine out', async () => {
  const { status, types, error } = await execute(service(machine({ A: { Type: 'Wait', Seconds: 60, End: true } }, { TimeoutSeconds: 1 })));
  expect({ status, error, last: types.at(-1) }).toEqual({ status: 'TIMED_OUT', error: 'States.Timeout', last: 'ExecutionTimedOut' });
});

it.each([
  [
    'a task result',
    machine({
      A: task({ Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }], Retry: [{ ErrorEquals: ['States.ALL'] }], Next: 'B' }),
      B: pass,
    }),
  ],
  [
    'a state output',
    machine({
      A: { Type: 'Pass', Parameters: { 'a.$': '$.text', 'b.$': '$.text', 'c.$': '$.text' }, Next: 'B' },
      B: task({ Parameters: {} }),
    }),
  ],
  ['the execution output', machine({ A: { Type: 'Pass', Parameters: { 'a.$': '$.text', 'b.$': '$.text', 'c.$': '$.text' }, End: true } })],
  [
    'a Map result',
    machine({
      A: {
        Type: 'Map',
        ItemsPath: '$.list',
        ItemSelector: { 'text.$': '$.text' },
        ItemProcessor: { StartAt: 'I', States: { I: pass } },
        ResultPath: null,
        End: true,
      },
    }),
  ],
])('fails the execution, past every Catch, when %s exceeds 256 KiB', async (_, spec) => {
  const big = vi.fn(async () => 'x'.repeat(262_143));
  const { status, error } = await execute(service(spec, { [INVOKE]: big }), { text: 'x'.repeat(100_000), list: [1, 2, 3] });
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.DataLimitExceeded' });
  expect(big.mock.calls.length).toBeLessThanOrEqual(1);
});

it('lets a payload of exactly 262,144 bytes pass and counts UTF-8', async () => {
  const spec = machine({ A: task({ Parameters: {} }) });
  const exact = await execute(service(spec, { [INVOKE]: async () => 'x'.repeat(262_142) }));
  expect(exact.status).toBe('SUCCEEDED');
  const korean = await execute(service(spec, { [INVOKE]: async () => '가'.repeat(100_000) }));
  expect(korean.error).toBe('States.DataLimitExceeded');
});

it('ends a loop at the event limit, as the service does', async () => {
  const { status, error, cause, events } = await execute(
    service(machine({ A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } }), {}, { maxHistoryEvents: 500 }),
  );
  expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.Runtime' });
  expect(cause).toBe('The execution reached the maximum number of history events (500).');
  expect(events).toHaveLength(500);
  expect(events.at(-1)).toMatchObject({ id: 500, type: 'ExecutionFailed' });
});

it('stops the siblings of a failed branch and reports its error', async () => {
  const stopped = vi.fn();
  const handler = (parameters: unknown, { signal }: { signal: AbortSignal }) =>
    (parameters as { fail?: boolean }).fail
      ? Promise.reject(new TaskError('Broken', 'why'))
      : new Promise((_, reject) => signal.addEventListener('abort', () => reject(stopped())));
  const branch = (name: string, fail: boolean) => ({
    StartAt: name,
    States: { [name]: task({ Parameters: { fail }, TimeoutSeconds: 900 }) },
  });
  const spec = machine({ Both: { Type: 'Parallel', Branches: [branch('Slow', false), branch('Bad', true)], End: true } });
  const { status, error, cause, types } = await execute(service(spec, { [INVOKE]: handler }));
  expect({ status, error, cause }).toEqual({ status: 'FAILED', error: 'Broken', cause: 'why' });
  expect(stopped).toHaveBeenCalledOnce();
  expect(types.slice(-2)).toEqual(['ParallelStateFailed', 'ExecutionFailed']);
});

it('records a Map as the service counts it, each iteration on its own thread, at most MaxConcurrency at a time', async () => {
  let running = 0;
  let most = 0;
  const slow = async (parameters: unknown) => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setTimeout(resolve, 5));
    running -= 1;
    return parameters;
  };
  const spec = machine({
    Each: { Type: 'Map', MaxConcurrency: 2, ItemProcessor: { StartAt: 'Item', States: { Item: task() } }, End: true },
  });
  const { output, events, types } = await execute(service(spec, { [INVOKE]: slow }), [3, 1, 2, 4, 5]);
  expect(output).toEqual([3, 1, 2, 4, 5]);
  expect(most).toBe(2);
  expect(events).toHaveLength(2 + 4 + 5 * 2 + 5 * 5);
  const started = events.find(({ type }) => type === 'MapStateStarted');
  expect(started).toMatchObject({ mapStateStartedEventDetails: { length: 5 } });
  expect(events.filter(({ type }) => type === 'MapIterationStarted').map(({ previousEventId }) => previousEventId)).toEqual(
    Array(5).fill(started?.id),
  );
  expect(types.slice(-3)).toEqual(['MapStateSucceeded', 'MapStateExited', 'ExecutionSucceeded']);
  for (const { id, previousEventId } of events) expect(previousEventId).toBeLessThan(id);
});

it('fails a Map with the error of the iteration that failed', async () => {
  const failing = async (parameters: unknown) => (parameters === 2 ? Promise.reject(new TaskError('Bad', 'two')) : parameters);
  const each = {
    Type: 'Map',
    MaxConcurrency: 1,
    ItemProcessor: { StartAt: 'Item', States: { Item: task() } },
    Catch: [{ ErrorEquals: ['Bad'], Next: 'B' }],
    Next: 'B',
  };
  const { output, types } = await execute(service(machine({ Each: each, B: pass }), { [INVOKE]: failing }), [1, 2, 3]);
  expect(output).toEqual({ Error: 'Bad', Cause: 'two' });
  expect(types.filter((type) => type.startsWith('MapIteration'))).toEqual([
    'MapIterationStarted',
    'MapIterationSucceeded',
    'MapIterationStarted',
    'MapIterationFailed',
  ]);
});

it.each<[what: string, rule: Record<string, unknown>, input: unknown, expected: boolean]>([
  ['a number is not a smaller string', { Variable: '$.v', StringLessThan: '9' }, { v: 5 }, false],
  ['a numeric string is no number', { Variable: '$.v', NumericGreaterThan: 4 }, { v: '5' }, false],
  ['an absent value is not present', { Variable: '$.v', IsPresent: false }, {}, true],
  ['a present value is', { Variable: '$.v', IsPresent: false }, { v: 1 }, false],
  ['stars cross slashes', { Variable: '$.v', StringMatches: 'originals/*.mp4' }, { v: 'originals/a/b.mp4' }, true],
  [
    'timestamps compare as instants',
    { Variable: '$.v', TimestampEquals: '2026-01-01T00:00:00Z' },
    { v: '2026-01-01T09:00:00+09:00' },
    true,
  ],
])('compares as the service does: %s', async (_, rule, input, expected) => {
  const spec = machine({
    A: { Type: 'Choice', Choices: [{ ...rule, Next: 'T' }], Default: 'F' },
    T: { ...pass, Result: true },
    F: { ...pass, Result: false },
  });
  expect((await execute(service(spec), input)).output).toBe(expected);
});

it('writes results where ResultPath says, also at the root', async () => {
  const result = async (ResultPath: unknown) =>
    (await execute(service(machine({ A: { ...pass, Result: { r: 1 }, ResultPath } })), { i: 1 })).output;
  expect(await result('$')).toEqual({ r: 1 });
  expect(await result('$.a.b')).toEqual({ i: 1, a: { b: { r: 1 } } });
  expect(await result(null)).toEqual({ i: 1 });
});

it('names the state when a path leads nowhere, and no Catch hides it', async () => {
  const spec = machine({
    A: task({ Parameters: { 'a.$': '$.nothing' }, Catch: [{ ErrorEquals: ['States.ALL'], Next: 'B' }], Next: 'B' }),
    B: pass,
  });
  const { error, cause } = await execute(service(spec));
  expect(error).toBe('States.Runtime');
  expect(cause).toMatch(/^An error occurred while executing the state 'A' \(entered at the event id #2\)\. .*\$\.nothing/);
});

it('takes an unexpected error of a handler for a defect, not for something to retry', async () => {
  const broken = vi.fn(async () => Promise.reject(new TypeError('cannot read x')));
  const { error, cause } = await execute(service(machine({ A: task({ Retry: [{ ErrorEquals: ['States.ALL'] }] }) }), { [INVOKE]: broken }));
  expect(error).toBe('States.Runtime');
  expect(cause).toContain('the stand-in of arn:aws:states:::lambda:invoke failed: TypeError: cannot read x');
  expect(broken).toHaveBeenCalledOnce();
});

it('aborts a running execution and its task, once and for all', async () => {
  const stopped = vi.fn();
  const spec = machine({ A: task({ TimeoutSeconds: 900, Retry: [{ ErrorEquals: ['States.ALL'] }], Next: 'B' }), B: task() });
  const handler = vi.fn(
    (_: unknown, { signal }: { signal: AbortSignal }) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(stopped()))),
  );
  const stepFunctions = service(spec, { [INVOKE]: handler });
  const { executionArn } = stepFunctions.startExecution({ stateMachineArn: MACHINE_ARN });
  await vi.waitUntil(() => handler.mock.calls.length === 1, { timeout: 10_000 });
  await call(stepFunctions, 'StopExecution', { executionArn, error: 'Operator', cause: 'rollback' });
  expect(await stepFunctions.waitForExecution(executionArn)).toMatchObject({ status: 'ABORTED', error: 'Operator', cause: 'rollback' });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(stopped).toHaveBeenCalledOnce();
  expect(handler).toHaveBeenCalledOnce();
  const { events } = (await call(stepFunctions, 'GetExecutionHistory', { executionArn, reverseOrder: true })) as {
    events: { type: string }[];
  };
  expect(events[0]?.type).toBe('ExecutionAborted');
});

it('leaves no timer behind when it stops a task whose handler ignores its signal', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const ticks = async () => {
    for (let tick = 0; tick < 5; tick += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const handler = vi.fn(() => new Promise(() => {}));
  const stepFunctions = service(machine({ A: task({ TimeoutSeconds: 900 }) }, { TimeoutSeconds: 1000 }), { [INVOKE]: handler });
  const { executionArn } = stepFunctions.startExecution({ stateMachineArn: MACHINE_ARN });
  await ticks();
  expect(handler).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(3);
  stepFunctions.stopExecution(executionArn);
  await ticks();
  expect(vi.getTimerCount()).toBe(0);
});
