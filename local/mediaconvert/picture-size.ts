import type { VideoStream } from '../ffmpeg/source-stream.ts';
import type { PicturePlan } from './plan-output.ts';

export interface Size {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** How a source picture becomes an output picture: scaled, then cut or set on black, if they differ. */
export interface Fit {
  readonly scaled: Size;
  readonly output: Size;
}

/** The source's upright picture. With `squarePixels`, as wide as it is meant to be seen. */
export function uprightSize(source: VideoStream, rotationDegrees: number, squarePixels: boolean): Size {
  const aspect = squarePixels ? source.sampleAspect.numerator / source.sampleAspect.denominator : 1;
  const size = { widthPx: source.widthPx * aspect, heightPx: source.heightPx };
  return rotationDegrees % 180 === 0 ? size : { widthPx: size.heightPx, heightPx: size.widthPx };
}

/** The sizes for MediaConvert's ScalingBehavior. Both sides blank: as the source; one blank: the shape is kept. Sides come out even. */
export function fitPicture(source: Size, { widthPx, heightPx, scaling }: PicturePlan): Fit {
  const box = {
    widthPx: widthPx ?? (heightPx === undefined ? source.widthPx : (heightPx * source.widthPx) / source.heightPx),
    heightPx: heightPx ?? (widthPx === undefined ? source.heightPx : (widthPx * source.heightPx) / source.widthPx),
  };
  const ratios = [box.widthPx / source.widthPx, box.heightPx / source.heightPx];
  const inside = Math.min(...ratios);
  switch (scaling) {
    case 'STRETCH_TO_OUTPUT':
      return { scaled: even(box), output: even(box) };
    case 'DEFAULT':
      return { scaled: even(times(source, inside)), output: even(box) };
    case 'FILL':
      return { scaled: even(times(source, Math.max(...ratios))), output: even(box) };
    case 'FIT':
    case 'FIT_NO_UPSCALE': {
      const scaled = even(times(source, scaling === 'FIT' ? inside : Math.min(1, inside)));
      return { scaled, output: scaled };
    }
  }
}

function times(size: Size, factor: number): Size {
  return { widthPx: size.widthPx * factor, heightPx: size.heightPx * factor };
}

function even({ widthPx, heightPx }: Size): Size {
  return { widthPx: Math.max(2, 2 * Math.round(widthPx / 2)), heightPx: Math.max(2, 2 * Math.round(heightPx / 2)) };
}
