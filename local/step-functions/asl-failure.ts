import { referencePathProblem } from './asl-expressions.ts';
import { at, type Report } from './asl-report.ts';
import { isObject, type JsonObject } from './definition.ts';

/** Fields of a retrier with the least and greatest number each takes. */
const retrierNumbers = {
  IntervalSeconds: [1, 99_999_999],
  MaxAttempts: [0, 99_999_999],
  MaxDelaySeconds: [1, 31_622_400],
  BackoffRate: [1, 1e9],
} as const;

/** Checks the retriers and catchers of a state. */
export function checkRetryAndCatch(state: JsonObject, path: string, report: Report): void {
  checkList(state, 'Retry', path, report, (retrier, retrierPath) => {
    for (const [field, value] of Object.entries(retrier)) {
      if (field === 'ErrorEquals' || field === 'Comment') continue;
      if (field === 'JitterStrategy' && (value === 'FULL' || value === 'NONE')) continue;
      const [least, greatest] = retrierNumbers[field as keyof typeof retrierNumbers] ?? [];
      if (least === undefined) report(at(retrierPath, field), 'the field is unknown here, or its value is; remove it');
      else if (typeof value !== 'number' || value < least || value > greatest || (field !== 'BackoffRate' && !Number.isInteger(value))) {
        report(at(retrierPath, field), `found ${JSON.stringify(value)}, expected a number from ${least} to ${greatest}`);
      }
    }
  });
  checkList(state, 'Catch', path, report, (catcher, catcherPath) => {
    for (const field of Object.keys(catcher)) {
      if (!['ErrorEquals', 'Next', 'ResultPath', 'Comment'].includes(field))
        report(at(catcherPath, field), 'the field is unknown here; remove it');
    }
    if (typeof catcher.Next !== 'string') report(at(catcherPath, 'Next'), 'missing; name the state to go to');
    if (catcher.ResultPath === undefined || catcher.ResultPath === null) return;
    const problem = referencePathProblem(catcher.ResultPath);
    if (problem !== undefined) report(at(catcherPath, 'ResultPath'), problem);
  });
}

type Entry = (entry: JsonObject, path: string) => void;

function checkList(state: JsonObject, field: 'Retry' | 'Catch', path: string, report: Report, checkEntry: Entry): void {
  const list = state[field];
  if (list === undefined) return;
  if (!Array.isArray(list)) {
    report(at(path, field), `found ${JSON.stringify(list)}, expected a list`);
    return;
  }
  for (const [index, entry] of list.entries()) {
    const entryPath = `${at(path, field)}[${index}]`;
    if (!isObject(entry)) {
      report(entryPath, `found ${JSON.stringify(entry)}, expected an object`);
      continue;
    }
    checkErrorEquals(entry.ErrorEquals, at(entryPath, 'ErrorEquals'), { state, last: index === list.length - 1 }, report);
    checkEntry(entry, entryPath);
  }
}

function checkErrorEquals(errors: unknown, path: string, { state, last }: { state: JsonObject; last: boolean }, report: Report): void {
  if (!Array.isArray(errors) || errors.length === 0 || errors.some((error) => typeof error !== 'string')) {
    report(path, `found ${JSON.stringify(errors)}, expected a list of error names`);
    return;
  }
  if (errors.includes('States.ALL') && (errors.length > 1 || !last)) report(path, 'States.ALL must stand alone and last; move it');
  if (errors.includes('States.TaskFailed') && state.Type !== 'Task') report(path, 'States.TaskFailed is for Task states; use States.ALL');
}
