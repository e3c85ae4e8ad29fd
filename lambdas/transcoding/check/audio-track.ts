import { AdtsReader } from './adts.ts';
import type { AudioFacts } from './segment-facts.ts';
import { ticksBetween } from './ticks.ts';

/** The audio of one segment, as its packets come by. */
export class AudioTrack {
  readonly #adts = new AdtsReader();
  #firstPts: number | undefined;
  /** The time the last packet gave, and the ticks of frames that had come before it. */
  #lastPts = 0;
  #ticksBefore = 0;
  #widestGap = 0;

  startPacket(pts: number | undefined): void {
    this.#adts.startOfPacket();
    if (pts === undefined) return;
    if (this.#firstPts === undefined) this.#firstPts = pts;
    else this.#widestGap = Math.max(this.#widestGap, Math.abs(ticksBetween(this.#end(), pts)));
    this.#lastPts = pts;
    this.#ticksBefore = this.#adts.ticks;
  }

  push(data: Buffer, from: number, to: number): void {
    this.#adts.push(data, from, to);
  }

  facts(): AudioFacts | undefined {
    if (this.#firstPts === undefined) return undefined;
    const { frames, bytes, format, changes, badHeaders, isCut } = this.#adts;
    const counted = { frames, bytes, format, formatChanges: changes, badHeaders, lastFrameIsCut: isCut };
    return { firstPts: this.#firstPts, endPts: this.#end(), widestGap: this.#widestGap, ...counted };
  }

  #end(): number {
    return this.#lastPts + (this.#adts.ticks - this.#ticksBefore);
  }
}
