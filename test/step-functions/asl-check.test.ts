import { expect, it } from 'vitest';
import { checkDefinition, DefinitionError } from '../../local/step-functions/asl-check.ts';
import { machine, service, task } from './helpers.ts';

function problems(states: Record<string, unknown>, fields: Record<string, unknown> = {}): readonly string[] {
  try {
    checkDefinition('machine', machine(states, fields).definition);
    return [];
  } catch (error) {
    if (error instanceof DefinitionError) return error.problems;
    throw error;
  }
}

const pass = { Type: 'Pass', End: true };
const map = (fields: Record<string, unknown> = {}) => ({
  Type: 'Map',
  ItemProcessor: { StartAt: 'Item', States: { Item: pass } },
  End: true,
  ...fields,
});

it('accepts a definition of everything that runs', () => {
  const states = {
    Read: task({
      Parameters: { 'Payload.$': '$', 'key.$': "States.Format('{}/{}', $.a, States.ArrayGetItem($.b, 0))" },
      ResultPath: null,
      Next: 'Each',
    }),
    Each: map({ ItemsPath: '$.items', ItemSelector: { 'i.$': '$$.Map.Item.Index' }, MaxConcurrency: 2, End: undefined, Next: 'Both' }),
    Both: {
      Type: 'Parallel',
      Branches: [{ StartAt: 'Left', States: { Left: pass } }],
      Catch: [{ ErrorEquals: ['States.ALL'], Next: 'Fail' }],
      Next: 'More?',
    },
    'More?': {
      Type: 'Choice',
      Choices: [{ And: [{ Variable: '$.n', NumericGreaterThan: 1 }, { Not: { Variable: '$.m', IsPresent: true } }], Next: 'Wait' }],
      Default: 'Done',
    },
    Wait: { Type: 'Wait', Seconds: 3, Next: 'Read' },
    Done: { Type: 'Succeed' },
    Fail: { Type: 'Fail', ErrorPath: '$.Error', CausePath: '$.Cause' },
  };
  expect(problems(JSON.parse(JSON.stringify(states)), { TimeoutSeconds: 60, Comment: 'all ${of} it' })).toEqual([]);
});

it.each<[what: string, states: Record<string, unknown>, problem: RegExp]>([
  ['JSONata', { A: { ...pass, QueryLanguage: 'JSONata' } }, /^States\.A\.QueryLanguage: .*JSONata/],
  ['variables', { A: { ...pass, Assign: { x: 1 } } }, /^States\.A\.Assign: .*variables/],
  ['batches', { A: map({ ItemBatcher: {} }) }, /^States\.A\.ItemBatcher: /],
  ['S3 readers', { A: map({ ItemReader: {} }) }, /^States\.A\.ItemReader: /],
  ['result writers', { A: map({ ResultWriter: {} }) }, /^States\.A\.ResultWriter: /],
  ['tolerated failures', { A: map({ ToleratedFailurePercentage: 5 }) }, /^States\.A\.ToleratedFailurePercentage: /],
  [
    'distributed maps',
    { A: map({ ItemProcessor: { ProcessorConfig: { Mode: 'DISTRIBUTED' }, StartAt: 'I', States: { I: pass } } }) },
    /ItemProcessor\.ProcessorConfig: distributed/,
  ],
  ['task tokens', { A: task({ Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken' }) }, /^States\.A\.Resource: .*token/],
  ['unknown fields', { A: { ...pass, Speed: 1 } }, /^States\.A\.Speed: .*unknown/],
  ['a Task without a timeout', { A: task({ TimeoutSeconds: undefined }) }, /^States\.A\.TimeoutSeconds: missing/],
  ['a timer that overflows', { A: { Type: 'Wait', Seconds: 3_000_000, End: true } }, /^States\.A\.Seconds: found 3000000/],
  [
    'unresolved substitutions',
    { A: task({ Parameters: { FunctionName: '${CopyFunctionArn}' } }) },
    /Parameters\.FunctionName: .*\$\{CopyFunctionArn\}/,
  ],
  ['unreachable states', { A: pass, 'B c': pass }, /^States\['B c'\]: no transition/],
  ['missing states', { A: { Type: 'Pass', Next: 'B' } }, /^States\.A\.Next: there is no state "B"/],
  [
    'a name used twice',
    { A: { Type: 'Parallel', Branches: [{ StartAt: 'A', States: { A: pass } }], End: true } },
    /States\.A: the name is taken by States\.A/,
  ],
  ['wildcard paths', { A: { ...pass, InputPath: '$.a[*].b' } }, /^States\.A\.InputPath: the path \$\.a\[\*\]\.b is not a definite one/],
  ['context it has not', { A: { ...pass, Parameters: { 't.$': '$$.Execution.RedriveCount' } } }, /Parameters\['t\.\$'\]: .*not offered/],
  ['map items outside the selector', { A: { ...pass, Parameters: { 't.$': '$$.Map.Item.Value' } } }, /ItemSelector/],
  [
    'functions that lose text',
    { A: { ...pass, Parameters: { 't.$': 'States.Array(States.JsonToString($))' } } },
    /JsonToString loses backslashes/,
  ],
  [
    'two operators in a rule',
    { A: { Type: 'Choice', Choices: [{ Variable: '$.a', IsString: true, StringEquals: 'x', Next: 'B' }] }, B: pass },
    /Choices\[0\]: found the operators IsString, StringEquals/,
  ],
  [
    'patterns with ?',
    { A: { Type: 'Choice', Choices: [{ Variable: '$.a', StringMatches: 'a?', Next: 'B' }] }, B: pass },
    /StringMatches: /,
  ],
  [
    'States.ALL among others',
    { A: task({ Retry: [{ ErrorEquals: ['States.ALL', 'X'] }] }) },
    /Retry\[0\]\.ErrorEquals: States\.ALL must stand alone/,
  ],
  ['a state with neither Next nor End', { A: { Type: 'Pass' } }, /^States\.A: expected either Next or "End"/],
])('refuses %s', (_, states, problem) => {
  expect(problems(JSON.parse(JSON.stringify(states)))).toContainEqual(expect.stringMatching(problem));
});

it('lists every problem at once', () => {
  expect(problems({ A: { ...pass, Assign: {} }, B: { ...pass, Output: 1 } })).toHaveLength(3);
});

it('refuses at load a Task that nothing answers, naming the state', () => {
  const spec = machine({ 'Tell them': task({ Resource: 'arn:aws:states:::sqs:sendMessage' }) });
  expect(() => service(spec)).toThrow(/States\['Tell them'\]\.Resource: nothing answers arn:aws:states:::sqs:sendMessage/);
  expect(() => service(spec, { 'arn:aws:states:::sqs:*': async () => ({}) })).not.toThrow();
});
