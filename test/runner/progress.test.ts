import { describe, expect, it } from 'vitest';
import { count, duration, Progress } from '../../local/runner/progress.ts';

const CLEAR = '\r\u001b[2K';

/** What a progress writes to a screen, with a clock that the test turns. */
function progressOn(isTTY: boolean) {
  const written: string[] = [];
  const clock = { ms: 1_000_000 };
  const progress = new Progress({ isTTY, write: (text) => written.push(text) }, () => clock.ms);
  return { progress, written, clock };
}

describe('progress on a terminal', () => {
  it('replaces the line that changes, and clears it before one that stays', () => {
    const { progress, written } = progressOn(true);
    progress.line('Migrating');
    progress.update('user: 1');
    progress.update('user: 2');
    progress.line('done');
    progress.line('next');
    expect(written).toEqual(['Migrating\n', 'user: 1', CLEAR, 'user: 2', CLEAR, 'done\n', 'next\n']);
  });

  it('writes nothing when nothing changed', () => {
    const { progress, written } = progressOn(true);
    for (let times = 0; times < 3; times++) progress.update('user: 1');
    expect(written).toEqual(['user: 1']);
  });
});

describe('progress in a log', () => {
  it('writes what changes every two seconds, whole lines without control characters', () => {
    const { progress, written, clock } = progressOn(false);
    progress.update('user: 1');
    clock.ms += 1_999;
    progress.update('user: 2');
    clock.ms += 1;
    progress.update('user: 3');
    progress.line('done');
    expect(written).toEqual(['user: 1\n', 'user: 3\n', 'done\n']);
  });

  it('shows at once how far the next step is, however soon it ends', () => {
    const { progress, written } = progressOn(false);
    progress.line('Migrating');
    progress.update('user: 1');
    progress.update('user: 2');
    progress.line('Uploading');
    progress.update('video: 1 %');
    progress.update('video: 2 %');
    expect(written).toEqual(['Migrating\n', 'user: 1\n', 'Uploading\n', 'video: 1 %\n']);
  });

  it('never loses a line that stays', () => {
    const { progress, written } = progressOn(false);
    for (const text of ['a', 'b', 'c']) progress.line(text);
    expect(written).toEqual(['a\n', 'b\n', 'c\n']);
  });

  it('is what a screen gets that does not say whether it is a terminal', () => {
    const written: string[] = [];
    const progress = new Progress({ write: (text) => written.push(text) });
    progress.update('x');
    progress.line('y');
    expect(written).toEqual(['x\n', 'y\n']);
  });
});

it.each([
  [0, '0'],
  [999, '999'],
  [12_345, '12,345'],
  [1_234_567, '1,234,567'],
])('count(%i) is %s', (rows, text) => {
  expect(count(rows)).toBe(text);
});

it.each([
  [0, '0 ms'],
  [850.4, '850 ms'],
  [1_000, '1.0 s'],
  [12_345, '12.3 s'],
  [60_000, '1 min 00 s'],
  [245_000, '4 min 05 s'],
  [119_600, '2 min 00 s'],
])('duration(%d) is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

it.each([
  [999.6, '1.0 s'],
  [59_960, '1 min 00 s'],
])('duration(%d) is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
