import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BitReader, BitsExhaustedError } from '../../../lambdas/transcoding/check/bit-reader.ts';
import { allowedLevels } from '../../../lambdas/transcoding/check/level.ts';
import { avcCodec, parseSps, type SequenceParameters } from '../../../lambdas/transcoding/check/sps.ts';

/** Of x264, 640x360 at 30, High 3.0, BT.709: height not a multiple of 16, emulation prevention in its timing. */
const X264 = Buffer.from('6764001eacd940a02ff97016a0202028000003000800000301e078b16cb0', 'hex');

describe('a sequence parameter set', () => {
  it('is read to its end: size after cropping, buffer, colour and timing', () => {
    expect(parseSps(X264)).toEqual({
      profileIdc: 100,
      constraintFlags: 0,
      levelIdc: 30,
      widthPx: 640,
      heightPx: 360,
      macroblocks: 40 * 23,
      chromaFormatIdc: 1,
      bitDepth: 8,
      progressive: true,
      bufferedFrames: 4,
      sampleAspect: [1, 1],
      colour: { primaries: 1, transfer: 1, matrix: 1, fullRange: false },
      framesPerSecond: 30,
    });
    expect(avcCodec(parseSps(X264))).toBe('avc1.64001e');
  });

  it('that is cut or damaged is refused by name or read as something, and never more', () => {
    for (let length = 1; length < X264.length - 4; length += 1) {
      expect(() => parseSps(X264.subarray(0, length))).toThrow(BitsExhaustedError);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          expect(parseSps(bytes).widthPx).toBeTypeOf('number');
        } catch (error) {
          expect(error).toBeInstanceOf(BitsExhaustedError);
        }
      }),
    );
  });
});

it('reads back every number that Exp-Golomb writes', () => {
  const write = (value: number) => (value + 1).toString(2).padStart(2 * (value + 1).toString(2).length - 1, '0');
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 31 - 2 }), { minLength: 1, maxLength: 8 }), (values) => {
      const bits = values.map(write).join('');
      const bytes = Uint8Array.from({ length: Math.ceil(bits.length / 8) }, (_, at) =>
        Number.parseInt(bits.slice(at * 8, at * 8 + 8).padEnd(8, '0'), 2),
      );
      const read = new BitReader(bytes);
      expect(values.map(() => read.unsigned())).toEqual(values);
    }),
  );
});

describe('the levels a stream may claim', () => {
  const stream = (widthPx: number, heightPx: number, bufferedFrames = 4): SequenceParameters => ({
    ...parseSps(X264),
    macroblocks: Math.ceil(widthPx / 16) * Math.ceil(heightPx / 16),
    bufferedFrames,
  });
  it.each([
    ['1080p at 30', stream(1920, 1080), 30, 40, 41],
    ['1080p at 60', stream(1920, 1080), 60, 42, 42],
    ['720p at 30', stream(1280, 720), 30, 31, 31],
    ['720p at 59.94', stream(1280, 720), 60_000 / 1001, 32, 32],
    ['480p at 30', stream(854, 480), 30, 31, 31],
    ['360p at 30', stream(640, 360), 30, 30, 30],
    ['a small picture, whose level goes by bit rate', stream(200, 100), 30, 11, 30],
    ['a tiny picture, down to level 1b', stream(160, 90), 24_000 / 1001, 9, 30],
    ['720p with a large buffer', stream(1280, 720, 9), 30, 31, 41],
  ])('%s', (_what, sps, rate, lowest, highest) => {
    expect(allowedLevels(sps, rate)).toEqual({ lowest, highest });
  });
});
