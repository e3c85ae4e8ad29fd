/** The times at the head of a PES packet, in ticks. Source: ISO/IEC 13818-1 section 2.4.3.6. */
export interface PesHeader {
  readonly pts: number | undefined;
  /** Where the stream states none, it is the presentation time. */
  readonly dts: number | undefined;
  /** Where the payload begins in the buffer. */
  readonly payload: number;
  /** Bytes of payload; undefined where it is not stated, which video may leave out. */
  readonly payloadBytes: number | undefined;
}

/** Undefined when no PES packet begins at `at`. */
export function readPesHeader(data: Buffer, at: number, end: number): PesHeader | undefined {
  if (at + 9 > end || data[at] !== 0 || data[at + 1] !== 0 || data[at + 2] !== 1) return undefined;
  const packetBytes = data.readUInt16BE(at + 4);
  const flags = (data[at + 7] ?? 0) >> 6;
  const headerBytes = data[at + 8] ?? 0;
  const payload = at + 9 + headerBytes;
  if (payload > end || (flags & 2 && headerBytes < 5) || (flags === 3 && headerBytes < 10)) return undefined;
  const pts = flags & 2 ? readTime(data, at + 9) : undefined;
  return {
    pts,
    dts: flags === 3 ? readTime(data, at + 14) : pts,
    payload,
    payloadBytes: packetBytes === 0 ? undefined : packetBytes - 3 - headerBytes,
  };
}

function readTime(data: Buffer, at: number): number {
  return ((data.readUInt8(at) >> 1) & 7) * 2 ** 30 + (data.readUInt16BE(at + 1) >> 1) * 2 ** 15 + (data.readUInt16BE(at + 3) >> 1);
}
