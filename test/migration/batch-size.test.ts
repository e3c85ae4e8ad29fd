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

  it('halves when it is undone and quarters after a timeout, down to one row', () => {
    const size = new BatchSize(limits);
    size.undone(100);
    expect(size.rows).toBe(50);
    size.timedOut();
    expect(size.rows).toBe(12);
    for (let again = 0; again < 10; again++) size.timedOut();
    expect(size.rows).toBe(1);
  });

  /** Sends statements over so many rows, of which those at `bad` are refused. Gives the statements' number, and the bad rows found. */
  function sendAll(rows: number, bad: ReadonlySet<number>): { readonly statements: number; readonly found: readonly number[] } {
    const size = new BatchSize({ first: 100, max: 10_000, targetMs: 2_000 });
    const found: number[] = [];
    let statements = 0;
    for (let at = 0; at < rows; statements++) {
      const sent = Math.min(size.rows, rows - at);
      const refused = Array.from({ length: sent }, (_, index) => at + index).some((row) => bad.has(row));
      if (refused) {
        size.refused(sent);
        if (sent > 1) continue;
        found.push(at);
        at += 1;
      } else {
        size.succeeded(sent, sent / 50);
        at += sent;
      }
    }
    return { statements, found };
  }

  it('finds every refused row, each in about as many statements as it takes to halve what lies between two of them', () => {
    const every = (n: number) => new Set(Array.from({ length: 10_000 / n }, (_, index) => index * n + 7).filter((row) => row < 10_000));
    for (const [n, statementsEach] of [
      [50, 12],
      [500, 20],
      [10_000, 30],
    ] as const) {
      const { statements, found } = sendAll(10_000, every(n));
      expect(found).toEqual([...every(n)]);
      expect(statements / found.length).toBeLessThan(statementsEach);
    }
    expect(sendAll(1_000, new Set(Array.from({ length: 1_000 }, (_, row) => row))).statements).toBeLessThan(1_010);
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
    const event = fc.oneof(fc.constantFrom('refused', 'undone', 'timedOut'), fc.double({ min: 0, max: 1e6, noNaN: true }));
    fc.assert(
      fc.property(fc.array(event), fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 1, max: 50_000 }), (events, first, max) => {
        const size = new BatchSize({ first, max, targetMs: 2_000 });
        for (const what of events) {
          if (typeof what === 'number') size.succeeded(size.rows, what);
          else if (what === 'refused') size.refused(size.rows);
          else if (what === 'undone') size.undone(size.rows);
          else size.timedOut();
          expect(Number.isInteger(size.rows) && size.rows >= 1 && size.rows <= max).toBe(true);
        }
        for (let batch = 0; batch < 40; batch++) size.succeeded(size.rows, size.rows * 10); // 10 ms a row: 200 rows fit
        expect(size.rows).toBe(Math.min(200, max));
      }),
    );
  });
});
