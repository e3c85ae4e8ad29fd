/** Streams as a program map table lists them. Source: ISO/IEC 13818-1, table 2-34. */
export interface ElementaryStream {
  readonly type: number;
  readonly pid: number;
}

export const STREAM_TYPE = { h264: 0x1b, aac: 0x0f } as const;

/** Every kind of sound a table may list, so that a second or a foreign one is seen: MPEG-1/2, AAC in ADTS and LATM, AC-3, E-AC-3, DTS. */
const AUDIO_TYPES = new Set([0x03, 0x04, 0x0f, 0x11, 0x81, 0x82, 0x87, 0xc1, 0xc2]);
const VIDEO_TYPES = new Set([0x01, 0x02, 0x10, 0x1b, 0x24, 0x33]);

export const isAudio = ({ type }: ElementaryStream): boolean => AUDIO_TYPES.has(type);
export const isVideo = ({ type }: ElementaryStream): boolean => VIDEO_TYPES.has(type);

/** The pid of the first program's map; undefined when the payload holds no whole association table. */
export function programMapPid(packet: Buffer, payload: number, end: number): number | undefined {
  const section = payload + 1 + (packet[payload] ?? 0);
  if (section + 12 > end || packet[section] !== 0) return undefined;
  const sectionEnd = section + 3 + (packet.readUInt16BE(section + 1) & 0x0fff) - 4;
  for (let at = section + 8; at + 4 <= Math.min(sectionEnd, end); at += 4) {
    // Program 0 points at the network's table.
    if (packet.readUInt16BE(at) !== 0) return packet.readUInt16BE(at + 2) & 0x1fff;
  }
  return undefined;
}

/** The streams of a program; undefined when the payload holds no whole map table. */
export function programStreams(packet: Buffer, payload: number, end: number): readonly ElementaryStream[] | undefined {
  const section = payload + 1 + (packet[payload] ?? 0);
  if (section + 12 > end || packet[section] !== 2) return undefined;
  const sectionEnd = section + 3 + (packet.readUInt16BE(section + 1) & 0x0fff) - 4;
  if (sectionEnd > end) return undefined;
  const streams: ElementaryStream[] = [];
  let at = section + 12 + (packet.readUInt16BE(section + 10) & 0x0fff);
  while (at + 5 <= sectionEnd) {
    streams.push({ type: packet.readUInt8(at), pid: packet.readUInt16BE(at + 1) & 0x1fff });
    at += 5 + (packet.readUInt16BE(at + 3) & 0x0fff);
  }
  return streams;
}
