import { describe, expect, it } from 'vitest';
import { TaskError } from '../../local/step-functions/task.ts';
import dailyMigration from '../../statemachines/daily-migration.asl.json' with { type: 'json' };
import { execute, INVOKE, machine, service } from '../step-functions/helpers.ts';
import { ExecutionDiedError, type Machine, retriesAfter, type StateName, type StepCall, walkDaily, walkStates } from './daily-walk.ts';

/** What each step answers, one after another; an error is thrown. The last goes on. */
type Script = Readonly<Record<string, readonly unknown[]>>;
type Call = Pick<StepCall, 'step' | 'payload'>;

const opened = { runId: 'r', runDate: '2026-11-23', entities: ['user'], remaining: 5, continue: true, pause: null };
const copied = { ...opened, entities: [], continue: false };
const verified = { runId: 'r', toVerify: undefined, pass: 1, continue: false, repaired: false };
const WELL: Script = {
  OpenRun: [opened],
  CatchUp: [{ applied: 1 }],
  CopyEntity: [opened, copied],
  VerifyEntity: [{ ...verified, continue: true }, verified],
  CloseRun: [{ report: { runId: 'r' }, reportKey: 'key' }],
};
const executionArn = 'arn:aws:states:ap-northeast-2:123456789012:execution:machine:e1';

/** Answers by a script and keeps what was asked. */
function player(script: Script) {
  const calls: Call[] = [];
  const play = async ({ step, payload }: Call): Promise<unknown> => {
    const before = calls.filter((call) => call.step === step).length;
    calls.push({ step, payload });
    const answers = script[step] ?? [];
    const answer = answers[Math.min(before, answers.length - 1)];
    if (answer instanceof Error) throw answer;
    return answer;
  };
  return { calls, play };
}

/** The same on the interpreter, which retries without a pause. */
async function interpret(script: Script, input: object) {
  const { calls, play } = player(script);
  const steps = JSON.parse(
    JSON.stringify(dailyMigration)
      .replaceAll(/\$\{(\w+)FunctionArn\}/g, '$1')
      .replaceAll(/"MaxAttempts":\d/g, '"MaxAttempts":0'),
  );
  const stepFunctions = service(
    { ...machine({}), definition: steps },
    {
      [INVOKE]: async (parameters) => {
        const { FunctionName, Payload } = parameters as { FunctionName: Call['step']; Payload: Call['payload'] };
        try {
          return { StatusCode: 200, Payload: await play({ step: FunctionName, payload: Payload }) };
        } catch (error) {
          const { name, message } = error as Error;
          throw new TaskError(name, JSON.stringify({ errorType: name, errorMessage: message, trace: [] }));
        }
      },
    },
  );
  const { status, output, error, executionArn: arn } = await execute(stepFunctions, input);
  return { calls: JSON.parse(JSON.stringify(calls).replaceAll(arn, executionArn)), ended: status === 'SUCCEEDED' ? output : error };
}

async function walk(script: Script, input: object) {
  const { calls, play } = player(script);
  const ended = await walkDaily(input, { executionArn, invoke: play }).catch((error: Error) => error.name);
  return { calls, ended };
}

const lost = Object.assign(new Error('run r is lost'), { name: 'LeaseLostError' });

describe('daily-migration', () => {
  it.each<[string, Script]>([
    ['ends well', WELL],
    ['has nothing to copy', { ...WELL, OpenRun: [copied] }],
    [
      'repairs',
      {
        ...WELL,
        VerifyEntity: [
          { ...verified, repaired: true, pass: 2 },
          { ...verified, pass: 2 },
        ],
      },
    ],
    ...Object.keys(WELL).map((step): [string, Script] => [`fails in ${step}`, { ...WELL, [step]: [lost, { report: null }] }]),
    ['fails in its second copy', { ...WELL, CopyEntity: [opened, lost] }],
    ['cannot be closed', { ...WELL, CloseRun: [lost] }],
  ])('is walked as the interpreter runs it when it %s', async (_how, script) => {
    const input = { runDate: '2026-11-23' };
    const interpreted = await interpret(script, input);
    expect(await walk(script, input)).toEqual(interpreted);
    expect(interpreted.calls[0]).toEqual({ step: 'OpenRun', payload: { executionArn, request: input } });
  });

  it('is walked from one state until another', async () => {
    const { calls, play } = player(WELL);
    const options = { executionArn, invoke: play, from: 'Rows to copy?', until: 'Verify entities' } as const;
    expect(await walkDaily(opened, options)).toEqual(copied);
    expect(calls.map(({ step }) => step)).toEqual(['CopyEntity', 'CopyEntity', 'CatchUp']);
  });

  it('rejects with the very error of the step, and is left where it stood when nobody goes on with it', async () => {
    const failing = player({ ...WELL, CopyEntity: [lost] });
    await expect(walkDaily({}, { executionArn, invoke: failing.play })).rejects.toBe(lost);
    expect(failing.calls.at(-1)).toMatchObject({ step: 'CloseRun', payload: { error: { Error: 'LeaseLostError' } } });
    const dying = player({ ...WELL, CopyEntity: [new ExecutionDiedError('stopped')] });
    await expect(walkDaily({}, { executionArn, invoke: dying.play })).rejects.toBeInstanceOf(ExecutionDiedError);
    expect(dying.calls.at(-1)).toMatchObject({ step: 'CopyEntity' });
  });

  it('hands over how a state tries again', async () => {
    const retries: Partial<Record<StateName, number[]>> = {};
    const { play } = player(WELL);
    const errors = ['LeaseLostError', 'TimeoutError', 'States.Timeout'].map((name) => Object.assign(new Error(), { name }));
    const invoke = (call: StepCall) => {
      retries[call.state] = errors.map((error) => retriesAfter(error, call.retry));
      return play(call);
    };
    await walkDaily({}, { executionArn, invoke });
    expect(retries).toMatchObject({ 'Open run': [4, 4, 4], 'Copy entity': [0, 6, 6], 'Verify entities': [6, 6, 6] });
    expect(retriesAfter(lost, [])).toBe(0);
  });
});

it.each<[string, object]>([
  ['the type Wait', { Type: 'Wait', Seconds: 1 }],
  ['ResultSelector', { ResultSelector: {} }],
  ['the resource arn:aws:states:::sns:publish', { Resource: 'arn:aws:states:::sns:publish' }],
  ['the ResultPath $.copied', { ResultPath: '$.copied' }],
  ['the ResultPath $ in Catch', { Catch: [{ ErrorEquals: ['States.ALL'], ResultPath: '$', Next: 'Record failure' }] }],
  ['NumericEquals in Choices', { Type: 'Choice', Choices: [{ Variable: '$.n', NumericEquals: 1, Next: 'Close run' }] }],
  ['a second retrier that tries again', { Retry: [{ ErrorEquals: ['A'] }, { ErrorEquals: ['B'] }] }],
])('does not understand %s, and says so before it begins', async (what, changes) => {
  const task = { Type: 'Task', Resource: INVOKE, Parameters: {}, End: true };
  const odd: Machine = {
    StartAt: 'Odd',
    States: { Odd: 'Type' in changes ? (changes as Machine['States'][string]) : { ...task, ...changes } },
  };
  const invoke = async () => expect.unreachable();
  await expect(walkStates(odd, {}, { executionArn, invoke })).rejects.toThrow(`the walk does not understand ${what} of "Odd"`);
});

it('says which path is more than it knows, and which leads nowhere', async () => {
  const asking = (path: string): Machine => ({
    StartAt: 'Odd',
    States: {
      Odd: { Type: 'Task', Resource: INVOKE, Parameters: { FunctionName: '${OpenRunFunctionArn}', 'Payload.$': path }, End: true },
    },
  });
  const options = { executionArn, invoke: async () => ({}) };
  await expect(walkStates(asking('$.a[0]'), { a: [1] }, options)).rejects.toThrow('the path $.a[0] is more than the walk knows');
  await expect(walkStates(asking('$.a.b'), { a: {} }, options)).rejects.toThrow('the path $.a.b leads nowhere: there is no b');
});
