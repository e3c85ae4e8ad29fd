import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BatchSize } from '../../lambdas/migration/batch-size.ts';

const limits = { first: 100, max: 1_000, targetMs: 2_000 };

describe('the size of a batch', () => {
  it('starts as configured, and never above the largest', () => {
    expect(new BatchSize(limits).rows).toBe(100);
    expect(new BatchSize({ ...limits, max: 40 }).rows).toBe(40);
  });

  it.each([
    [20, 1, 500], // fast: at most 25-fold at a time
    [100, 20, 1_000], // never above the largest
    [100, 1_000, 200],
    [100, 2_000, 100],
    [100, 8_000, 25],
    [40, 20, 100], // not a full batch: says nothing about the speed
  ])('after %i rows in %i ms is %i', (rows, tookMs, next) => {
    const size = new BatchSize({ ...limits, first: rows === 40 ? 100 : rows });
    size.succeeded(rows, tookMs);
    expect(size.rows).toBe(next);
  });

  it('halves when a row is refused and quarters after a timeout, down to one row', () => {
    const size = new BatchSize(limits);
    size.refused();
    expect(size.rows).toBe(50);
    size.timedOut();
    expect(size.rows).toBe(12);
    for (let again = 0; again < 10; again++) size.timedOut();
    expect(size.rows).toBe(1);
  });

  it('makes the next statement smaller when one times out, and hands on every other error and the time-out of a single row', async () => {
    const size = new BatchSize({ ...limits, first: 4 });
    const timeOut = Object.assign(new Error('too slow'), { name: 'StatementTimeoutException' });
    expect(await size.send(() => Promise.reject(timeOut))).toBeUndefined();
    expect(size.rows).toBe(1);
    await expect(size.send(() => Promise.reject(timeOut))).rejects.toBe(timeOut);
    await expect(new BatchSize(limits).send(() => Promise.reject(new Error('refused')))).rejects.toThrow('refused');
    expect(await size.send(async (rows) => `${rows} row`)).toBe('1 row');
    expect(size.rows).toBe(25);
  });

  it('stays a whole number from 1 to the largest, whatever happens, and settles near the target', () => {
    const event = fc.oneof(fc.constantFrom('refused', 'timedOut'), fc.double({ min: 0, max: 1e6, noNaN: true }));
    fc.assert(
      fc.property(fc.array(event), fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 50_000 }), (events, first, max) => {
        const size = new BatchSize({ first, max, targetMs: 2_000 });
        for (const what of events) {
          if (typeof what === 'number') size.succeeded(size.rows, what);
          else if (what === 'refused') size.refused();
          else size.timedOut();
          expect(Number.isInteger(size.rows) && size.rows >= 1 && size.rows <= max).toBe(true);
        }
        for (let batch = 0; batch < 20; batch++) size.succeeded(size.rows, size.rows * 10); // 10 ms a row: 200 rows fit
        expect(size.rows).toBe(Math.min(200, max));
      }),
    );
  });
});
