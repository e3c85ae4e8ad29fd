import type { ByteSource } from '../../lambdas/transcoding/inspect/object-reader.ts';

/** A file in memory, which counts what was read of it. */
export function bytesOf(content: Buffer, sizeBytes = content.length): ByteSource & { readonly read: ByteSource['read'] } {
  return { sizeBytes, read: async (offset, length) => content.subarray(offset, Math.min(offset + length, sizeBytes)) };
}

export function box(type: string, ...content: readonly Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(body.length + 8, 0);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, body]);
}

export interface IsoFile {
  readonly brand?: string;
  /** Clockwise. */
  readonly rotationDegrees?: number;
  readonly pasp?: readonly [number, number];
  /** By ISO/IEC 23091-2. */
  readonly transfer?: number;
  /** Runs of frames, in ticks of 1/1000 s. */
  readonly frames?: readonly (readonly [count: number, ticks: number])[];
  readonly sampleEntry?: string;
  readonly channels?: number;
  readonly handler?: string;
  readonly moovFirst?: boolean;
  readonly mediaBytes?: number;
}

/** An MP4 of one video track, and one of sound when it has channels: what a player reads before the first frame, and nothing to play. */
export function isoFile(file: IsoFile = {}): Buffer {
  const { brand = 'isom', channels = 0, handler = 'vide', moovFirst = true, mediaBytes = 1_000 } = file;
  const media = box('mdat', Buffer.alloc(mediaBytes));
  const tracks = [track(handler, videoEntry(file), file), ...(channels > 0 ? [track('soun', soundEntry(channels), file)] : [])];
  const moov = box('moov', box('mvhd', timed(ticksOf(file), 80)), ...tracks);
  return Buffer.concat([box('ftyp', Buffer.from(`${brand}\0\0\0\0`)), ...(moovFirst ? [moov, media] : [media, moov])]);
}

function ticksOf({ frames = [[250, 40]] }: IsoFile): number {
  return frames.reduce((sum, [count, ticks]) => sum + count * ticks, 0);
}

/** Version 0: flags, two times, time scale 1000, duration. */
function timed(ticks: number, rest: number): Buffer {
  const header = Buffer.alloc(20 + rest);
  header.writeUInt32BE(1_000, 12);
  header.writeUInt32BE(ticks, 16);
  return header;
}

function track(handler: string, entry: Buffer, file: IsoFile): Buffer {
  const { frames = [[250, 40]] } = file;
  const times = Buffer.alloc(8 + frames.length * 8);
  times.writeUInt32BE(frames.length, 4);
  frames.forEach(([count, ticks], index) => {
    times.writeUInt32BE(count, 8 + index * 8);
    times.writeUInt32BE(ticks, 12 + index * 8);
  });
  const stbl = box('stbl', box('stsd', Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]), entry), box('stts', times));
  const hdlr = box('hdlr', Buffer.concat([Buffer.alloc(8), Buffer.from(handler, 'latin1'), Buffer.alloc(12)]));
  return box('trak', box('tkhd', trackHeader(file)), box('mdia', box('mdhd', timed(ticksOf(file), 4)), hdlr, box('minf', stbl)));
}

function trackHeader({ rotationDegrees = 0 }: IsoFile): Buffer {
  const header = Buffer.alloc(84);
  const angle = (rotationDegrees * Math.PI) / 180;
  header.writeInt32BE(Math.round(Math.cos(angle) * 65_536), 40);
  header.writeInt32BE(Math.round(Math.sin(angle) * 65_536), 44);
  return header;
}

function videoEntry({ sampleEntry = 'avc1', pasp, transfer }: IsoFile): Buffer {
  const ratio = Buffer.alloc(8);
  for (const [index, value] of (pasp ?? []).entries()) ratio.writeUInt32BE(value, index * 4);
  const colour = Buffer.concat([Buffer.from('nclx'), Buffer.from([0, 9, 0, transfer ?? 1, 0, 9, 0])]);
  return box(
    sampleEntry,
    Buffer.alloc(78),
    ...(pasp === undefined ? [] : [box('pasp', ratio)]),
    ...(transfer === undefined ? [] : [box('colr', colour)]),
  );
}

function soundEntry(channels: number): Buffer {
  const entry = Buffer.alloc(28);
  entry.writeUInt16BE(channels, 16);
  return box('mp4a', entry);
}

/** An EBML element of an id in hex; a size of undefined is one that live recorders leave open. */
export function element(id: string, content: Buffer | readonly Buffer[], size?: 'unknown'): Buffer {
  const body = Buffer.isBuffer(content) ? content : Buffer.concat(content);
  const length = Buffer.alloc(8);
  length.writeBigUInt64BE(size === 'unknown' ? 0x01ff_ffff_ffff_ffffn : BigInt(body.length) | 0x0100_0000_0000_0000n);
  return Buffer.concat([Buffer.from(id, 'hex'), length, body]);
}

export function unsigned(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
