import { statSync } from 'node:fs';
import { type Findings, median, promised } from '../common/promise.ts';
import type { Bench } from './bench.ts';
import { runStep } from './step-run.ts';

const KILOBYTE = 1_000;

/** The size of each Lambda's bundle, without pages and SQL beside it, and how long a fresh process takes to load it. */
export async function measureBundles(bench: Bench): Promise<Findings> {
  const deployed = bench.deployed().slice(0, bench.sizes.bundles === 'one' ? 1 : undefined);
  const facts: Record<string, string> = {};
  const sizes: number[] = [];
  const imports: number[] = [];
  for (const step of deployed) {
    const times: number[] = [];
    for (let index = 0; index < bench.rounds; index++) times.push((await runStep(step, [])).importMs);
    sizes.push(statSync(step.bundle).size / KILOBYTE);
    imports.push(median(times));
    facts[`bundle ${step.name}`] = `${(sizes.at(-1) ?? 0).toFixed(0)} kB · ${(imports.at(-1) ?? 0).toFixed(0)} ms`;
  }
  return {
    promised: [
      promised('bundle-size', 'kB of the largest minified bundle', [Math.max(...sizes)], { atMost: 400 }),
      promised('cold-import', 'ms that the slowest bundle takes to load in a fresh process (medians)', [Math.max(...imports)], {
        atMost: 250,
      }),
    ],
    facts,
  };
}
