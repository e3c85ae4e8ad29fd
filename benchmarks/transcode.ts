/**
 * `npm run bench:transcode`: the numbers that transcoding promises, as ratios within one run where they depend on the machine. Prints a table;
 * `--json FILE` writes it as JSON. The pipeline runs on the embedded cloud.
 * Exit code: 0 = every promise kept (or `--quick`, whose numbers mean nothing) · 1 = one missed, or a measurement failed · 2 = wrong usage.
 */
import { UserError } from '../local/errors.ts';
import { type Measurements, measureAll } from './common/measure-all.ts';
import { parseOptions } from './common/options.ts';
import { Bench } from './transcode/bench.ts';
import { measureBundles } from './transcode/bundles.ts';
import { measureMemory } from './transcode/memory.ts';
import { measurePipeline } from './transcode/pipeline.ts';
import { FULL, QUICK } from './transcode/sizes.ts';
import { measureSubmit } from './transcode/submit.ts';

const MEASUREMENTS: Measurements<Bench> = {
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
  const options = parseOptions(process.argv.slice(2), Object.keys(MEASUREMENTS));
  bench = await Bench.start(options.rounds, options.quick ? QUICK : FULL);
  try {
    return await measureAll(bench, MEASUREMENTS, options);
  } finally {
    await bench.close();
  }
}
