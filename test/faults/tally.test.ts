import { expect, it } from 'vitest';
import { FAULTS } from './faults.ts';
import { Tally } from './tally.ts';
import type { Report } from './worker.ts';

const report = (counts: Report['counts']): Report => ({
  seed: 1,
  violations: [],
  counts,
  phases: { schedule: 10 },
  calls: 100,
  cpuSeconds: 1,
});

/** One of each, but for the one named. */
const allBut = (missing?: string) =>
  Object.fromEntries(
    [...FAULTS, 'duplicate invocation', 'duplicate start', 'run taken over'].filter((kind) => kind !== missing).map((kind) => [kind, 1]),
  );

it.each([...FAULTS, 'duplicate start'])('tells when no seed has met "%s"', (kind) => {
  const tally = new Tally(0);
  tally.add(report(allBut(kind)));
  expect(tally.neverMet()).toEqual([kind]);
  tally.add(report({ [kind]: 1 }));
  expect(tally.neverMet()).toEqual([]);
});
