/**
 * `npm run bench:api`: p99 of `GET /api/rollout` at 200 requests a second, against that of a handler that does nothing behind the same distribution
 * and API, in turns, three rounds of ten seconds each. The whole app is synthesized and runs in this process; requests come from another. Prints a
 * line a round and, as the last one, JSON. Exit code: 0 = the promise is kept · 1 = missed, or a run failed.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { readAssembly } from '../local/assembly/read-assembly.ts';
import { startCloud } from '../local/cloud/start-cloud.ts';
import { synthesize } from '../local/runner/synthesize.ts';
import { withEmptyHandler } from './api/with-empty-handler.ts';

const RATE = 200;
const SECONDS = 10;
const ROUNDS = 3;
const MAX_RATIO = 3;
const LOAD = fileURLToPath(new URL('api/load.ts', import.meta.url));

const folder = mkdtempSync(join(tmpdir(), 'videopick-bench-api-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

process.exitCode = await main();

async function main(): Promise<number> {
  await synthesize(join(folder, 'cdk.out'));
  const log: string[] = [];
  const cloud = await startCloud({
    assembly: withEmptyHandler(readAssembly(join(folder, 'cdk.out')), join(folder, 'empty')),
    // Neither is asked: the rollout is told without a database.
    postgres: { urlOf: () => 'postgres://127.0.0.1:1/none', stop: async () => {} } as never,
    ffmpeg: {} as never,
    dataDir: join(folder, 'data'),
    port: 0,
    onLog: (source, line) => log.push(`${source} ${line}`),
    onEncodeProgress: () => {},
  });
  try {
    const targets = { empty: `${cloud.endpoint}/api/empty`, rollout: `${cloud.endpoint}/api/rollout?user=user-{n}` };
    const p99: Record<keyof typeof targets, number[]> = { empty: [], rollout: [] };
    for (const url of Object.values(targets)) await warmUp(url);
    for (let round = 1; round <= ROUNDS; round += 1) {
      for (const name of ['empty', 'rollout'] as const) {
        const latencies = await load(targets[name], SECONDS);
        p99[name].push(percentile(latencies, 99));
        process.stdout.write(
          `round ${round} ${name.padEnd(7)} p50 ${ms(percentile(latencies, 50))} p95 ${ms(percentile(latencies, 95))} p99 ${ms(percentile(latencies, 99))} of ${latencies.length}\n`,
        );
      }
    }
    const [empty, rollout] = [percentile(p99.empty, 50), percentile(p99.rollout, 50)];
    const ratio = Number((rollout / empty).toFixed(2));
    process.stdout.write(`p99 ${ms(rollout)} against ${ms(empty)}: ${ratio} times, at most ${MAX_RATIO} are promised\n\n`);
    const machine = { cores: availableParallelism(), load: Number(loadavg()[0]?.toFixed(1)) };
    process.stdout.write(`${JSON.stringify({ ...machine, rate: RATE, p99Ms: { empty, rollout }, ratio, kept: ratio <= MAX_RATIO })}\n`);
    return ratio <= MAX_RATIO ? 0 : 1;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${log.slice(-20).join('\n')}\n`);
    return 1;
  } finally {
    await cloud.close();
  }
}

/** A few at once start as many threads with their bundles; 200 a second would start hundreds, each slowing down the others. */
async function warmUp(url: string): Promise<void> {
  for (let round = 0; round < 50; round += 1) {
    const answers = await Promise.all([1, 2, 3, 4].map((number) => fetch(url.replace('{n}', String(number)))));
    for (const answer of answers) {
      if (!answer.ok) throw new Error(`${url} answered ${answer.status} ${await answer.text()}; expected 200`);
      await answer.arrayBuffer();
    }
  }
}

async function load(url: string, seconds: number): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [LOAD, url, String(RATE), String(seconds)], {
    maxBuffer: 16 * 1024 * 1024,
  });
  return JSON.parse(stdout) as number[];
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}
