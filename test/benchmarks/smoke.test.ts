import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

it('measures every number that the migration promises, in a table and as JSON', { timeout: 120_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'videopick-bench-smoke-'));
  try {
    const json = join(folder, 'numbers.json');
    const { stdout } = await run(process.execPath, ['benchmarks/migration.ts', '--quick', '--json', json], { cwd: root, timeout: 110_000 });
    const numbers = JSON.parse(readFileSync(json, 'utf8')) as {
      promised: { name: string; median: number; rounds: number[] }[];
      facts: object;
    };
    expect(numbers.promised.map(({ name }) => name)).toEqual([
      'plan-loop',
      'bulk',
      'verification',
      'growth',
      'memory',
      'history',
      'response',
      'state',
      'capture',
    ]);
    for (const { name, median, rounds } of numbers.promised) {
      expect(stdout).toContain(`${name}: `);
      expect(Number.isFinite(median)).toBe(true);
      expect(rounds).toHaveLength(1);
    }
    // The report that an execution ends with is the largest of its states, in KiB.
    expect(numbers.promised.find(({ name }) => name === 'state')?.median).toBeGreaterThan(1);
    expect(numbers.facts).toMatchObject({
      dataApiCallsPerMillionRows: expect.any(Number),
      stateTransitions: expect.any(Number),
      largestRequestBytes: expect.any(Number),
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it('measures every number that transcoding promises, of the pipeline and of its Lambdas', { timeout: 240_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'videopick-bench-smoke-'));
  try {
    const json = join(folder, 'numbers.json');
    const { stdout } = await run(process.execPath, ['benchmarks/transcode.ts', '--quick', '--json', json], { cwd: root, timeout: 230_000 });
    const { promised, facts } = JSON.parse(readFileSync(json, 'utf8')) as {
      promised: { name: string; median: number; rounds: number[] }[];
      facts: Record<string, unknown>;
    };
    expect(promised.map(({ name }) => name)).toEqual(['pipeline', 'submit', 'memory', 'bundle-size', 'cold-import']);
    for (const { name, median } of promised) {
      expect(stdout).toContain(`${name}: `);
      expect(Number.isFinite(median)).toBe(true);
    }
    const measuredSteps = Object.keys(facts).filter((fact) => fact.endsWith('MB at 7 s'));
    expect(measuredSteps.map((fact) => fact.split(' ')[0])).toEqual(['inspect-upload', 'note-encoded', 'check-output', 'publish-video']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it.each([
  ['migration', 'plan-loop, bulk, growth, capture'],
  ['transcode', 'pipeline, submit, memory, bundles'],
])('names the measurement of %s it does not know, and those it knows', async (benchmark, known) => {
  await expect(run(process.execPath, [`benchmarks/${benchmark}.ts`, '--only', 'speed'], { cwd: root })).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`expected one of ${known}`),
  });
});
