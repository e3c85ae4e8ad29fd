import { expect, it } from 'vitest';
import { promised } from '../../benchmarks/common/promise.ts';
import { renderTable } from '../../benchmarks/common/table.ts';

it.each([
  [[1, 9, 1], { atMost: 2 }, true], // the median
  [[3, 9, 1], { atMost: 2 }, false],
  [[9, 1, 9], { atLeast: 5 }, true],
  [[1, 9, 1], { atLeast: 5 }, false],
  [[1, 9, 1], { under: 10 }, true],
  [[1, 9, 1], { under: 9 }, false], // one round is enough
])('of the rounds %j the promise %j is kept: %s', (rounds, promise, kept) => {
  const found = promised('calls', 'calls of a day', rounds, promise);
  expect(found.kept).toBe(kept);
  expect(renderTable({ promised: [found], facts: {} })).toMatch(kept ? /[≥≤<] \d+ +kept$/m : /[≥≤<] \d+ +MISSED$/m);
});
