/**
 * `npm run bench:start`: how long the main job takes with the default sample, and how long a synth of the whole app, each three times in
 * a fresh folder. Prints a table and, as the last line, JSON. Exit code: 0 = promises kept · 1 = one missed, or a run failed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Report } from '../local/runner/report.ts';

const RUNS = 3;
const root = fileURLToPath(new URL('..', import.meta.url));

/** What issue 2 promises on two cores, and when a run is given up. */
const PROMISES = { mainJob: { promiseMs: 60_000, limitMs: 240_000 }, synth: { promiseMs: 8_000, limitMs: 60_000 } } as const;

interface Measured {
  readonly name: string;
  readonly runsMs: readonly number[];
  readonly medianMs: number;
  readonly promiseMs: number;
  /** Value by promise: above 1 the promise is missed. */
  readonly ratio: number;
}

const folder = mkdtempSync(join(tmpdir(), 'videopick-bench-'));
const running = new Set<ChildProcess>();
process.once('exit', () => {
  endRunning();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const synth = await measure('synth', PROMISES.synth, synthesize);
    const steps: Report['timings'][] = [];
    const mainJob = await measure('main job', PROMISES.mainJob, async (run) => {
      steps.push(await runMainJob(run));
    });
    const measured = [mainJob, synth];
    process.stdout.write(`${table(measured)}\n\n`);
    process.stdout.write(`${JSON.stringify({ cores: availableParallelism(), measured, stepsMs: medians(steps) })}\n`);
    return measured.every(({ ratio }) => ratio <= 1) ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
}

async function measure(
  name: string,
  { promiseMs, limitMs }: { readonly promiseMs: number; readonly limitMs: number },
  work: (run: Run) => Promise<void>,
): Promise<Measured> {
  const runsMs: number[] = [];
  for (let index = 1; index <= RUNS; index++) {
    process.stderr.write(`${name} ${index} of ${RUNS} …`);
    const startedMs = performance.now();
    await work({ folder: join(folder, `${name}-${index}`), limitMs });
    runsMs.push(Math.round(performance.now() - startedMs));
    process.stderr.write(` ${seconds(runsMs.at(-1) ?? 0)}\n`);
  }
  const medianMs = median(runsMs);
  return { name, runsMs, medianMs, promiseMs, ratio: Number((medianMs / promiseMs).toFixed(2)) };
}

interface Run {
  /** Not there yet. */
  readonly folder: string;
  readonly limitMs: number;
}

/** As a user starts it. Gives the report's timings. */
async function runMainJob({ folder: dataDir, limitMs }: Run): Promise<Report['timings']> {
  const report = `${dataDir}.json`;
  await run('npm', ['start', '--', '--once', '--port', '0', '--database-port', '0', '--data-dir', dataDir, '--report', report], limitMs);
  rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
  return (JSON.parse(readFileSync(report, 'utf8')) as Report).timings;
}

async function synthesize({ folder: output, limitMs }: Run): Promise<void> {
  await run('npx', ['cdk', 'synth', '--quiet', '-c', 'env=dev', '--output', output], limitMs);
}

/** @throws when it does not end with 0 in time, with the last lines that it wrote */
async function run(command: string, args: readonly string[], limitMs: number): Promise<void> {
  // A group of its own, so that what npm starts ends with it.
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  running.add(child);
  let output = '';
  const collect = (text: string) => {
    output = (output + text).slice(-4_000);
  };
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', collect);
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    end(child, 'SIGTERM');
    setTimeout(() => end(child, 'SIGKILL'), 10_000).unref();
  }, limitMs);
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  clearTimeout(timer);
  running.delete(child);
  if (late) throw new Error(`${command} ${args.join(' ')} was given up after ${seconds(limitMs)}:\n${output}`);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`);
}

function end(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function endRunning(): void {
  for (const child of running) end(child, 'SIGTERM');
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function medians(reports: readonly Report['timings'][]): Record<string, number> {
  const names = Object.keys(reports[0] ?? {});
  return Object.fromEntries(names.map((name) => [name, median(reports.map((report) => report[name] ?? 0))]));
}

function table(measured: readonly Measured[]): string {
  const rows = measured.map(({ name, runsMs, medianMs, promiseMs, ratio }) => [
    name,
    seconds(medianMs),
    `≤ ${seconds(promiseMs)}`,
    ratio.toFixed(2),
    ratio <= 1 ? 'kept' : 'MISSED',
    runsMs.map(seconds).join(' '),
  ]);
  const all = [['', 'median', 'promise', 'ratio', '', 'runs'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length))) ?? [];
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
