import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pickRungs, type Rung } from '../../lambdas/transcoding/ladder.ts';

const side = (rung: Rung) => Math.min(rung.widthPx, rung.heightPx);
const sizes = (widthPx: number, heightPx: number) => pickRungs({ widthPx, heightPx }).map((rung) => `${rung.widthPx}x${rung.heightPx}`);

/** Sources as cameras, phones and editors make them, and some that they do not. Side 1 has no even size below it. */
const picture = fc.oneof(
  fc.record({ widthPx: fc.integer({ min: 2, max: 8192 }), heightPx: fc.integer({ min: 2, max: 8192 }) }),
  fc
    .constantFrom([1, 1], [4, 3], [3, 4], [16, 9], [9, 16], [21, 9], [9, 21], [239, 100])
    .chain(([wide = 1, high = 1]) => fc.integer({ min: 2, max: 300 }).map((scale) => ({ widthPx: wide * scale, heightPx: high * scale }))),
);

describe('the ladder', () => {
  it('has at least one rung and every side of it is even and positive', () => {
    fc.assert(
      fc.property(picture, (source) => {
        const rungs = pickRungs(source);
        expect(rungs.length).toBeGreaterThanOrEqual(1);
        for (const { widthPx, heightPx } of rungs) {
          for (const px of [widthPx, heightPx]) {
            expect(px).toBeGreaterThanOrEqual(2);
            expect(px % 2).toBe(0);
          }
        }
      }),
    );
  });

  it('never enlarges the source, on no side', () => {
    fc.assert(
      fc.property(picture, (source) => {
        for (const { widthPx, heightPx } of pickRungs(source)) {
          expect(widthPx).toBeLessThanOrEqual(source.widthPx);
          expect(heightPx).toBeLessThanOrEqual(source.heightPx);
        }
      }),
    );
  });

  it("keeps the source's shape to two pixels, and its orientation", () => {
    fc.assert(
      fc.property(picture, (source) => {
        const [long, short] = [Math.max(source.widthPx, source.heightPx), Math.min(source.widthPx, source.heightPx)];
        for (const rung of pickRungs(source)) {
          expect(Math.abs(Math.max(rung.widthPx, rung.heightPx) - (long / short) * side(rung))).toBeLessThanOrEqual(2);
          if (source.widthPx > source.heightPx) expect(rung.widthPx).toBeGreaterThanOrEqual(rung.heightPx);
          if (source.widthPx < source.heightPx) expect(rung.widthPx).toBeLessThanOrEqual(rung.heightPx);
        }
      }),
    );
  });

  it('goes down strictly, in size and in bit rate, and names every rung by its short side', () => {
    fc.assert(
      fc.property(picture, (source) => {
        const rungs = pickRungs(source);
        for (const [index, rung] of rungs.entries()) {
          expect(rung.name).toBe(`${side(rung)}p`);
          const above = rungs[index - 1];
          if (above === undefined) continue;
          expect(side(rung)).toBeLessThan(side(above));
          expect(rung.maxBitrateBps).toBeLessThan(above.maxBitrateBps);
        }
      }),
    );
  });

  it('offers every rung that the source is large enough for', () => {
    fc.assert(
      fc.property(picture, (source) => {
        const short = Math.min(source.widthPx, source.heightPx);
        const expected = [1080, 720, 480, 360].filter((px) => px <= short);
        if (expected.length > 0) expect(pickRungs(source).map(side)).toEqual(expected);
      }),
    );
  });

  it('is the same picture lying and upright', () => {
    fc.assert(
      fc.property(picture, ({ widthPx, heightPx }) => {
        expect(sizes(heightPx, widthPx)).toEqual(sizes(widthPx, heightPx).map((size) => size.split('x').reverse().join('x')));
      }),
    );
  });

  it.each([
    [1920, 1080, ['1920x1080', '1280x720', '854x480', '640x360']],
    [3840, 2160, ['1920x1080', '1280x720', '854x480', '640x360']],
    [1080, 1920, ['1080x1920', '720x1280', '480x854', '360x640']],
    [1280, 720, ['1280x720', '854x480', '640x360']],
    [1279, 719, ['854x480', '640x360']],
    [640, 480, ['640x480', '480x360']],
    [500, 500, ['480x480', '360x360']],
    [320, 240, ['320x240']],
    [359, 359, ['358x358']],
    [176, 144, ['176x144']],
    [36, 33, ['34x32']],
  ])('of a source of %i×%i', (widthPx, heightPx, expected) => {
    expect(sizes(widthPx, heightPx)).toEqual(expected);
  });
});
