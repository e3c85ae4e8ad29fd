import { expect, it } from 'vitest';
import { FAULTS } from './faults.ts';
import { KINDS, Tally } from './tally.ts';
import type { Report } from './worker.ts';

const report = (counts: Report['counts']): Report => ({
  seed: 1,
  violations: [],
  trace: [],
  counts,
  phases: { schedule: 10 },
  calls: 100,
  cpuSeconds: 1,
});

/** One of each, but for the one named. */
const allBut = (missing: string) => Object.fromEntries(KINDS.filter((kind) => kind !== missing).map((kind) => [kind, 1]));

it.each([...FAULTS, 'strikes "Catch up before verifying"', 'duplicate start'])('tells when no seed has met: %s', (kind) => {
  expect(KINDS).toContain(kind);
  const tally = new Tally(0);
  tally.add(report(allBut(kind)));
  expect(tally.neverMet()).toEqual([kind]);
  tally.add(report({ [kind]: 1 }));
  expect(tally.neverMet()).toEqual([]);
});
