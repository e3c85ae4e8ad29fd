import { payloadText } from './payload.ts';
import { eventsRecorded, type StateRun } from './run-states.ts';

/**
 * The frame around nested blocks: the state's started, succeeded and failed events, and a signal that stops the siblings of a block that
 * failed. The first failure is the state's.
 */
export async function runNested(
  run: StateRun,
  startedDetails: readonly [string, Readonly<Record<string, unknown>>] | undefined,
  startBlocks: (siblings: AbortSignal) => readonly Promise<unknown>[],
  collect: (blockOutputs: unknown[]) => unknown[] = (blockOutputs) => blockOutputs,
): Promise<unknown[]> {
  const { execution, thread, state, name, signal } = run;
  await eventsRecorded();
  execution.history.append(thread, `${state.Type}StateStarted`, startedDetails);
  const siblings = new AbortController();
  const failures: unknown[] = [];
  const blocks = startBlocks(AbortSignal.any([signal, siblings.signal])).map((block) =>
    block.catch((error: unknown) => {
      failures.push(error);
      siblings.abort();
    }),
  );
  const outputs = collect(await Promise.all(blocks));
  if (failures.length > 0) {
    run.visit.RetryCount += 1;
    execution.history.append(thread, `${state.Type}StateFailed`);
    throw failures[0];
  }
  payloadText(outputs, `The state/task '${name}' returned a result`);
  execution.history.append(thread, `${state.Type}StateSucceeded`);
  return outputs;
}
