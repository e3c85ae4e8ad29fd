/**
 * npm run test:faults: seeded schedules of faults, then planted bugs that the same seeds must find, then every boundary of one batch.
 *
 *   -- --seed N            replays one seed and prints what it did
 *   -- --seed N --bug B    the same with a planted bug
 *   -- --part bugs --bug B looks for the seeds that find one planted bug, or several
 *   -- --seeds N           how many seeds (500) · --first N: from which on (1) · --workers N (3) · --part seeds|bugs|boundaries
 *
 * Exit code: 0 = every promise kept · 1 = one broken, or, of 500 seeds or more, too slow or with a kind of fault that was never met.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { everyBoundary } from './boundaries.ts';
import { BUGS } from './bugs.ts';
import { Pool } from './pool.ts';
import { SeedRunner } from './seed-runner.ts';
import { Tally } from './tally.ts';

process.env.POWERTOOLS_LOG_LEVEL = 'SILENT';
process.env.POWERTOOLS_METRICS_DISABLED = 'true'; // before the workers start: their steps measure as in the cloud
const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    bug: { type: 'string', multiple: true, default: [] },
    seeds: { type: 'string', default: '500' },
    first: { type: 'string', default: '1' },
    workers: { type: 'string', default: '3' }, // of two, each waits for its database a third of the time
    part: { type: 'string', multiple: true, default: ['seeds', 'bugs', 'boundaries'] },
  },
});
const say = (line: string) => void process.stdout.write(`${line}\n`);

async function replay(seed: number, bug: string | undefined): Promise<boolean> {
  const runner = await SeedRunner.start();
  try {
    const { trace, counts, violations } = await runner.run({ seed, bug });
    for (const line of numbered(trace)) say(line);
    say(JSON.stringify(counts));
    for (const { rule, detail } of violations) say(`BROKEN ${rule}: ${detail}`);
    return violations.length === 0;
  } finally {
    await runner.close();
  }
}

function numbered(trace: readonly string[]): readonly string[] {
  return trace.map((line, index) => `${String(index + 1).padStart(5)} ${line}`);
}

/** On two cores. Fewer seeds say too little of either time or faults to be held to it. */
const PROMISED = { seeds: 500, seconds: 120 };

async function runSeeds(pool: Pool, first: number, count: number): Promise<boolean> {
  const tally = new Tally(pool.cpuSeconds);
  let next = first;
  let broken = 0;
  await pool.work((before) => {
    if (before !== undefined) {
      tally.add(before);
      if (before.violations.length > 0) {
        broken += 1;
        for (const { rule, detail } of before.violations.slice(0, 3)) say(`BROKEN seed ${before.seed} · ${rule}: ${detail}`);
        say(`       npm run test:faults -- --seed ${before.seed}`);
        const calls = join(tmpdir(), `videopick-faults-seed-${before.seed}.txt`);
        writeFileSync(calls, `${numbered(before.trace).join('\n')}\n`);
        say(`       its calls, should it go another way by itself: ${calls}`);
      }
    }
    return next < first + count ? { seed: next++ } : undefined;
  });
  const { seconds } = tally;
  say(`${count} seeds, ${broken} broken, ${tally.speed(pool.cpuSeconds)}`);
  for (const line of tally.lines()) say(`  ${line}`);
  const missed = count < PROMISED.seeds ? [] : missedPromises(tally, seconds, count);
  for (const promise of missed) say(`MISSED ${promise}`);
  return broken === 0 && missed.length === 0;
}

/** What a full run of seeds promises besides their being kept, and did not keep. `seconds` by the clock: what else the machine did counts. */
function missedPromises(tally: Tally, seconds: number, count: number): readonly string[] {
  const allowed = (PROMISED.seconds * count) / PROMISED.seeds;
  const slow = `${count} seeds in at most ${allowed.toFixed(0)} s: they took ${seconds.toFixed(1)} s by the clock (CPU time above)`;
  return [...(seconds > allowed ? [slow] : []), ...tally.neverMet().map((kind) => `"${kind}" strikes at least once: no seed has met it`)];
}

/** Each bug goes through the seeds until one finds it, a seed that has found it before being the first. */
async function findBugs(pool: Pool, first: number, count: number): Promise<boolean> {
  const tally = new Tally(pool.cpuSeconds);
  const bugs = values.bug.length === 0 ? BUGS : BUGS.filter(({ name }) => values.bug.includes(name));
  const waiting = [...bugs];
  const current = new Map<number, { readonly name: string; readonly seeds: number[] }>();
  let survivors = 0;
  await pool.work((before, worker) => {
    const bug = current.get(worker);
    if (before !== undefined && bug !== undefined) {
      tally.add(before);
      const [violation] = before.violations;
      const seed = bug.seeds.shift();
      if (violation === undefined && seed !== undefined) return { seed, bug: bug.name };
      if (violation === undefined) survivors += 1;
      say(
        violation === undefined
          ? `SURVIVED ${bug.name}: ${count} seeds find nothing`
          : `  found by seed ${String(before.seed).padStart(3)}: ${bug.name} (${violation.rule})`,
      );
    }
    const started = waiting.shift();
    if (started === undefined) return undefined;
    const { name, knownBy } = started;
    const all = Array.from({ length: count }, (_, n) => first + n);
    const [seed = first, ...seeds] = all.includes(knownBy ?? 0) ? [knownBy ?? first, ...all.filter((other) => other !== knownBy)] : all;
    current.set(worker, { name, seeds });
    return { seed, bug: name };
  });
  say(`${bugs.length - survivors} of ${bugs.length} planted bugs found, ${tally.speed(pool.cpuSeconds)}`);
  return survivors === 0;
}

type Part = (pool: Pool, first: number, count: number) => Promise<boolean>;

const PARTS: Readonly<Record<string, Part>> = { seeds: runSeeds, bugs: findBugs, boundaries: () => everyBoundary(say) };

async function main(): Promise<boolean> {
  for (const bug of values.bug)
    if (!BUGS.some(({ name }) => name === bug))
      throw new Error(`no planted bug "${bug}"; there are: ${BUGS.map(({ name }) => name).join(' · ')}`);
  if (values.seed !== undefined) return replay(Number(values.seed), values.bug[0]);
  const parts = values.part.map((name): readonly [string, Part] => {
    const part = PARTS[name];
    if (part === undefined) throw new Error(`no part "${name}"; there are: ${Object.keys(PARTS).join(', ')}`);
    return [name, part];
  });
  const [first, count] = [Number(values.first), Number(values.seeds)];
  const pool = await Pool.start(Number(values.workers));
  try {
    const failed: string[] = [];
    for (const [name, part] of parts) if (!(await part(pool, first, count))) failed.push(name);
    say(failed.length === 0 ? `PASSED: ${values.part.join(', ')}` : `FAILED: ${failed.join(', ')}`);
    return failed.length === 0;
  } finally {
    await pool.stop();
  }
}

process.exitCode = (await main()) ? 0 : 1;
