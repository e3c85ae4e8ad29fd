import { ExecutionError, StateMachine, type StateMachineDefinition } from 'aws-local-stepfunctions';
import type { StatesBlock } from './definition.ts';
import { FatalError } from './fatal-error.ts';
import { prepareDefinition } from './prepare-definition.ts';
import { runNested } from './run-nested.ts';
import { type Block, runStates, type StateRun } from './run-states.ts';

/** Of an inline Map, also when the state asks for more. Source: Step Functions quotas. */
const MAX_CONCURRENCY = 40;

/** Runs the processor of an inline Map over its items; its output is the list of theirs, in the order of the items. */
export async function runMap(parameters: unknown, run: StateRun): Promise<unknown> {
  const {
    items,
    input,
    maxConcurrency = run.state.MaxConcurrency,
  } = parameters as { items: unknown; input: unknown; maxConcurrency?: unknown };
  if (!Array.isArray(items))
    throw new FatalError('States.Runtime', `The state '${run.name}' needs a list of items, found ${JSON.stringify(items)?.slice(0, 100)}.`);
  const concurrency = Math.min(Number(maxConcurrency ?? 0) || MAX_CONCURRENCY, MAX_CONCURRENCY);
  const definition = (run.state.ItemProcessor ?? run.state.Iterator) as StatesBlock;
  const block = { definition, prepared: prepareDefinition(definition) };
  const outputs: unknown[] = new Array(items.length);
  const startWorkers = (signal: AbortSignal) => {
    const startId = run.thread.lastEventId;
    let next = 0;
    const worker = async () => {
      while (next < items.length && !signal.aborted) {
        const index = next++;
        outputs[index] = await iterate({ block, item: items[index], index, input, startId, signal }, run);
      }
    };
    return Array.from({ length: Math.min(concurrency, items.length) }, worker);
  };
  return await runNested(run, ['mapStateStarted', { length: items.length }], startWorkers, () => outputs);
}

interface Iteration {
  readonly block: Block;
  readonly item: unknown;
  readonly index: number;
  readonly input: unknown;
  /** The `MapStateStarted` event, which every iteration follows. */
  readonly startId: number;
  readonly signal: AbortSignal;
}

async function iterate({ block, item, index, input, startId, signal }: Iteration, run: StateRun): Promise<unknown> {
  const { history } = run.execution;
  const thread = { lastEventId: startId };
  const details = { name: run.name, index };
  history.append(thread, 'MapIterationStarted', ['mapIterationStarted', details]);
  try {
    const selected = run.prepared.ItemSelector === undefined ? item : await selectItem({ item, index, input }, run);
    const output = await runStates(block, selected, { execution: run.execution, thread, signal });
    history.append(thread, 'MapIterationSucceeded', ['mapIterationSucceeded', details]);
    return output;
  } catch (error) {
    if (signal.aborted) history.append(thread, 'MapIterationAborted', ['mapIterationAborted', details]);
    else history.append(thread, 'MapIterationFailed', ['mapIterationFailed', details]);
    throw error;
  } finally {
    run.thread.lastEventId = thread.lastEventId;
  }
}

/** Lets the interpreter evaluate the ItemSelector, as the Parameters of a Pass. */
async function selectItem({ item, index, input }: Pick<Iteration, 'item' | 'index' | 'input'>, run: StateRun): Promise<unknown> {
  const definition = { StartAt: 'Select', States: { Select: { Type: 'Pass', Parameters: run.prepared.ItemSelector, End: true } } };
  const machine = new StateMachine(definition as unknown as StateMachineDefinition, { validationOptions: { noValidate: true } });
  const context = { ...run.execution.context, State: run.visit, Map: { Item: { Index: index, Value: item } } };
  try {
    return await machine.run(input as never, { context: { Context: context } }).result;
  } catch (error) {
    throw error instanceof ExecutionError ? error.cause : error;
  }
}
