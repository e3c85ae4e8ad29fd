import type { StatesBlock } from './definition.ts';
import { prepareDefinition } from './prepare-definition.ts';
import { runNested } from './run-nested.ts';
import { runStates, type StateRun } from './run-states.ts';

/** Runs the branches of a Parallel state at once; its output is the list of theirs. */
export function runParallel(input: unknown, run: StateRun): Promise<unknown> {
  const branches = run.state.Branches as StatesBlock[];
  return runNested(run, undefined, (signal) => {
    const { lastEventId } = run.thread;
    return branches.map(async (definition) => {
      const thread = { lastEventId };
      const output = await runStates({ definition, prepared: prepareDefinition(definition) }, input, { ...run, thread, signal });
      run.thread.lastEventId = thread.lastEventId;
      return output;
    });
  });
}
