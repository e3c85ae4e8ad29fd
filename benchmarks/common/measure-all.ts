import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import type { Options } from './options.ts';
import type { Findings } from './promise.ts';
import { renderTable } from './table.ts';

export type Measurements<Bench> = Readonly<Record<string, (bench: Bench) => Promise<Findings>>>;

/** Runs the measurements that are asked for, one after another, and prints them. Gives the exit code: 1 when a promise was missed by numbers that mean something. */
export async function measureAll<Bench>(
  bench: Bench,
  measurements: Measurements<Bench>,
  { only, rounds, quick, json }: Options,
): Promise<0 | 1> {
  const findings: Findings[] = [];
  for (const [name, measure] of Object.entries(measurements)) if (only === undefined || only === name) findings.push(await measure(bench));
  const all: Findings = {
    promised: findings.flatMap(({ promised }) => promised),
    facts: Object.assign({}, ...findings.map(({ facts }) => facts)) as Findings['facts'],
  };
  process.stdout.write(`${renderTable(all)}\n`);
  if (json !== undefined) writeFileSync(json, `${JSON.stringify({ cores: availableParallelism(), quick, rounds, ...all }, null, 2)}\n`);
  return quick || all.promised.every(({ kept }) => kept) ? 0 : 1;
}
