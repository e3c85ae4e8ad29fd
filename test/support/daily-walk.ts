import dailyMigration from '../../statemachines/daily-migration.asl.json' with { type: 'json' };
import type { DailySteps } from './daily-steps.ts';

export type StateName = keyof typeof dailyMigration.States;

/** What a state asks for: the step by the name that the definition knows it by, and how the state tries again. */
export interface StepCall {
  readonly state: StateName;
  readonly step: keyof DailySteps;
  /** A value of JSON, which nobody else holds. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly retry: readonly Retrier[];
}

export interface Retrier {
  readonly ErrorEquals: readonly string[];
  readonly MaxAttempts?: number;
}

export interface WalkOptions {
  readonly executionArn: string;
  /** Makes the call, as often as the caller likes. What it rejects with, the state has failed with. */
  readonly invoke: (call: StepCall) => Promise<unknown>;
  /** @default where the definition starts */
  readonly from?: StateName;
  /** Is not entered any more: its input is the answer. @default the end */
  readonly until?: StateName;
  /** Told of each state that is entered, by its type. */
  readonly onState?: (type: State['Type']) => void;
}

/** The execution was stopped, or nobody is left to go on with it: no state catches this. */
export class ExecutionDiedError extends Error {
  override readonly name = 'ExecutionDiedError';
}

type Json = Readonly<Record<string, unknown>>;
type Catcher = { readonly ErrorEquals: readonly string[]; readonly ResultPath: string; readonly Next: string };
type Rule = { readonly Variable: string; readonly BooleanEquals: boolean; readonly Next: string };
type Task = {
  readonly Type: 'Task';
  readonly Parameters: Json;
  readonly ResultPath?: null;
  readonly OutputPath?: string;
  readonly Retry?: readonly Retrier[];
  readonly Catch?: readonly Catcher[];
  readonly Next?: string;
};
type State = Task | { readonly Type: 'Choice'; readonly Choices: readonly Rule[]; readonly Default: string } | { readonly Type: 'Fail' };

export interface Machine {
  readonly StartAt: string;
  readonly States: Readonly<Record<string, Json>>;
}

/** Walks through daily-migration: `walkStates` with its definition. */
export function walkDaily(input: object, options: WalkOptions): Promise<unknown> {
  return walkStates(dailyMigration, input, options);
}

/**
 * Walks through a machine of the few kinds of state that daily-migration has, and gives the output. Nothing but awaits: no clock, no timer, no chance, so that the order of
 * calls is that of `invoke` alone; local/step-functions is the interpreter for everything else. Rejects with the error that the last state failed with, and with one that
 * names what the walk does not understand of the definition.
 */
export async function walkStates(machine: Machine, input: object, options: WalkOptions): Promise<unknown> {
  refuseUnknown(machine);
  const { executionArn, invoke, from = machine.StartAt, until, onState } = options;
  const context = { Execution: { Id: executionArn } };
  let data = asJson(input);
  let failure: unknown;
  for (let name: string | undefined = from; name !== undefined && name !== until; ) {
    const state = machine.States[name] as State | undefined;
    if (state === undefined) throw new Error(`the machine has no state "${name}"`);
    onState?.(state.Type);
    if (state.Type === 'Fail') throw failure;
    if (state.Type === 'Choice') {
      name = state.Choices.find(({ Variable, BooleanEquals }) => valueAt(Variable, data, context) === BooleanEquals)?.Next ?? state.Default;
      continue;
    }
    const { FunctionName, Payload } = filled(state.Parameters, data, context) as { FunctionName: string; Payload: Json };
    const step = FunctionName.replace(/^\$\{(\w+)FunctionArn\}$/, '$1') as keyof DailySteps;
    let output: unknown;
    try {
      output = await invoke({ state: name as StateName, step, payload: asJson(Payload), retry: state.Retry ?? [] });
    } catch (error) {
      const catcher = error instanceof ExecutionDiedError ? undefined : state.Catch?.find(({ ErrorEquals }) => isNamed(ErrorEquals, error));
      if (catcher === undefined) throw error;
      failure = error;
      data = { ...data, [catcher.ResultPath.slice('$.'.length)]: errorOutput(error as Error) };
      name = catcher.Next;
      continue;
    }
    if (state.ResultPath !== null) data = asJson({ Payload: output });
    data = valueAt(state.OutputPath ?? '$', data, context) as Json;
    name = state.Next;
  }
  return data;
}

/** How often a state tries again after this error. */
export function retriesAfter(error: unknown, retry: readonly Retrier[]): number {
  const retrier = retry.find(({ ErrorEquals }) => isNamed(ErrorEquals, error));
  return retrier === undefined ? 0 : (retrier.MaxAttempts ?? 3);
}

function isNamed(errorEquals: readonly string[], error: unknown): boolean {
  const { name } = error as Error;
  return errorEquals.some(
    (named) => named === name || named === 'States.ALL' || (named === 'States.TaskFailed' && name !== 'States.Timeout'),
  );
}

/** As Step Functions has it of a Lambda that threw. */
function errorOutput({ name, message }: Error) {
  return { Error: name, Cause: JSON.stringify({ errorType: name, errorMessage: message, trace: [] }) };
}

function asJson<Value>(value: Value): Json {
  return JSON.parse(JSON.stringify(value)) as Json;
}

/** A template with the values that its paths lead to. */
function filled(template: unknown, data: unknown, context: object): unknown {
  if (typeof template !== 'object' || template === null || Array.isArray(template)) return template;
  return Object.fromEntries(
    Object.entries(template).map(([member, value]) =>
      member.endsWith('.$')
        ? [member.slice(0, -'.$'.length), valueAt(value as string, data, context)]
        : [member, filled(value, data, context)],
    ),
  );
}

/** What `$`, `$.a.b` or, of the context, `$$.a.b` leads to. */
function valueAt(path: string, data: unknown, context: object): unknown {
  if (!/^\$\$?(\.\w+)*$/.test(path)) throw new Error(`the path ${path} is more than the walk knows: members by name, as in $.a.b`);
  const [root, ...members] = path.split('.');
  return members.reduce<unknown>(
    (value, member) => {
      if (typeof value === 'object' && value !== null && Object.hasOwn(value, member)) return (value as Json)[member];
      throw new Error(`the path ${path} leads nowhere: there is no ${member}`);
    },
    root === '$$' ? context : data,
  );
}

/** Every field that the walk understands; what comments, timeouts and the pauses between attempts say has no part in it. */
const FIELDS = {
  Task: ['Type', 'Comment', 'Resource', 'TimeoutSeconds', 'Parameters', 'ResultPath', 'OutputPath', 'Retry', 'Catch', 'Next', 'End'],
  Choice: ['Type', 'Comment', 'Choices', 'Default'],
  Fail: ['Type', 'Comment', 'ErrorPath', 'CausePath'],
  Retry: ['ErrorEquals', 'IntervalSeconds', 'MaxAttempts', 'BackoffRate', 'MaxDelaySeconds', 'JitterStrategy'],
  Catch: ['ErrorEquals', 'ResultPath', 'Next'],
  Choices: ['Variable', 'BooleanEquals', 'Next'],
};

function refuseUnknown({ States }: Machine): void {
  for (const [name, state] of Object.entries(States)) {
    const refuse = (what: string): never => {
      throw new Error(`the walk does not understand ${what} of "${name}": teach test/support/daily-walk.ts, or use local/step-functions`);
    };
    const known = FIELDS[state.Type as State['Type']] ?? refuse(`the type ${state.Type}`);
    for (const field of Object.keys(state)) if (!known.includes(field)) refuse(field);
    for (const list of ['Retry', 'Catch', 'Choices'] as const)
      for (const entry of (state[list] ?? []) as readonly Json[])
        for (const field of Object.keys(entry)) if (!FIELDS[list].includes(field)) refuse(`${field} in ${list}`);
    if (state.Type === 'Task') {
      if (state.Resource !== 'arn:aws:states:::lambda:invoke') refuse(`the resource ${state.Resource}`);
      if ((state.ResultPath ?? null) !== null) refuse(`the ResultPath ${state.ResultPath}`);
      const { Catch = [], Retry = [] } = state as unknown as Task;
      for (const { ResultPath } of Catch) if (!/^\$\.\w+$/.test(ResultPath)) refuse(`the ResultPath ${ResultPath} in Catch`);
      // Each retrier counts its own attempts.
      if (Retry.filter(({ MaxAttempts }) => MaxAttempts !== 0).length > 1) refuse('a second retrier that tries again');
    }
  }
}
