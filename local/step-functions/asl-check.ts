import { UserError } from '../errors.ts';
import { checkChoice } from './asl-choice.ts';
import { expressionProblem, pathProblem, referencePathProblem } from './asl-expressions.ts';
import { checkRetryAndCatch } from './asl-failure.ts';
import { branchFields, machineFields, processorFields, refusedFields, stateFields } from './asl-fields.ts';
import { checkGraph } from './asl-graph.ts';
import { at, type Report } from './asl-report.ts';
import { isObject, type JsonObject, type StateType, stateTypes } from './definition.ts';
import { MAX_TIMER_SECONDS } from './prepare-definition.ts';

export interface CheckOptions {
  /** Whether a Task's `Resource` can be answered. @default every one */
  readonly hasHandler?: (resource: string) => boolean;
}

/** A definition that the local interpreter would execute differently from AWS, or not at all. */
export class DefinitionError extends UserError {
  override readonly name = 'DefinitionError';
  readonly problems: readonly string[];

  constructor(machine: string, problems: readonly string[]) {
    super(
      `the definition of state machine "${machine}" cannot be run here as AWS would run it:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`,
    );
    this.problems = problems;
  }
}

/**
 * Refuses what the interpreter ignores or does differently, by allow-list.
 * @throws {DefinitionError} with every problem, each named by its path in the definition
 */
export function checkDefinition(name: string, definition: unknown, { hasHandler = () => true }: CheckOptions = {}): void {
  const problems: string[] = [];
  const report: Report = (path, problem) => void problems.push(`${path || 'definition'}: ${problem}`);
  checkSubstitutions(definition, '', report);
  checkBlock(definition, '', machineFields, { report, hasHandler, names: new Map() });
  if (problems.length > 0) throw new DefinitionError(name, problems);
}

interface Checking extends Required<CheckOptions> {
  readonly report: Report;
  /** Every state's path by name: names are unique in the whole machine. */
  readonly names: Map<string, string>;
}

function checkSubstitutions(value: unknown, path: string, report: Report): void {
  if (typeof value === 'string' && /\$\{[^}]*\}/.test(value))
    report(path, `"${value}" holds an unresolved substitution; give it a value in the state machine's DefinitionSubstitutions`);
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (key !== 'Comment') checkSubstitutions(member, at(path, key), report);
  }
}

function checkBlock(block: unknown, path: string, fields: readonly string[], checking: Checking): void {
  const { report } = checking;
  if (!isObject(block)) {
    report(path, `found ${JSON.stringify(block)}, expected an object with StartAt and States`);
    return;
  }
  checkFields(block, path, fields, report);
  if (block.Version !== undefined && block.Version !== '1.0') report(at(path, 'Version'), 'expected "1.0"; remove it');
  if (block.TimeoutSeconds !== undefined) checkSeconds(block.TimeoutSeconds, at(path, 'TimeoutSeconds'), report);
  const config = block.ProcessorConfig;
  if (config !== undefined && !(isObject(config) && config.Mode === 'INLINE' && Object.keys(config).length === 1)) {
    report(
      at(path, 'ProcessorConfig'),
      'distributed maps run as inline ones here; use Mode INLINE, or start one child execution per batch',
    );
  }
  if (!isObject(block.States) || Object.keys(block.States).length === 0) {
    report(at(path, 'States'), 'expected at least one state; add it');
    return;
  }
  for (const [name, state] of Object.entries(block.States)) checkState(name, state, at(at(path, 'States'), name), checking);
  checkGraph(block, path, report);
}

function checkState(name: string, state: unknown, path: string, checking: Checking): void {
  const { report, names } = checking;
  const earlier = names.get(name);
  if (earlier !== undefined) report(path, `the name is taken by ${earlier}; names are unique in a whole state machine, rename one`);
  names.set(name, path);
  if ([...name].length > 80) report(path, 'the name is longer than 80 characters; shorten it');
  const type = isObject(state) ? (state.Type as StateType) : undefined;
  if (!isObject(state) || type === undefined || !stateTypes.includes(type)) {
    report(at(path, 'Type'), `found ${JSON.stringify(type)}, expected one of ${stateTypes.join(', ')}`);
    return;
  }
  checkFields(state, path, ['Type', 'Comment', 'QueryLanguage', ...stateFields[type]], report);
  checkPaths(state, path, report);
  for (const field of ['Parameters', 'ResultSelector', 'ItemSelector']) {
    if (field in state) checkTemplate(state[field], at(path, field), { mapItem: field === 'ItemSelector' }, report);
  }
  checkRetryAndCatch(state, path, report);
  if (type === 'Task') checkTask(state, path, checking);
  if (type === 'Wait') checkWait(state, path, report);
  if (type === 'Choice') checkChoice(state, path, report);
  if (type === 'Fail' && state.Error === undefined && state.ErrorPath === undefined)
    report(at(path, 'Error'), 'missing; name the error, so that an operator can look it up');
  if (type === 'Map') checkMap(state, path, checking);
  if (type === 'Parallel') {
    if (!Array.isArray(state.Branches) || state.Branches.length === 0) {
      report(at(path, 'Branches'), 'expected a list of branches; add them');
      return;
    }
    for (const [index, branch] of state.Branches.entries()) checkBlock(branch, `${at(path, 'Branches')}[${index}]`, branchFields, checking);
  }
}

function checkFields(object: JsonObject, path: string, allowed: readonly string[], report: Report): void {
  for (const field of Object.keys(object)) {
    if (field === 'QueryLanguage' && object[field] === 'JSONPath') continue;
    if (allowed.includes(field) && field !== 'QueryLanguage') continue;
    report(at(path, field), refusedFields[field] ?? `the field is unknown here; expected one of ${allowed.join(', ')}`);
  }
}

function checkPaths(state: JsonObject, path: string, report: Report): void {
  for (const [field, value] of Object.entries(state)) {
    if (!field.endsWith('Path') || field in refusedFields) continue;
    if (value === null && ['InputPath', 'OutputPath', 'ResultPath'].includes(field)) continue;
    const problem = field === 'ResultPath' ? referencePathProblem(value) : pathProblem(value);
    if (problem !== undefined) report(at(path, field), problem);
  }
}

function checkTemplate(template: unknown, path: string, options: { mapItem: boolean }, report: Report): void {
  if (typeof template !== 'object' || template === null) return;
  for (const [key, value] of Object.entries(template)) {
    const problem = key.endsWith('.$') ? expressionProblem(value, options) : undefined;
    if (problem !== undefined) report(at(path, key), problem);
    else if (!key.endsWith('.$')) checkTemplate(value, at(path, key), options, report);
  }
}

function checkTask(state: JsonObject, path: string, { report, hasHandler }: Checking): void {
  const resource = state.Resource;
  if (typeof resource !== 'string' || !resource.startsWith('arn:aws:states:::')) {
    report(
      at(path, 'Resource'),
      `found ${JSON.stringify(resource)}, expected a service integration such as arn:aws:states:::lambda:invoke`,
    );
  } else if (resource.includes('.waitForTaskToken')) {
    report(at(path, 'Resource'), 'there are no task tokens here; poll with Wait, or use a .sync integration');
  } else if (!hasHandler(resource)) {
    report(
      at(path, 'Resource'),
      `nothing answers ${resource} here; use another integration, or add its handler where the stand-ins are wired`,
    );
  }
  if (state.TimeoutSeconds !== undefined) checkSeconds(state.TimeoutSeconds, at(path, 'TimeoutSeconds'), report);
  else report(at(path, 'TimeoutSeconds'), 'missing, so the task could hang for three years on AWS and 60 seconds here; bound it');
}

function checkWait(state: JsonObject, path: string, report: Report): void {
  const given = ['Seconds', 'Timestamp', 'SecondsPath', 'TimestampPath'].filter((field) => field in state);
  if (given.length !== 1)
    report(path, `found ${given.join(', ') || 'none'} of Seconds, Timestamp, SecondsPath and TimestampPath, expected exactly one`);
  if (state.Seconds !== undefined) checkSeconds(state.Seconds, at(path, 'Seconds'), report, 0);
  if (state.Timestamp !== undefined && Number.isNaN(Date.parse(String(state.Timestamp))))
    report(at(path, 'Timestamp'), 'expected a timestamp such as 2026-11-23T02:00:00Z');
}

function checkMap(state: JsonObject, path: string, checking: Checking): void {
  const field = 'Iterator' in state ? 'Iterator' : 'ItemProcessor';
  if ('Iterator' in state && 'ItemProcessor' in state) checking.report(path, 'found both Iterator and ItemProcessor; keep ItemProcessor');
  checkBlock(state[field], at(path, field), processorFields, checking);
  const concurrency = state.MaxConcurrency;
  if (concurrency !== undefined && !(Number.isInteger(concurrency) && (concurrency as number) >= 0)) {
    checking.report(at(path, 'MaxConcurrency'), `found ${JSON.stringify(concurrency)}, expected a whole number of at least 0`);
  }
}

function checkSeconds(value: unknown, path: string, report: Report, least = 1): void {
  if (Number.isInteger(value) && (value as number) >= least && (value as number) <= MAX_TIMER_SECONDS) return;
  report(path, `found ${JSON.stringify(value)}, expected whole seconds from ${least} to ${MAX_TIMER_SECONDS}, the longest timer here`);
}
