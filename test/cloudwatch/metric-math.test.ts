import { expect, it } from 'vitest';
import { apiSamples, executionSamples } from '../../local/cloudwatch/aws-samples.ts';
import { compileExpression } from '../../local/cloudwatch/metric-math.ts';

const values: Readonly<Record<string, number>> = { m1: 6, m2: 4, zero: 0 };

it.each([
  ['m1 + m2 * 2', 14],
  ['(m1+m2)*2', 20],
  ['m1 - m2 - 1', 1],
  ['-m1 / 4', -1.5],
  ['100 * (m2 / (m1 + m2))', 40],
  ['FILL(gone, 0) + m1', 6],
  ['IF(m1 > m2, m1, m2)', 6],
  ['IF(m1 <= m2, m1, 0.5)', 0.5],
  ['IF(m1 == 5, m1)', undefined],
  ['m1 + gone', undefined],
  ['m1 / zero', undefined],
])('%s is %s', (expression, value) => {
  expect(compileExpression(expression)((id) => values[id])).toBe(value);
});

it.each(['', 'm1 +', '(m1', 'm1 m2', 'ANOMALY_DETECTION_BAND(m1, 2)', 'm1 % 2'])('refuses %j', (expression) => {
  expect(() => compileExpression(expression)).toThrow(expect.objectContaining({ name: 'UnsupportedExpressionError' }));
});

it('counts what Step Functions and an HTTP API count', () => {
  const execution = { stateMachineArn: 'arn:sm', startDate: 10, status: 'FAILED' as const, stopDate: 12.5 };
  expect(executionSamples(execution, 1)).toMatchObject([
    { namespace: 'AWS/States', name: 'ExecutionsFailed', dimensions: { StateMachineArn: 'arn:sm' }, values: [[1, 1]] },
    { name: 'ExecutionTime', values: [[2500, 1]] },
  ]);
  const ofApi = apiSamples({ apiId: 'a', status: 503, latencyMs: 7, atMs: 1 }).filter(({ dimensions }) => dimensions.Stage === undefined);
  expect(Object.fromEntries(ofApi.map(({ name, values }) => [name, values[0]?.[0]]))).toEqual({ Count: 1, '4xx': 0, '5xx': 1, Latency: 7 });
});
