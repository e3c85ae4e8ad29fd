/**
 * `npm run bench:migration`: the numbers that the migration promises, each measured against something else in the same run, so that they hold on any
 * machine. Prints a table; `--json FILE` writes it as JSON.
 * Exit code: 0 = every promise kept (or `--quick`, whose numbers mean nothing) · 1 = one missed, or a measurement failed · 2 = wrong usage.
 */
import { UserError } from '../local/errors.ts';
import { type Measurements, measureAll } from './common/measure-all.ts';
import { parseOptions } from './common/options.ts';
import { Bench } from './migration/bench.ts';
import { measureBulk } from './migration/bulk.ts';
import { measureGrowth } from './migration/growth.ts';
import { measureLegacyWrites } from './migration/legacy-writes.ts';
import { measurePlanLoop } from './migration/plan-loop.ts';
import { FULL, QUICK } from './migration/sizes.ts';

const MEASUREMENTS: Measurements<Bench> = {
  'plan-loop': measurePlanLoop,
  bulk: measureBulk,
  growth: measureGrowth,
  capture: measureLegacyWrites,
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

try {
  process.exitCode = await main();
} catch (error) {
  const wrongUse = error instanceof UserError;
  process.stderr.write(`${wrongUse ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
  process.exitCode = wrongUse ? error.exitCode : 1;
}

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), Object.keys(MEASUREMENTS));
  const bench = await Bench.start(options.rounds, options.quick ? QUICK : FULL);
  try {
    return await measureAll(bench, MEASUREMENTS, options);
  } finally {
    await bench.close();
  }
}
