const NAL = { slice: 1, idr: 5, sps: 7, pps: 8, delimiter: 9 } as const;

/** Far above any parameter sets and messages before a picture's first slice. */
const HEAD_BYTES = 16_384;

/**
 * Scans one picture after another for its NAL units, up to its first slice: that one's type is the picture's, because all slices of an IDR
 * picture are IDR slices. The slices themselves are a decoder's business, and skipping them is what makes the reading fast.
 */
export class PictureScan {
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #length = 0;
  #scanned = 0;
  #open: { readonly type: number; readonly start: number } | undefined;
  /** A slice was found, or the picture has none where it should be. */
  done = true;
  isIdr = false;
  hasSlice = false;
  hasSps = false;
  hasPps = false;
  hasDelimiter = false;
  /** The first sequence parameter set of the picture, from its NAL header on. */
  sps: Buffer | undefined;

  start(): void {
    this.#length = 0;
    this.#scanned = 0;
    this.#open = undefined;
    this.done = false;
    this.isIdr = false;
    this.hasSlice = false;
    this.hasSps = false;
    this.hasPps = false;
    this.hasDelimiter = false;
    this.sps = undefined;
  }

  push(data: Buffer, from: number, to: number): void {
    const room = Math.min(to - from, HEAD_BYTES - this.#length);
    data.copy(this.#head, this.#length, from, from + room);
    this.#length += room;
    this.#scan();
    if (this.#length === HEAD_BYTES) this.done = true;
  }

  #scan(): void {
    const head = this.#head;
    const last = this.#length - 3;
    let at = this.#scanned;
    while (at < last && !this.done) {
      if (head[at + 2] === 1 && head[at + 1] === 0 && head[at] === 0) {
        this.#found((head[at + 3] ?? 0) & 0x1f, at);
        at += 4;
      } else at += (head[at + 2] ?? 0) > 1 ? 3 : 1;
    }
    this.#scanned = at;
  }

  #found(type: number, at: number): void {
    if (this.#open?.type === NAL.sps && this.sps === undefined) this.sps = trimmed(this.#head.subarray(this.#open.start, at));
    this.#open = { type, start: at + 3 };
    if (type === NAL.sps) this.hasSps = true;
    else if (type === NAL.pps) this.hasPps = true;
    else if (type === NAL.delimiter) this.hasDelimiter = true;
    else if (type >= NAL.slice && type <= NAL.idr) {
      this.isIdr = type === NAL.idr;
      this.hasSlice = true;
      this.done = true;
    }
  }
}

/** Zero bytes before a start code are not the unit's; copied, because the head is written over by the next picture. */
function trimmed(unit: Buffer): Buffer {
  let end = unit.length;
  while (end > 0 && unit[end - 1] === 0) end -= 1;
  return Buffer.from(unit.subarray(0, end));
}
