import { describe, expect, it } from 'vitest';
import { sayCause } from '../../local/runner/migrate.ts';

describe('sayCause', () => {
  it.each([
    [
      JSON.stringify({
        errorType: 'DatabaseErrorException',
        errorMessage: 'ERROR: null value\n  Detail: Failing row contains (a@b.kr).',
        trace: ['x'],
      }),
      'ERROR: null value',
    ],
    ['States.Timeout after 900 s', 'States.Timeout after 900 s'],
    ['{"cut short', '{"cut short'],
    ['null', 'null'],
    [undefined, 'no cause is known'],
  ])('makes of %j one line without trace and values', (cause, said) => {
    expect(sayCause(cause)).toBe(said);
  });
});
