import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { isGone, livePostmaster } from '../../local/postgres/owner.ts';
import { startCommand } from '../support/child-process.ts';
import { startRunner } from '../support/runner.ts';

it('ends, with the PostgreSQL that was just starting, when it is interrupted', { timeout: 60_000 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'videopick-interrupt-'));
  const cluster = join(dataDir, 'postgres');
  const runner = startRunner('--data-dir', dataDir);
  onTestFinished(async () => {
    runner.child.kill('SIGKILL'); // one that hangs; its PostgreSQL ends by itself then
    await runner.ended;
    const left = livePostmaster(cluster);
    if (left !== undefined) await isGone(left, 20_000);
    rmSync(dataDir, { recursive: true, force: true, maxRetries: 3 });
  });
  await runner.until(/Starting PostgreSQL/); // initdb has begun: it takes longer than the signal
  runner.child.kill('SIGINT');
  const { code, output } = await runner.ended;
  expect(code, output).toBe(130);
  expect(existsSync(join(cluster, 'PG_VERSION')), 'the interruption came while PostgreSQL was starting').toBe(true);
  expect(livePostmaster(cluster)).toBeUndefined();
  expect(existsSync(join(cluster, 'videopick.owner'))).toBe(false);
  expect(existsSync(join(dataDir, 'videopick.pid'))).toBe(false);
  expect(existsSync(join(dataDir, 'cdk.out', 'manifest.json')), 'the synthesis was ended, too').toBe(false);
});

it('leaves nothing in the temporary directory when Ctrl-C ends what it has started, too', { timeout: 60_000 }, async () => {
  const temporary = mkdtempSync(join(tmpdir(), 'videopick-interrupt-'));
  chmodSync(temporary, 0o711); // PostgreSQL's user passes through
  // A group of its own, as a terminal makes one for a command: Ctrl-C is told to all of it.
  const runner = startCommand(process.execPath, ['local/main.ts', '--port', '0', '--database-port', '0'], {
    env: { ...process.env, TMPDIR: temporary },
    detached: true,
  });
  onTestFinished(async () => {
    runner.child.kill('SIGKILL');
    await runner.ended;
    rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
  });
  const isBundling = () => readdirSync(temporary, { recursive: true }).some((path) => String(path).includes('videopick-bundles-'));
  await expect.poll(isBundling, { timeout: 30_000 }).toBe(true);
  process.kill(-(runner.child.pid ?? 0), 'SIGINT');
  const { code, output } = await runner.ended;
  expect(code, output).toBe(130);
  expect(readdirSync(temporary)).toEqual([]);
});
