const PACKET_BYTES = 188;
/** Of the service description table (EN 300 468). */
const SDT_PID = 0x11;

/**
 * A segment without its service description packets. ffmpeg puts one before the PAT and has no option against it; a segment is to open with PAT
 * and PMT (RFC 8216, 3.2), and the service describes none unless `DvbSdtSettings` ask for it.
 */
export function withoutServiceDescription(ts: Buffer): Buffer {
  const kept: Buffer[] = [];
  let from = 0;
  for (let at = 0; at + PACKET_BYTES <= ts.length; at += PACKET_BYTES) {
    if ((ts.readUInt16BE(at + 1) & 0x1fff) !== SDT_PID) continue;
    kept.push(ts.subarray(from, at));
    from = at + PACKET_BYTES;
  }
  return Buffer.concat([...kept, ts.subarray(from)]);
}
