import { expect, it } from 'vitest';
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
