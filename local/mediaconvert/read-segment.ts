const PACKET_BYTES = 188;
const STREAM_TYPES = { h264: 0x1b, aac: 0x0f };

/** What a segment of an MPEG transport stream holds, read from the stream itself rather than believed from the encoder. */
export interface SegmentFacts {
  readonly bytes: number;
  /** Presentation times in ticks of 1/90,000 s. */
  readonly firstVideoPts: number;
  readonly lastVideoPts: number;
  readonly videoFrames: number;
  /** The first picture is an IDR with its parameter sets. */
  readonly opensWithIdr: boolean;
  /** The sequence parameter set of the first picture, from its NAL header on. */
  readonly sps: Buffer | undefined;
  readonly hasAudio: boolean;
}

/** @throws {Error} when the bytes are not a transport stream with H.264 in it */
export function readSegment(ts: Buffer): SegmentFacts {
  let pmtPid: number | undefined;
  let videoPid: number | undefined;
  let hasAudio = false;
  const times: number[] = [];
  const opening: Buffer[] = []; // the payload of the first picture

  for (let at = 0; at + PACKET_BYTES <= ts.length; at += PACKET_BYTES) {
    const packet = ts.subarray(at, at + PACKET_BYTES);
    if (packet[0] !== 0x47) throw new Error(`no sync byte at ${at}: not an MPEG transport stream`);
    const pid = packet.readUInt16BE(1) & 0x1fff;
    const starts = (packet.readUInt8(1) & 0x40) !== 0;
    const payload = payloadOf(packet);
    if (pid === 0 && starts) pmtPid = programMapPid(payload);
    else if (pid === pmtPid && starts && videoPid === undefined) {
      const streams = streamsOf(payload);
      videoPid = streams.find(({ type }) => type === STREAM_TYPES.h264)?.pid;
      hasAudio = streams.some(({ type }) => type === STREAM_TYPES.aac);
    } else if (pid === videoPid) {
      if (starts) times.push(ptsOf(payload));
      if (times.length === 1) opening.push(payload);
    }
  }
  if (times.length === 0) throw new Error('no H.264 picture in the segment');
  const units = nalUnits(Buffer.concat(opening));
  const types = units.map((unit) => unit.readUInt8(0) & 0x1f);
  return {
    bytes: ts.length,
    firstVideoPts: times[0] ?? 0,
    lastVideoPts: times.reduce((last, time) => Math.max(last, time)),
    videoFrames: times.length,
    opensWithIdr: types.includes(7) && types.includes(8) && types.find((type) => type === 5 || type === 1) === 5,
    // A copy: the unit itself would keep the whole picture in memory.
    sps: copyOf(units[types.indexOf(7)]),
    hasAudio,
  };
}

function copyOf(unit: Buffer | undefined): Buffer | undefined {
  return unit === undefined ? undefined : Buffer.from(unit);
}

function payloadOf(packet: Buffer): Buffer {
  const control = (packet.readUInt8(3) >> 4) & 3;
  if ((control & 1) === 0) return packet.subarray(PACKET_BYTES);
  return packet.subarray(control === 3 ? Math.min(PACKET_BYTES, 5 + packet.readUInt8(4)) : 4);
}

/** The pid of the first program of a program association table. */
function programMapPid(payload: Buffer): number {
  const section = 1 + payload.readUInt8(0);
  return payload.readUInt16BE(section + 10) & 0x1fff;
}

function streamsOf(payload: Buffer): { type: number; pid: number }[] {
  const section = 1 + payload.readUInt8(0);
  const end = section + 3 + (payload.readUInt16BE(section + 1) & 0x0fff) - 4;
  const streams = [];
  let at = section + 12 + (payload.readUInt16BE(section + 10) & 0x0fff);
  while (at + 5 <= end) {
    streams.push({ type: payload.readUInt8(at), pid: payload.readUInt16BE(at + 1) & 0x1fff });
    at += 5 + (payload.readUInt16BE(at + 3) & 0x0fff);
  }
  return streams;
}

/** The 33-bit presentation time of a PES header. */
function ptsOf(pes: Buffer): number {
  if (pes.readUIntBE(0, 3) !== 1 || (pes.readUInt8(7) & 0x80) === 0) throw new Error('a picture without a presentation time');
  const high = (pes.readUInt8(9) >> 1) & 7;
  return high * 2 ** 30 + (pes.readUInt16BE(10) >> 1) * 2 ** 15 + (pes.readUInt16BE(12) >> 1);
}

/** NAL units between start codes; the last may be cut short by the end of `data`. */
function nalUnits(data: Buffer): Buffer[] {
  const starts: number[] = [];
  for (let at = data.indexOf('\0\0\x01', 0, 'latin1'); at !== -1; at = data.indexOf('\0\0\x01', at + 3, 'latin1')) starts.push(at + 3);
  return starts.map((start, index) => data.subarray(start, (starts[index + 1] ?? data.length + 3) - 3)).filter((unit) => unit.length > 0);
}
