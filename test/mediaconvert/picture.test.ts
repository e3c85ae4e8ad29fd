import fc from 'fast-check';
import { expect, it } from 'vitest';
import { followedRate } from '../../local/mediaconvert/frame-rate.ts';
import { fitPicture } from '../../local/mediaconvert/picture-size.ts';
import type { PicturePlan } from '../../local/mediaconvert/plan-output.ts';

const plan = (members: Partial<PicturePlan>): PicturePlan => ({
  widthPx: undefined,
  heightPx: undefined,
  scaling: 'DEFAULT',
  squarePixels: true,
  forceBt709: false,
  toneMapper: 'PRESERVE_DETAILS',
  deinterlace: false,
  ...members,
});
const size = (widthPx: number, heightPx: number) => ({ widthPx, heightPx });

it.each([
  ['both sides blank: as the source, made even', size(641, 361), {}, size(642, 362), size(642, 362)],
  ['one side blank: the shape is kept', size(1920, 1080), { heightPx: 360 }, size(640, 360), size(640, 360)],
  ['DEFAULT sets the picture on black', size(720, 1280), { widthPx: 1280, heightPx: 720 }, size(406, 720), size(1280, 720)],
  ['STRETCH_TO_OUTPUT', size(720, 1280), { widthPx: 1280, heightPx: 720, scaling: 'STRETCH_TO_OUTPUT' }, size(1280, 720), size(1280, 720)],
  ['FIT enlarges', size(160, 90), { widthPx: 640, heightPx: 640, scaling: 'FIT' }, size(640, 360), size(640, 360)],
  ['FIT_NO_UPSCALE does not', size(160, 90), { widthPx: 640, heightPx: 640, scaling: 'FIT_NO_UPSCALE' }, size(160, 90), size(160, 90)],
  ['FILL covers and cuts', size(1280, 720), { widthPx: 360, heightPx: 360, scaling: 'FILL' }, size(640, 360), size(360, 360)],
] as const)('%s', (_, source, members, scaled, output) => {
  expect(fitPicture(source, plan(members))).toEqual({ scaled, output });
});

it('gives even sides within the box for any source', () => {
  const side = fc.integer({ min: 2, max: 8192 });
  fc.assert(
    fc.property(side, side, (widthPx, heightPx) => {
      const { output } = fitPicture({ widthPx, heightPx }, plan({ widthPx: 640, heightPx: 360, scaling: 'FIT' }));
      expect([output.widthPx % 2, output.heightPx % 2]).toEqual([0, 0]);
      expect(output.widthPx <= 640 && output.heightPx <= 360).toBe(true);
    }),
  );
});

const ratio = (numerator: number, denominator = 1) => ({ numerator, denominator });

it.each([
  ['keeps a constant rate as it is', ratio(30_000, 1001), ratio(30_000, 1001), ratio(30_000, 1001)],
  ['forgives the rounding of an average', ratio(359_640, 12_001), ratio(30_000, 1001), ratio(30_000, 1001)],
  ['rounds a variable rate up to a natural one', ratio(2_347, 100), ratio(120), ratio(24)],
  ['caps a variable rate at 60', ratio(90), ratio(1000), ratio(60)],
])('%s', (_, averageRate, baseRate, expected) => {
  expect(followedRate({ averageRate, baseRate })).toEqual(expected);
});
