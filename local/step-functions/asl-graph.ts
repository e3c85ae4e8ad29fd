import { at, type Report } from './asl-report.ts';
import { isObject, type JsonObject } from './definition.ts';

/** Checks that every transition leads to a state of the same block, that every state ends or goes on, and that each can be reached. */
export function checkGraph(block: JsonObject, path: string, report: Report): void {
  const states = block.States as JsonObject;
  if (typeof block.StartAt !== 'string' || !(block.StartAt in states)) {
    report(at(path, 'StartAt'), `found ${JSON.stringify(block.StartAt)}, expected one of ${Object.keys(states).join(', ')}`);
    return;
  }
  const reached = new Set([block.StartAt]);
  for (const name of reached) {
    const state = states[name];
    if (!isObject(state)) continue;
    for (const [target, targetPath] of transitions(state, at(at(path, 'States'), name))) {
      if (target in states) reached.add(target);
      else report(targetPath, `there is no state "${target}" in this block; correct the name or add the state`);
    }
  }
  for (const [name, state] of Object.entries(states)) {
    const statePath = at(at(path, 'States'), name);
    if (!reached.has(name)) report(statePath, 'no transition leads here; remove the state or the mistake that cut it off');
    if (!isObject(state) || ['Choice', 'Succeed', 'Fail'].includes(String(state.Type))) continue;
    if ((typeof state.Next === 'string') === (state.End === true)) report(statePath, 'expected either Next or "End": true; keep one');
  }
}

function transitions(state: JsonObject, path: string): [target: string, path: string][] {
  const found: [unknown, string][] = [
    [state.Next, at(path, 'Next')],
    [state.Default, at(path, 'Default')],
  ];
  for (const field of ['Choices', 'Catch']) {
    if (!Array.isArray(state[field])) continue;
    for (const [index, entry] of state[field].entries())
      if (isObject(entry)) found.push([entry.Next, at(`${at(path, field)}[${index}]`, 'Next')]);
  }
  return found.filter((transition): transition is [string, string] => typeof transition[0] === 'string');
}
