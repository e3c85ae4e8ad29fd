import { TICKS_PER_SECOND } from './ticks.ts';

const SAMPLE_RATES = [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];
const HEADER_BYTES = 7;
const SAMPLES_PER_FRAME = 1024;

/** An AAC stream's own description of itself. `objectType` 2 is AAC-LC. */
export interface AudioFormat {
  readonly objectType: number;
  readonly sampleRateHz: number;
  readonly channels: number;
}

/** Reads the frame headers of AAC in ADTS from payloads as they come; frames and headers may lie across them. */
export class AdtsReader {
  readonly #header = new Uint8Array(HEADER_BYTES);
  #headerBytes = 0;
  #skipBytes = 0;
  #lost = false;
  format: AudioFormat | undefined;
  frames = 0;
  bytes = 0;
  /** Places where a frame should begin and does not. */
  badHeaders = 0;
  /** Frames whose description differs from the first one's. */
  changes = 0;

  /** Audio that began with bytes that are no frame may be found again at the next PES packet. */
  startOfPacket(): void {
    if (!this.#lost) return;
    this.#lost = false;
    this.#headerBytes = 0;
    this.#skipBytes = 0;
  }

  push(data: Uint8Array, from: number, to: number): void {
    let at = from;
    while (at < to && !this.#lost) {
      if (this.#skipBytes > 0) {
        const skipped = Math.min(this.#skipBytes, to - at);
        this.#skipBytes -= skipped;
        at += skipped;
        continue;
      }
      this.#header[this.#headerBytes] = data[at] ?? 0;
      this.#headerBytes += 1;
      at += 1;
      if (this.#headerBytes === HEADER_BYTES) this.#readHeader();
    }
  }

  /** The last frame is not whole. */
  get isCut(): boolean {
    return this.#skipBytes > 0 || this.#headerBytes > 0;
  }

  get ticks(): number {
    return this.format === undefined ? 0 : (this.frames * SAMPLES_PER_FRAME * TICKS_PER_SECOND) / this.format.sampleRateHz;
  }

  #readHeader(): void {
    this.#headerBytes = 0;
    const [b0 = 0, b1 = 0, b2 = 0, b3 = 0, b4 = 0, b5 = 0, b6 = 0] = this.#header;
    const frameBytes = ((b3 & 3) << 11) | (b4 << 3) | (b5 >> 5);
    const sampleRateHz = SAMPLE_RATES[(b2 >> 2) & 15];
    // Twelve sync bits, layer 0, a known rate, and a frame no shorter than its header.
    if (b0 !== 0xff || (b1 & 0xf6) !== 0xf0 || sampleRateHz === undefined || frameBytes < HEADER_BYTES) {
      this.badHeaders += 1;
      this.#lost = true;
      return;
    }
    const format = { objectType: (b2 >> 6) + 1, sampleRateHz, channels: ((b2 & 1) << 2) | (b3 >> 6) };
    this.format ??= format;
    if (!isSameFormat(format, this.format)) this.changes += 1;
    this.#skipBytes = frameBytes - HEADER_BYTES;
    this.frames += (b6 & 3) + 1;
    this.bytes += frameBytes;
  }
}

export function isSameFormat(one: AudioFormat, other: AudioFormat): boolean {
  return one.objectType === other.objectType && one.sampleRateHz === other.sampleRateHz && one.channels === other.channels;
}

/** RFC 6381's name: `mp4a.40.2` for AAC-LC. */
export function aacCodec({ objectType }: AudioFormat): string {
  return `mp4a.40.${objectType}`;
}

export function showFormat({ objectType, sampleRateHz, channels }: AudioFormat): string {
  return `mp4a.40.${objectType}, ${sampleRateHz} Hz, ${channels} channels`;
}
