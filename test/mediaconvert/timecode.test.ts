import { expect, it } from 'vitest';
import { clipRange, parseClip } from '../../local/mediaconvert/timecode.ts';

const range = (start: string | undefined, end: string | undefined, numerator: number, denominator = 1, inputSeconds?: number) =>
  clipRange(
    parseClip({ StartTimecode: start, EndTimecode: end }) ?? { start: undefined, end: undefined },
    { numerator, denominator },
    inputSeconds,
  );

it('counts the frame of the end timecode in', () => {
  expect(range('00:00:01:00', '00:00:01:00', 25)).toEqual({ startSeconds: 1, endSeconds: 1.04 });
});

it('counts frames, not seconds: a named second lasts 1.001 s at 29.97', () => {
  const { startSeconds, endSeconds } = range('00:01:00:00', '00:01:09:29', 30_000, 1001);
  expect(startSeconds).toBeCloseTo(60.06, 6);
  expect(endSeconds).toBeCloseTo(70.07, 6);
});

it('leaves an end that is not given to the input', () => {
  expect(range('00:00:02:12', undefined, 24, 1, 10)).toEqual({ startSeconds: 2.5, endSeconds: undefined });
  expect(range(undefined, '00:00:02:23', 24, 1, 10)).toEqual({ startSeconds: 0, endSeconds: 3 });
});

it('refuses a frame that its second does not have', () => {
  expect(() => range('00:00:00:24', undefined, 24_000, 1001)).toThrow(expect.objectContaining({ name: 'JobError', code: 1060 }));
});
