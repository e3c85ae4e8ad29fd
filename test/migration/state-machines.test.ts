import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkDefinition } from '../../local/step-functions/asl-check.ts';

interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly MaxAttempts?: number;
}

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly Comment?: string;
  readonly Parameters?: { readonly FunctionName?: string; readonly Payload?: Readonly<Record<string, unknown>> };
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string; readonly ResultPath?: string }[];
  readonly Next?: string;
  readonly ResultPath?: string | null;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next: string }[];
}

interface Machine {
  readonly Comment: string;
  readonly QueryLanguage?: string;
  readonly TimeoutSeconds?: number;
  readonly States: Readonly<Record<string, State>>;
}

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const machines = globSync('statemachines/*.asl.json', { cwd: root }).map((path) => ({
  name: basename(path, '.asl.json'),
  text: read(path),
}));

/** Names of errors as the Lambdas throw them: literals, since bundlers rename classes. */
/** AppConfig is away, Step Functions is behind, the sweep is at work: later it is another answer. */
const PASSING = new Set(['SettingsUnavailableError', 'ExecutionNotKnownYetError', 'OutputBeingRemovedError']);

const ownErrors = new Set(
  globSync('lambdas/**/*.ts', { cwd: root }).flatMap((path) =>
    [...read(path).matchAll(/readonly name = '([A-Za-z]+)';/g)].map(([, name = '']) => name),
  ),
);

/** The machine's last words: what ends the run or the upload. Their own failure has nowhere to be recorded. */
const recorders = new Set(['Close run', 'Record failure']);

/** Machines that own no run and no upload: a failed execution is the whole record, and the changes stay on the log. */
const ownsNothing = new Set(['catch-up']);

it('covers the machines there are', () => {
  expect(machines.map(({ name }) => name)).toEqual(expect.arrayContaining(['daily-migration', 'transcode']));
});

const failed = { Type: 'Fail', ErrorPath: '$.error.Error', CausePath: '$.error.Cause' };

describe.each(machines)('$name', ({ name, text }) => {
  const machine = JSON.parse(text) as Machine;
  const states = Object.entries(machine.States);
  const tasks = states.filter(([, { Type }]) => Type === 'Task');

  /** The states without a next one that can be reached from a state. */
  function endsAfter(start: string, seen = new Set<string>()): Set<string> {
    const { Next, Default, Choices = [] } = machine.States[start] ?? {};
    const following = [Next, Default, ...Choices.map((choice) => choice.Next)].filter((state) => state !== undefined);
    if (following.length === 0) return new Set([start]);
    seen.add(start);
    return new Set(following.filter((state) => !seen.has(state)).flatMap((state) => [...endsAfter(state, seen)]));
  }

  it('is what the interpreter runs as AWS would, once its substitutions are made', () => {
    const filled = text.replace(/\$\{(\w+)\}/g, (_all, key: string) => `arn:aws:lambda:ap-northeast-2:123456789012:function:${key}`);
    expect(filled).not.toContain('${');
    checkDefinition(name, JSON.parse(filled));
  });

  it('says what it is for, ends some day, and speaks JSONPath', () => {
    expect(machine.Comment).toMatch(/Input: .*Output: /);
    expect(machine.TimeoutSeconds).toBeGreaterThan(0);
    expect(machine.QueryLanguage ?? 'JSONPath').toBe('JSONPath');
  });

  it('holds no name of an account or a function but as a substitution', () => {
    expect(text.match(/arn:(?!aws:states:::)[^"]*/g)).toBeNull();
    for (const [, { Parameters }] of tasks) if (Parameters?.FunctionName) expect(Parameters.FunctionName).toMatch(/^\$\{\w+FunctionArn\}$/);
  });

  it.each(tasks)('%s is bounded in time, retried, and says why that is safe', (_state, { TimeoutSeconds, Retry, Comment }) => {
    expect(TimeoutSeconds).toBeGreaterThan(0);
    expect(TimeoutSeconds).toBeLessThanOrEqual(machine.TimeoutSeconds ?? 0);
    expect(Retry?.some(({ MaxAttempts = 3 }) => MaxAttempts > 0)).toBe(true);
    expect(Comment).toMatch(/\w/);
  });

  it.each(tasks)('a failure of %s leads to a record of it', (state, { Catch = [], Next, Resource }) => {
    if (recorders.has(state)) return;
    const last = Catch.at(-1);
    // What is told is on record already: a message that cannot be sent changes nothing.
    if (Resource === 'arn:aws:states:::sns:publish') {
      expect(last).toEqual({ ErrorEquals: ['States.ALL'], ResultPath: '$.unsent', Next });
      return;
    }
    expect(last).toMatchObject({ ErrorEquals: ['States.ALL'], ResultPath: '$.error' });
    if (ownsNothing.has(name)) expect(machine.States[last?.Next ?? '']).toMatchObject(failed);
    else expect(recorders).toContain(last?.Next);
  });

  it.skipIf(ownsNothing.has(name))('ends as failed, with the error that it recorded', () => {
    const recorder = machine.States['Record failure'];
    expect(recorder?.Type).toBe('Task');
    expect([null, '$.closed', '$.failure']).toContain(recorder?.ResultPath); // the error stays in the state
    const payload = recorder?.Parameters?.Payload;
    expect(payload?.['executionArn.$']).toBe('$$.Execution.Id');
    expect(payload?.['error.$'] ?? payload?.['state.$']).toMatch(/^\$(\.error)?$/); // the error, or the state that holds it
    // As the recorder names it, or as it came.
    const named = { Type: 'Fail', ErrorPath: '$.closed.error', CausePath: '$.closed.cause' };
    const ends = [...endsAfter('Record failure')].map((end) => machine.States[end]);
    expect(ends.filter((end) => end?.Type !== 'Succeed')).toEqual([recorder?.ResultPath === '$.closed' ? named : failed]);
    // What was nobody's failure here, such as a damaged file, is told by whoever records it.
    if (ends.length > 1) expect(machine.States[recorder?.Next ?? '']?.Type).toBe('Choice');
  });

  it('names errors that are thrown: its own by their literal names, others by their service', () => {
    const named = tasks.flatMap(([, { Retry = [], Catch = [] }]) => [...Retry, ...Catch].flatMap(({ ErrorEquals }) => ErrorEquals));
    expect(named.length).toBeGreaterThan(0);
    const unknown = named.filter(
      (error) => !ownErrors.has(error) && !/^(States|Lambda|MediaConvert|AppConfig|CloudWatch|SNS)\.[A-Za-z]+$/.test(error),
    );
    expect(unknown).toEqual([]);
  });

  it('retries no error of its own but those that pass by themselves: each other says that a person or another run decides', () => {
    for (const [state, { Retry = [] }] of tasks) {
      for (const { ErrorEquals, MaxAttempts } of Retry) {
        if (ErrorEquals.some((error) => ownErrors.has(error) && !PASSING.has(error)))
          expect(MaxAttempts, `${state}: ${ErrorEquals}`).toBe(0);
      }
    }
  });
});
