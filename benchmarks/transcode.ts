/**
 * `npm run bench:transcode`: the numbers that transcoding promises, as ratios within one run where they depend on the machine. Prints a table;
 * `--json FILE` writes it as JSON. The pipeline runs on the embedded cloud.
 * Exit code: 0 = every promise kept (or `--quick`, whose numbers mean nothing) · 1 = one missed, or a measurement failed · 2 = wrong usage.
 */
import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { UserError } from '../local/errors.ts';
import { parseOptions } from './common/options.ts';
import type { Findings } from './common/promise.ts';
import { renderTable } from './common/table.ts';
import { Bench } from './transcode/bench.ts';
import { measureBundles } from './transcode/bundles.ts';
import { measureMemory } from './transcode/memory.ts';
import { measurePipeline } from './transcode/pipeline.ts';
import { FULL, QUICK } from './transcode/sizes.ts';
import { measureSubmit } from './transcode/submit.ts';

const MEASUREMENTS: Readonly<Record<string, (bench: Bench) => Promise<Findings>>> = {
  pipeline: measurePipeline,
  submit: measureSubmit,
  memory: measureMemory,
  bundles: measureBundles,
};

let bench: Bench | undefined;
// What was started goes, and so do its files.
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void Promise.resolve(bench?.close()).finally(() => process.exit(130)));

try {
  process.exitCode = await main();
} catch (error) {
  const wrongUse = error instanceof UserError;
  process.stderr.write(`${wrongUse ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
  process.exitCode = wrongUse ? error.exitCode : 1;
}

async function main(): Promise<number> {
  const { only, rounds, quick, json } = parseOptions(process.argv.slice(2), Object.keys(MEASUREMENTS));
  bench = await Bench.start(rounds, quick ? QUICK : FULL);
  try {
    const findings: Findings[] = [];
    for (const [name, measure] of Object.entries(MEASUREMENTS))
      if (only === undefined || only === name) findings.push(await measure(bench));
    const all: Findings = {
      promised: findings.flatMap(({ promised }) => promised),
      facts: Object.assign({}, ...findings.map(({ facts }) => facts)) as Findings['facts'],
    };
    process.stdout.write(`${renderTable(all)}\n`);
    if (json !== undefined) writeFileSync(json, `${JSON.stringify({ cores: availableParallelism(), quick, rounds, ...all }, null, 2)}\n`);
    return quick || all.promised.every(({ kept }) => kept) ? 0 : 1;
  } finally {
    await bench.close();
  }
}
