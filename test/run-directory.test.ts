import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { makeRunDirectory } from './support/run-directory.ts';

it('a test, and a program that it starts, have the temporary directory of the run', () => {
  expect(basename(tmpdir())).toMatch(/^videopick-test-\d+-/);
  const { stdout } = spawnSync(process.execPath, ['-p', 'os.tmpdir()'], { encoding: 'utf8' });
  expect(stdout.trim()).toBe(tmpdir());
});

it('a run gives back what it took, and removes what a killed one has left, but nobody else’s', () => {
  const system = tmpdir();
  const { pid: ended } = spawnSync(process.execPath, ['--version']);
  const [left, ...others] = [`${ended}-before`, `${process.pid}-before`, 'Before', '4tune'].map((name) =>
    join(system, `videopick-test-${name}`),
  );
  const all = [left ?? '', ...others];
  for (const folder of all) mkdirSync(join(folder, 'cluster'), { recursive: true });
  onTestFinished(() => {
    for (const folder of others) rmSync(folder, { recursive: true });
  });

  const directory = makeRunDirectory();
  expect(tmpdir()).toBe(directory.path);
  expect(dirname(directory.path)).toBe(system);
  expect(all.map((folder) => existsSync(folder))).toEqual([false, true, true, true]);
  mkdirSync(join(tmpdir(), 'left-behind'));

  directory.remove();
  expect(tmpdir()).toBe(system);
  expect(existsSync(directory.path)).toBe(false);
});
