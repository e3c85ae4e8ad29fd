import { PictureScan } from './picture-scan.ts';
import type { Range, VideoFacts } from './segment-facts.ts';
import { ticksBetween } from './ticks.ts';

/** Keeps two numbers a picture; a segment of six seconds has at most 360. One of many minutes is a fault whatever its pictures say. */
const MAX_PICTURES = 20_000;

/** The pictures of one segment, as their packets come by. */
export class VideoTrack {
  readonly #scan = new PictureScan();
  /** Relative to the first picture, so that no number wraps. */
  readonly #pts: number[] = [];
  #frames = 0;
  #firstPts = 0;
  #firstDts = 0;
  #lastDts = 0;
  #currentPts = 0;
  #dtsSteps: Range | undefined;
  #firstIdr: number | undefined;
  #lastIdr: number | undefined;
  #longestIdrDistance = 0;
  #opening: VideoFacts['opening'] | undefined;
  #leading = 0;
  #ptsBelowDts = 0;
  #withoutSlice = 0;
  #withoutDelimiter = 0;
  #withoutTime = 0;
  #sps: Buffer | undefined;
  #spsChanges = 0;
  #pending = false;

  startPicture(pts: number | undefined, dts: number | undefined): void {
    this.#endPicture();
    this.#scan.start();
    if (pts === undefined || dts === undefined) {
      this.#withoutTime += 1;
      return;
    }
    if (this.#frames === 0) {
      this.#firstPts = pts;
      this.#firstDts = dts;
    } else this.#dtsSteps = widened(this.#dtsSteps, ticksBetween(this.#lastDts, dts));
    if (ticksBetween(dts, pts) < 0) this.#ptsBelowDts += 1;
    this.#lastDts = dts;
    this.#currentPts = ticksBetween(this.#firstPts, pts);
    if (this.#pts.length < MAX_PICTURES) this.#pts.push(this.#currentPts);
    this.#frames += 1;
    this.#pending = true;
  }

  /** True while the picture's slices have not begun. */
  get wantsData(): boolean {
    return !this.#scan.done;
  }

  push(data: Buffer, from: number, to: number): void {
    this.#scan.push(data, from, to);
  }

  facts(): VideoFacts | undefined {
    this.#endPicture();
    if (this.#frames === 0) return undefined;
    const sorted = Float64Array.from(this.#pts).sort();
    let ptsSteps: Range | undefined;
    for (let at = 1; at < sorted.length; at += 1) ptsSteps = widened(ptsSteps, (sorted[at] ?? 0) - (sorted[at - 1] ?? 0));
    const absolute = (relative: number | undefined) => (relative === undefined ? undefined : this.#firstPts + relative);
    return {
      frames: this.#frames,
      firstPts: this.#firstPts,
      lowestPts: this.#firstPts + (sorted[0] ?? 0),
      highestPts: this.#firstPts + (sorted.at(-1) ?? 0),
      firstDts: this.#firstDts,
      lastDts: this.#lastDts,
      ptsSteps,
      dtsSteps: this.#dtsSteps,
      opening: this.#opening ?? 'not an idr',
      firstIdrPts: absolute(this.#firstIdr),
      lastIdrPts: absolute(this.#lastIdr),
      longestIdrDistance: this.#longestIdrDistance,
      leadingPictures: this.#leading,
      picturesBeforeFirst: sorted.findIndex((pts) => pts >= 0),
      ptsBelowDts: this.#ptsBelowDts,
      picturesWithoutSlice: this.#withoutSlice,
      picturesWithoutDelimiter: this.#withoutDelimiter,
      picturesWithoutTime: this.#withoutTime,
      sps: this.#sps?.toString('hex'),
      spsChanges: this.#spsChanges,
    };
  }

  #endPicture(): void {
    if (!this.#pending) return;
    this.#pending = false;
    const scan = this.#scan;
    if (!scan.hasSlice) this.#withoutSlice += 1;
    if (!scan.hasDelimiter) this.#withoutDelimiter += 1;
    if (scan.sps !== undefined) {
      this.#sps ??= scan.sps;
      if (!this.#sps.equals(scan.sps)) this.#spsChanges += 1;
    }
    this.#opening ??= !scan.isIdr ? 'not an idr' : scan.hasSps && scan.hasPps ? 'idr' : 'idr without parameter sets';
    if (scan.isIdr) {
      if (this.#lastIdr !== undefined) this.#longestIdrDistance = Math.max(this.#longestIdrDistance, this.#currentPts - this.#lastIdr);
      this.#firstIdr ??= this.#currentPts;
      this.#lastIdr = this.#currentPts;
    } else if (this.#lastIdr !== undefined && this.#currentPts < this.#lastIdr) this.#leading += 1;
  }
}

function widened(range: Range | undefined, value: number): Range {
  return range === undefined
    ? { lowest: value, highest: value }
    : { lowest: Math.min(range.lowest, value), highest: Math.max(range.highest, value) };
}
