import type { EncodeSource } from './ffmpeg-arguments.ts';
import type { SheetBranch } from './filter-graph.ts';
import { followedRate } from './frame-rate.ts';
import { fitPicture, uprightSize } from './picture-size.ts';
import type { TrickPlayPlan } from './plan-job.ts';
import type { RungPlan } from './plan-output.ts';

/** Sheets of thumbnails in whole frames: at 29.97, "every 5 s" is every 150 frames, as the service rounds it. */
export function planSheets(
  trickPlay: TrickPlayPlan | undefined,
  rung: RungPlan,
  { video, rotationDegrees }: Pick<EncodeSource, 'video' | 'rotationDegrees'>,
): SheetBranch | undefined {
  if (trickPlay === undefined) return undefined;
  const { intervalSeconds, widthPx, heightPx, columns, rows } = trickPlay;
  const rate = rung.frameRate ?? followedRate(video);
  const picture = fitPicture(uprightSize(video, rotationDegrees, rung.squarePixels), rung).output;
  const keptHeight = 2 * Math.max(1, Math.round((widthPx * picture.heightPx) / picture.widthPx / 2));
  return {
    everyFrames: Math.max(1, Math.round((intervalSeconds * rate.numerator) / rate.denominator)),
    thumbnail: { widthPx, heightPx: heightPx ?? keptHeight },
    columns,
    rows,
  };
}
