import { isUtf8 } from 'node:buffer';

/**
 * Stands where bytes were that are no text: a code point that Unicode keeps out of all text, so no row has it by itself. PostgreSQL stores it, and the
 * migration sets rows aside that have it (UNSUPPORTED_TEXT), naming the column.
 */
export const BROKEN_TEXT_MARK = '\ufdd0';

const MARK = Buffer.from(BROKEN_TEXT_MARK);
const NEWLINE = 0x0a;

/** Passes UTF-8 through and puts one mark for every run of bytes that are none, and for NUL, which PostgreSQL cannot store. */
export class BrokenTextMarker {
  /** The beginning of a character whose rest is in the next chunk. */
  #carried: Buffer = Buffer.alloc(0);
  /** Lines that have a mark. In COPY data a line is a row. */
  markedLines = 0;
  #isLineMarked = false;

  push(chunk: Buffer): Buffer {
    const bytes = this.#carried.length === 0 ? chunk : Buffer.concat([this.#carried, chunk]);
    const cut = bytes.length - incompleteTail(bytes);
    this.#carried = bytes.subarray(cut);
    return this.#mark(bytes.subarray(0, cut));
  }

  /** What is left at the end: a character that never ends is broken. */
  end(): Buffer {
    const rest = this.#carried;
    this.#carried = Buffer.alloc(0);
    return this.#mark(rest);
  }

  #mark(bytes: Buffer): Buffer {
    if (isUtf8(bytes) && !bytes.includes(0)) return this.#pass(bytes);
    const parts: Buffer[] = [];
    let goodFrom = 0;
    for (let at = 0; at < bytes.length; ) {
      const length = characterAt(bytes, at);
      if (length > 0) {
        at += length;
        continue;
      }
      parts.push(this.#pass(bytes.subarray(goodFrom, at)), MARK);
      if (!this.#isLineMarked) this.markedLines++;
      this.#isLineMarked = true;
      while (at < bytes.length && characterAt(bytes, at) === 0) at++;
      goodFrom = at;
    }
    return Buffer.concat([...parts, this.#pass(bytes.subarray(goodFrom))]);
  }

  #pass(text: Buffer): Buffer {
    if (this.#isLineMarked && text.includes(NEWLINE)) this.#isLineMarked = false;
    return text;
  }
}

/** Bytes of the character that begins at `at`; 0 when none does. */
function characterAt(bytes: Buffer, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return lead === 0 ? 0 : 1;
  const length = lengthOf(lead);
  return length > 0 && isUtf8(bytes.subarray(at, at + length)) && at + length <= bytes.length ? length : 0;
}

function lengthOf(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  return lead >= 0xf0 && lead <= 0xf4 ? 4 : 0;
}

/** How many bytes at the end begin a character without ending it. */
function incompleteTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte >= 0xc0) return lengthOf(byte) > back ? back : 0;
    if (byte < 0x80) return 0;
  }
  return 0;
}
