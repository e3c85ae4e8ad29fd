import { readFile } from 'node:fs/promises';

const definition = new URL('../../statemachines/daily-migration.asl.json', import.meta.url);

/** Events that a state of this type leaves in the history when nothing fails: entered and exited; of a task also scheduled, started, succeeded. */
const EVENTS: Readonly<Record<string, number>> = { Task: 5, Choice: 2 };

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next: string }[];
}

/** State transitions and history events of one execution of daily-migration whose loops turn so often, walked through its definition. */
export async function transitionsOf(copies: number, verifications: number): Promise<{ transitions: number; events: number }> {
  const { StartAt, States } = JSON.parse(await readFile(definition, 'utf8')) as { StartAt: string; States: Record<string, State> };
  const turns: Record<string, number> = { 'Copy entity': copies, 'Verify entities': Math.max(1, verifications) };
  let transitions = 0;
  let events = 2; // ExecutionStarted, ExecutionSucceeded
  for (let name: string | undefined = StartAt; name !== undefined; ) {
    const state: State | undefined = States[name];
    if (state === undefined) throw new Error(`daily-migration has no state "${name}"`);
    transitions += 1;
    events += EVENTS[state.Type] ?? 2;
    if (turns[name] !== undefined) turns[name] = (turns[name] ?? 0) - 1;
    const again: string | undefined = state.Choices?.find(({ Next }) => (turns[Next] ?? 0) > 0)?.Next;
    name = again ?? state.Default ?? state.Next;
  }
  return { transitions, events };
}
