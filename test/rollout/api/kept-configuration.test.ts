import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { KeptConfiguration } from '../../../lambdas/app-config/kept-configuration.ts';
import type { Reading } from '../../../lambdas/app-config/read-configuration.ts';

function kept(read: () => Promise<Reading<string>>) {
  const clock = { nowMs: 0 };
  const problems: string[] = [];
  const configuration = new KeptConfiguration({
    read,
    fallback: 'coded',
    onProblem: (problem) => problems.push(problem),
    nowMs: () => clock.nowMs,
  });
  return { configuration, clock, problems };
}
/** `document 1`, `document 2`, … */
function numbered() {
  let count = 0;
  const read = async () => {
    count += 1;
    return current(`document ${count}`);
  };
  return { read, asked: () => count };
}
const current = (value: string): Reading<string> => ({ value, source: 'current' });

describe('a kept configuration', () => {
  it('is asked for once a second at most, behind the back of whoever wants it', async () => {
    const { read, asked } = numbered();
    const { configuration, clock } = kept(read);
    const values = [];
    for (const nowMs of [0, 1, 999, 1_000, 1_001]) {
      clock.nowMs = nowMs;
      values.push(await configuration.value());
      await setImmediate(); // what was asked for behind our back has come
    }
    expect(values).toEqual(['document 1', 'document 1', 'document 1', 'document 1', 'document 2']);
    expect(asked()).toBe(2);
  });

  it('is waited for after a pause, when what is kept is old', async () => {
    const { configuration, clock } = kept(numbered().read);
    await configuration.value();
    clock.nowMs = 10_000;
    expect(await configuration.value()).toBe('document 2');
  });

  it('is asked for once by many who come at the same moment', async () => {
    const { configuration } = kept(numbered().read);
    expect(await Promise.all([configuration.value(), configuration.value(), configuration.value()])).toEqual(Array(3).fill('document 1'));
  });

  it('is the coded default where there never was one, and never a reason to fail; each problem is told once', async () => {
    const { configuration, clock, problems } = kept(() => Promise.reject(new Error('the agent is away')));
    for (const nowMs of [0, 20_000, 40_000]) {
      clock.nowMs = nowMs;
      expect(await configuration.value()).toBe('coded');
    }
    expect(problems).toEqual(['the agent is away']);
  });

  it('stays at its last good value, tells the problem, and tells it again when it comes back', async () => {
    const readings: Reading<string>[] = [
      current('good'),
      { value: 'good', source: 'last-good', problem: 'does not fit' },
      current('better'),
      { value: 'better', source: 'last-good', problem: 'does not fit' },
    ];
    const { configuration, clock, problems } = kept(async () => readings.shift() ?? current('none'));
    const values = [];
    for (const nowMs of [0, 20_000, 40_000, 60_000]) {
      clock.nowMs = nowMs;
      values.push(await configuration.value());
    }
    expect(values).toEqual(['good', 'good', 'better', 'better']);
    expect(problems).toEqual(['does not fit', 'does not fit']);
  });
});
