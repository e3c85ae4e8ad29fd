import { expect, it } from 'vitest';
import { compileAll } from '../../lambdas/migration/compile/compile-all.ts';
import { BUGS } from './bugs.ts';

const statements = compileAll().split(';\n\n');

it.each(BUGS.filter(({ transform }) => transform !== undefined))(
  'the engine still has what the planted bug takes away: $name',
  ({ transform }) => {
    expect(statements.filter((sql) => transform?.(sql) !== sql).length).toBeGreaterThan(0);
  },
);

it('planted bugs have names of their own', () => {
  expect(new Set(BUGS.map(({ name }) => name)).size).toBe(BUGS.length);
});
