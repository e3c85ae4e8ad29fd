import { afterAll, beforeAll, expect, it } from 'vitest';
import { BUGS } from './bugs.ts';
import { SeedRunner } from './seed-runner.ts';

let runner: SeedRunner;

beforeAll(async () => {
  runner = await SeedRunner.start();
}, 120_000);
afterAll(() => runner?.close());

it('a schedule keeps every promise, and does the same when it is replayed', { timeout: 120_000 }, async () => {
  const first = await runner.run({ seed: 1 });
  expect(first.violations).toEqual([]);
  expect(first.trace.length).toBeGreaterThan(100);
  expect((await runner.run({ seed: 1 })).trace).toEqual(first.trace);
});

it('a planted bug is found by the seed that is known to find it', { timeout: 120_000 }, async () => {
  const bug = BUGS.find(({ name }) => name === 'no lease is checked');
  const { violations } = await runner.run({ seed: bug?.knownBy ?? 1, bug: bug?.name });
  expect(violations).toContainEqual(expect.objectContaining({ rule: 'a batch commits only while its run is the running one' }));
});
