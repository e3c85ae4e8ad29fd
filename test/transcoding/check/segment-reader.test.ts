import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { AdtsReader } from '../../../lambdas/transcoding/check/adts.ts';
import { inOrder } from '../../../lambdas/transcoding/check/in-order.ts';
import { SegmentReader } from '../../../lambdas/transcoding/check/segment-reader.ts';
import { ticksBetween } from '../../../lambdas/transcoding/check/ticks.ts';
import { shiftTimes } from './damage.ts';
import { encodeOutput } from './encoded-output.ts';

let segment: Buffer;
beforeAll(async () => {
  segment = (await encodeOutput({ seconds: 2 })).get('180p/index_180p_00001.ts') ?? Buffer.alloc(0);
});

function read(data: Buffer, cuts: readonly number[] = []) {
  const reader = new SegmentReader();
  const places = [0, ...[...cuts].sort((one, other) => one - other), data.length];
  for (const [index, from] of places.entries()) reader.push(data.subarray(from, places[index + 1]));
  return reader.end();
}

describe('a segment', () => {
  it('reads the same in whatever pieces it comes', () => {
    const whole = read(segment);
    expect(whole).toMatchObject({ cutBytes: 0, packetFaults: [], video: { frames: 60, opening: 'idr' }, audio: { badHeaders: 0 } });
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: segment.length }), { maxLength: 20 }), (cuts) => {
        expect(read(segment, cuts)).toEqual(whole);
      }),
      { numRuns: 30 },
    );
  });

  it('may be any bytes: an answer comes, never an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.nat(segment.length - 2_001), (noise, at) => {
        const damaged = Buffer.from(segment.subarray(0, 40 * 188));
        damaged.set(noise.subarray(0, Math.max(0, damaged.length - (at % damaged.length))), at % damaged.length);
        expect(read(damaged).bytes).toBe(damaged.length);
      }),
      { numRuns: 200 },
    );
  });

  it('keeps its distances where the clock of 33 bits starts over', () => {
    const first = read(segment).video;
    const wrapped = read(shiftTimes(Buffer.from(segment), 2 ** 33 - 90_000)).video;
    expect(wrapped).toMatchObject({ frames: 60, ptsSteps: first?.ptsSteps, dtsSteps: first?.dtsSteps, leadingPictures: 0, ptsBelowDts: 0 });
    expect(ticksBetween(2 ** 33 - 10, 5)).toBe(15);
    expect(ticksBetween(5, 2 ** 33 - 10)).toBe(-15);
  });
});

describe('AAC frames', () => {
  const frame = (bytes: number) => {
    const data = Buffer.alloc(bytes, 0x55);
    data.set([0xff, 0xf1, 0x4c, 0x80 | (bytes >> 11), (bytes >> 3) & 0xff, ((bytes & 7) << 5) | 0x1f, 0xfc]);
    return data;
  };

  it('are counted across whatever pieces they come in', () => {
    const data = Buffer.concat([frame(200), frame(7), frame(371)]);
    for (let size = 1; size < 60; size += 1) {
      const adts = new AdtsReader();
      for (let at = 0; at < data.length; at += size) adts.push(data, at, Math.min(data.length, at + size));
      expect(adts).toMatchObject({ frames: 3, bytes: 578, badHeaders: 0, isCut: false });
      expect(adts.format).toEqual({ objectType: 2, sampleRateHz: 48_000, channels: 2 });
    }
  });

  it('are found again at the next packet after bytes that are none', () => {
    const adts = new AdtsReader();
    const noise = Buffer.alloc(50, 0x11);
    adts.push(noise, 0, 50);
    adts.push(noise, 0, 50);
    adts.startOfPacket();
    const good = frame(100);
    adts.push(good, 0, 100);
    expect(adts).toMatchObject({ frames: 1, badHeaders: 1, isCut: false });
  });
});

describe('reads in order', () => {
  it('are at most so many at once, and yielded as the items came', async () => {
    let running = 0;
    let most = 0;
    const waits = [5, 1, 4, 2, 3, 1, 1];
    const results: number[] = [];
    const run = async (item: number): Promise<number> => {
      running += 1;
      most = Math.max(most, running);
      for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
      running -= 1;
      return item;
    };
    for await (const { result } of inOrder(waits, 3, run)) results.push(result);
    expect(results).toEqual(waits);
    expect(most).toBe(3);
  });

  it('end with the first error', async () => {
    const run = async (item: number) => {
      if (item > 1) throw new Error(`no ${item}`);
      return item;
    };
    const all = async () => {
      for await (const _ of inOrder([1, 2, 3], 3, run));
    };
    await expect(all()).rejects.toThrow('no 2');
  });
});
