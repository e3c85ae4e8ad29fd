import type { StateType } from './definition.ts';

const paths = ['InputPath', 'OutputPath'];
const result = ['ResultSelector', 'ResultPath'];
const flow = ['Next', 'End'];
const failure = ['Retry', 'Catch'];

/** What the interpreter really executes, field by field. Source: its source at 3.0.0, measured; anything else is refused. */
export const stateFields: Readonly<Record<StateType, readonly string[]>> = {
  Task: [...paths, ...result, ...flow, ...failure, 'Resource', 'Parameters', 'TimeoutSeconds'],
  Parallel: [...paths, ...result, ...flow, ...failure, 'Branches', 'Parameters'],
  Map: [
    ...paths,
    ...result,
    ...flow,
    ...failure,
    'ItemProcessor',
    'Iterator',
    'ItemsPath',
    'ItemSelector',
    'MaxConcurrency',
    'MaxConcurrencyPath',
  ],
  Pass: [...paths, ...flow, 'ResultPath', 'Result', 'Parameters'],
  Wait: [...paths, ...flow, 'Seconds', 'Timestamp', 'SecondsPath', 'TimestampPath'],
  Choice: [...paths, 'Choices', 'Default'],
  Succeed: paths,
  Fail: ['Error', 'Cause', 'ErrorPath', 'CausePath'],
};

export const machineFields = ['Comment', 'StartAt', 'States', 'Version', 'TimeoutSeconds', 'QueryLanguage'];
export const branchFields = ['Comment', 'StartAt', 'States', 'QueryLanguage'];
export const processorFields = [...branchFields, 'ProcessorConfig'];

/** Fields that exist on AWS and that people will write: why each is refused and what to write instead. */
export const refusedFields: Readonly<Record<string, string>> = {
  QueryLanguage: 'the interpreter has no JSONata and would ignore its output; write JSONPath',
  Arguments: 'the interpreter has no JSONata; write Parameters',
  Output: 'the interpreter has no JSONata; write ResultSelector, ResultPath or OutputPath',
  Items: 'the interpreter has no JSONata; write ItemsPath',
  Assign: 'the interpreter has no variables; carry the value in the state input with ResultPath',
  ItemBatcher: 'the interpreter ignores it; build the batches in a Task before the Map',
  ItemReader: 'the interpreter cannot read items from S3; read them in a Task and give the Map their keys',
  ResultWriter: 'the interpreter ignores it; write the results in a Task',
  ToleratedFailurePercentage: 'the interpreter ignores it; catch the failure inside the ItemProcessor',
  ToleratedFailurePercentagePath: 'the interpreter ignores it; catch the failure inside the ItemProcessor',
  ToleratedFailureCount: 'the interpreter ignores it; catch the failure inside the ItemProcessor',
  ToleratedFailureCountPath: 'the interpreter ignores it; catch the failure inside the ItemProcessor',
  Label: 'it belongs to distributed maps, which run as inline ones here; remove it',
  HeartbeatSeconds: 'the interpreter ignores it; bound the task with TimeoutSeconds',
  HeartbeatSecondsPath: 'the interpreter ignores it; bound the task with TimeoutSeconds',
  TimeoutSecondsPath: 'the time a task takes must be visible in the definition; write TimeoutSeconds',
  Credentials: 'there are no roles here; remove it',
};

const comparisons = ['Equals', 'LessThan', 'GreaterThan', 'LessThanEquals', 'GreaterThanEquals'];
const ordered = ['String', 'Numeric', 'Timestamp'].flatMap((type) => comparisons.map((comparison) => type + comparison));

/** Operators of a Choice rule and the type of their operand. */
export const choiceOperators: ReadonlyMap<string, 'string' | 'number' | 'boolean' | 'path'> = new Map([
  ...ordered.map((name) => [name, name.startsWith('Numeric') ? 'number' : 'string'] as const),
  ...ordered.map((name) => [`${name}Path`, 'path'] as const),
  ['BooleanEquals', 'boolean'] as const,
  ['BooleanEqualsPath', 'path'] as const,
  ['StringMatches', 'string'] as const,
  ...['IsNull', 'IsPresent', 'IsNumeric', 'IsString', 'IsBoolean', 'IsTimestamp'].map((name) => [name, 'boolean'] as const),
]);
