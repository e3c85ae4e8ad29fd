import { isObject, type JsonObject, type State, type StatesBlock } from './definition.ts';

/** `setTimeout` overflows beyond 2^31 − 1 ms; the interpreter would end such a wait at once. */
export const MAX_TIMER_SECONDS = 2_147_483;

/**
 * Rewrites a checked definition into the dialect in which the interpreter (`aws-local-stepfunctions` 3.0.0) does what the service does:
 * - Map and Parallel become tasks that `run-states.ts` answers: the interpreter's own nested runs lose the execution's input, their
 *   identity and late events.
 * - `$$.x` becomes `$$.Context.x`: it overwrites `$$.Execution` in every run with that run's input and time.
 * - Ordering and timestamp comparisons test the type first (it compares `5 < "9"`), `IsX: false` becomes `Not` (it is never true there).
 * - `ResultPath: "$"` goes (it writes a member called `$`), a falsy `Result` becomes `Parameters` (it is ignored), a missing `Cause` is empty.
 */
export function prepareDefinition(block: StatesBlock): StatesBlock {
  const states = Object.entries(block.States).map(([name, state]) => [name, prepareState(state)] as const);
  return {
    StartAt: block.StartAt,
    States: Object.fromEntries(states),
    ...(block.TimeoutSeconds !== undefined && { TimeoutSeconds: block.TimeoutSeconds }),
  };
}

function prepareState(state: State): State {
  const prepared: Record<string, unknown> & { Type: State['Type'] } = { ...state };
  for (const [field, value] of Object.entries(state)) {
    if (typeof value === 'string' && field.endsWith('Path')) prepared[field] = redirectContext(value);
    if (field === 'Parameters' || field === 'ResultSelector' || field === 'ItemSelector') prepared[field] = redirectTemplate(value);
  }
  if (prepared.ResultPath === '$') delete prepared.ResultPath;
  if (Array.isArray(prepared.Catch)) prepared.Catch = prepared.Catch.map(withoutRootResultPath);
  if (state.Type === 'Pass' && 'Result' in state && !state.Result) {
    prepared.Parameters = state.Result;
    delete prepared.Result;
  }
  if (state.Type === 'Fail' && state.Cause === undefined && state.CausePath === undefined) prepared.Cause = '';
  if (state.Type === 'Choice') prepared.Choices = (state.Choices as JsonObject[]).map(prepareRule);
  if (state.Type === 'Map') return mapAsTask(prepared);
  if (state.Type === 'Parallel') return { ...prepared, Type: 'Task', Resource: 'parallel', TimeoutSeconds: MAX_TIMER_SECONDS };
  return prepared;
}

function mapAsTask({ ItemsPath = '$', MaxConcurrencyPath, ...rest }: State & Readonly<Record<string, unknown>>): State {
  const maxConcurrency = MaxConcurrencyPath === undefined ? {} : { 'maxConcurrency.$': MaxConcurrencyPath };
  return {
    ...rest,
    Type: 'Task',
    Resource: 'map',
    TimeoutSeconds: MAX_TIMER_SECONDS,
    Parameters: { 'items.$': ItemsPath, 'input.$': '$', ...maxConcurrency },
  };
}

function withoutRootResultPath(catcher: JsonObject): JsonObject {
  if (catcher.ResultPath !== '$') return catcher;
  const { ResultPath: _, ...rest } = catcher;
  return rest;
}

function prepareRule(rule: JsonObject): JsonObject {
  const { Next, Comment: _, ...test } = rule;
  return { ...prepareTest(test), ...(Next !== undefined && { Next }) };
}

function prepareTest(test: JsonObject): JsonObject {
  if (Array.isArray(test.And)) return { And: test.And.map(prepareRule) };
  if (Array.isArray(test.Or)) return { Or: test.Or.map(prepareRule) };
  if (isObject(test.Not)) return { Not: prepareRule(test.Not) };
  const Variable = redirectContext(test.Variable as string);
  const [operator = '', operand] = Object.entries(test).find(([key]) => key !== 'Variable') ?? [];
  if (operator.startsWith('Is')) return operand === false ? { Not: { Variable, [operator]: true } } : { Variable, [operator]: true };
  const value = operator.endsWith('Path') ? redirectContext(operand as string) : operand;
  const type = /^(String|Numeric|Timestamp)(?=Less|Greater|Matches|Equals)/.exec(operator)?.[1];
  const comparison = { Variable, [operator]: value };
  return type === undefined ? comparison : { And: [{ Variable, [`Is${type}`]: true }, comparison] };
}

function redirectTemplate(template: unknown): unknown {
  if (Array.isArray(template)) return template.map(redirectTemplate);
  if (!isObject(template)) return template;
  const entries = Object.entries(template).map(([key, value]) => [
    key,
    key.endsWith('.$') && typeof value === 'string' ? redirectContext(value) : redirectTemplate(value),
  ]);
  return Object.fromEntries(entries);
}

function redirectContext(expression: string): string {
  return expression.replaceAll('$$.', () => '$$.Context.');
}
