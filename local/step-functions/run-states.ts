import { ExecutionAbortedError, ExecutionError, StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import type { State, StatesBlock } from './definition.ts';
import type { Execution } from './execution.ts';
import { FatalError, StoppedError } from './fatal-error.ts';
import type { Thread } from './history.ts';
import { payloadText } from './payload.ts';
import { runMap } from './run-map.ts';
import { runParallel } from './run-parallel.ts';
import { runTask } from './run-task.ts';

/** Where a block of states runs. */
export interface RunScope {
  readonly execution: Execution;
  readonly thread: Thread;
  /** Aborted when the execution ends or a sibling branch fails. */
  readonly signal: AbortSignal;
}

/** What a task of the interpreter (Task, Map, Parallel) gets. */
export interface StateRun extends RunScope {
  readonly name: string;
  /** As written in the definition. */
  readonly state: State;
  /** As the interpreter runs it. */
  readonly prepared: State;
  readonly visit: StateVisit;
}

/** `$$.State` of the current visit. */
export interface StateVisit {
  Name: string;
  EnteredTime: string;
  RetryCount: number;
}

/** Both forms of a block: as written and as the interpreter runs it. */
export interface Block {
  readonly definition: StatesBlock;
  readonly prepared: StatesBlock;
}

/**
 * Runs one block of states on the interpreter, recording its events, and resolves with its output.
 * Blocks inside it (Map, Parallel) come through here again, each with its own interpreter, thread and signal.
 */
export async function runStates(block: Block, input: unknown, scope: RunScope): Promise<unknown> {
  const { execution, signal } = scope;
  if (signal.aborted) throw new StoppedError();
  const visit: StateVisit = { Name: '', EnteredTime: '', RetryCount: 0 };
  const definition = { ...block.prepared, States: trackVisits(block.prepared.States, visit, execution.options.now) };
  const machine = new StateMachine(definition as unknown as StateMachineDefinition, { validationOptions: { noValidate: true } });
  const run = machine.run(input as never, {
    context: { Context: { ...execution.context, State: visit } },
    overrides: overrides(block, visit, scope),
  });
  signal.addEventListener('abort', run.abort, { once: true });
  const recorded = record(run.eventLogs as AsyncIterable<InterpreterEvent>, block.definition, scope);
  try {
    const output = await run.result;
    await recorded;
    return output;
  } catch (error) {
    const enteredEventId = await recorded;
    if (error instanceof ExecutionAbortedError) throw new StoppedError();
    throw error instanceof ExecutionError ? describeRuntimeError(error.cause, visit.Name, enteredEventId) : error;
  } finally {
    signal.removeEventListener('abort', run.abort);
  }
}

/** Lets what the interpreter has logged so far reach the history, so that a task's events follow its `StateEntered`. */
export async function eventsRecorded(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

/** The interpreter looks a state up exactly once each time it enters it, and evaluates its paths after that. */
function trackVisits(states: StatesBlock['States'], visit: StateVisit, now: () => number): StatesBlock['States'] {
  return new Proxy(states, {
    get(target, name: string) {
      if (name in target) Object.assign(visit, { Name: name, EnteredTime: new Date(now()).toISOString(), RetryCount: 0 });
      return target[name];
    },
  });
}

function overrides({ definition, prepared }: Block, visit: StateVisit, scope: RunScope) {
  const taskResourceLocalHandlers: Record<string, (input: unknown) => Promise<never>> = {};
  const retryIntervalOverrides: Record<string, number> = {};
  const { retryDelayMs } = scope.execution.options;
  for (const [name, state] of Object.entries(definition.States)) {
    const preparedState = prepared.States[name];
    if (preparedState?.Type !== 'Task') continue;
    const run = { ...scope, name, state, prepared: preparedState, visit };
    const handler = state.Type === 'Map' ? runMap : state.Type === 'Parallel' ? runParallel : runTask;
    taskResourceLocalHandlers[name] = (input) => handler(input, run) as Promise<never>;
    if (retryDelayMs !== undefined) retryIntervalOverrides[name] = retryDelayMs;
  }
  return { taskResourceLocalHandlers, retryIntervalOverrides };
}

interface InterpreterEvent {
  readonly type: string;
  readonly state?: { readonly name: string; readonly input: unknown; readonly output?: unknown };
}

/** Writes states entered and exited to the history. Resolves with the id of the last `StateEntered` when the interpreter's log ends. */
async function record(events: AsyncIterable<InterpreterEvent>, definition: StatesBlock, scope: RunScope): Promise<number> {
  const { execution, thread, signal } = scope;
  let enteredEventId = 0;
  for await (const { type, state } of events) {
    if (state === undefined || signal.aborted) continue;
    const { name } = state;
    const stateType = definition.States[name]?.Type;
    try {
      if (type === 'StateEntered') {
        const input = payloadText(state.input, `The state '${name}' was given an input`);
        execution.history.append(thread, `${stateType}StateEntered`, ['stateEntered', { name, input, inputDetails: { truncated: false } }]);
        enteredEventId = thread.lastEventId;
      } else if (type === 'StateExited') {
        const output = payloadText(state.output, `The state '${name}' returned a result`);
        execution.history.append(thread, `${stateType}StateExited`, ['stateExited', { name, output, outputDetails: { truncated: false } }]);
      }
    } catch (error) {
      execution.fail(error);
    }
  }
  return enteredEventId;
}

/** Words a path that leads nowhere as the service does. */
function describeRuntimeError(error: unknown, name: string, enteredEventId: number): unknown {
  if (!(error instanceof Error) || error.name !== 'States.Runtime' || error instanceof FatalError) return error;
  const where = `An error occurred while executing the state '${name}' (entered at the event id #${enteredEventId}).`;
  return new FatalError('States.Runtime', `${where} ${error.message}`, { cause: error });
}
