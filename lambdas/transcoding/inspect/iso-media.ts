import type { ByteSource } from './object-reader.ts';

/** What an MP4 or QuickTime file says about itself that Probe does not. Boxes: ISO/IEC 14496-12. */
export interface IsoMediaFacts {
  /** 0 where a fragmented file leaves it open. */
  readonly durationSeconds: number;
  readonly fragmented: boolean;
  readonly video?: IsoVideo | undefined;
  readonly audioChannels?: number | undefined;
}

export interface IsoVideo {
  /** Clockwise, a multiple of 90; other matrices are none a player turns by. */
  readonly rotationDegrees: number;
  readonly pixelAspect: number;
  /** By ISO/IEC 23091-2, such as 16 for PQ. */
  readonly transfer?: number | undefined;
  readonly encrypted: boolean;
  /** 0 in fragmented files, which keep their samples elsewhere. */
  readonly frames: number;
  readonly durationSeconds: number;
  readonly variableFrameRate: boolean;
}

/** `missing-index`: no `moov`; `truncated`: a box goes on after the file has ended; `foreign-data`: what follows the boxes is none. */
export type IsoMediaFault = 'missing-index' | 'truncated' | 'foreign-data';

interface Box {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** Boxes that a file consists of; one that is cut short is among them. */
const FILE_BOXES = 'ftyp moov mdat moof mfra free skip wide uuid meta sidx ssix styp emsg prft pdin'.split(' ');
/** Boxes on one level; hostile files have more. */
const MAX_BOXES = 512;
/** Entries of the time table that are looked at: enough to tell a constant rate from a changing one. */
const MAX_TIME_ENTRIES = 8_192;

export async function readIsoMedia(source: ByteSource): Promise<IsoMediaFacts | IsoMediaFault> {
  let moov: Box | undefined;
  let fragmented = false;
  let overrun: Box | undefined;
  for await (const box of boxes(source, 0, source.sizeBytes)) {
    if (box.type === 'moov') moov = box;
    if (box.end > source.sizeBytes) overrun = box;
    // A fragmented file is thousands of them, all alike.
    fragmented = box.type === 'moof';
    if (fragmented) break;
  }
  if (overrun !== undefined) return moov === undefined || FILE_BOXES.includes(overrun.type) ? 'truncated' : 'foreign-data';
  return moov === undefined ? 'missing-index' : await readMovie(source, moov, fragmented);
}

async function readMovie(source: ByteSource, moov: Box, fragmented: boolean): Promise<IsoMediaFacts> {
  let durationSeconds = 0;
  let video: IsoVideo | undefined;
  let audioChannels: number | undefined;
  let extended = fragmented;
  for await (const box of boxes(source, moov.start, moov.end)) {
    if (box.type === 'mvhd') durationSeconds = duration(await content(source, box, 32));
    if (box.type === 'mvex') extended = true;
    if (box.type !== 'trak') continue;
    const track = await readTrack(source, box);
    if (track.kind === 'vide') video ??= track.video;
    if (track.kind === 'soun') audioChannels ??= track.channels;
  }
  return { durationSeconds, fragmented: extended, video, audioChannels };
}

interface TrackFacts {
  readonly kind: string;
  readonly video?: IsoVideo;
  readonly channels?: number;
}

async function readTrack(source: ByteSource, trak: Box): Promise<TrackFacts> {
  const found = await findAll(source, trak, ['mdia', 'minf', 'stbl'], ['tkhd', 'mdhd', 'hdlr', 'stsd', 'stts']);
  const read = async (type: string, bytes: number) => {
    const box = found.get(type);
    return box === undefined ? Buffer.alloc(0) : await content(source, box, bytes);
  };
  const kind = (await read('hdlr', 12)).toString('latin1', 8, 12);
  const entry = (await read('stsd', 4_096)).subarray(8);
  // A sample entry: size, type, six reserved bytes, data reference, then 8 bytes and the channel count of sound.
  if (kind === 'soun') return { kind, channels: entry.length >= 26 ? entry.readUInt16BE(24) : 0 };
  if (kind !== 'vide') return { kind };
  const media = await read('mdhd', 32);
  const times = await readTimes(source, found.get('stts'));
  const isEncrypted = entry.toString('latin1', 4, 8) === 'encv';
  return {
    kind,
    video: {
      rotationDegrees: rotation(await read('tkhd', 92)),
      durationSeconds: duration(media),
      encrypted: isEncrypted,
      ...shape(entry),
      ...times,
    },
  };
}

/** The first box of each wanted type, below the given nested ones. */
async function findAll(source: ByteSource, parent: Box, nested: readonly string[], wanted: readonly string[]): Promise<Map<string, Box>> {
  const found = new Map<string, Box>();
  const pending = [parent];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    for await (const box of boxes(source, next.start, next.end)) {
      if (wanted.includes(box.type) && !found.has(box.type)) found.set(box.type, box);
      if (nested.includes(box.type) && pending.length < MAX_BOXES) pending.push(box);
    }
  }
  return found;
}

async function* boxes(source: ByteSource, start: number, end: number): AsyncGenerator<Box> {
  let offset = start;
  for (let count = 0; count < MAX_BOXES && offset + 8 <= end; count++) {
    const header = await source.read(offset, 16);
    if (header.length < 8) return;
    const size = header.readUInt32BE(0);
    const isLong = size === 1 && header.length === 16;
    const bytes = isLong ? Number(header.readBigUInt64BE(8)) : size === 0 ? end - offset : size;
    const headerBytes = isLong ? 16 : 8;
    if (bytes < headerBytes) return;
    yield { type: header.toString('latin1', 4, 8), start: offset + headerBytes, end: offset + bytes };
    offset += bytes;
  }
}

function content(source: ByteSource, { start, end }: Box, bytes: number): Promise<Buffer> {
  return source.read(start, Math.min(end - start, bytes));
}

/** Of `mvhd` and `mdhd`, whose first fields are alike. */
function duration(header: Buffer): number {
  const isLong = header[0] === 1;
  if (header.length < (isLong ? 32 : 20)) return 0;
  const scale = header.readUInt32BE(isLong ? 20 : 12);
  const units = isLong ? Number(header.readBigUInt64BE(24)) : header.readUInt32BE(16);
  return scale === 0 || units === 0xffff_ffff ? 0 : units / scale;
}

/** From the first row of `tkhd`'s matrix, in 16.16: (a, b) is where the picture's right side points to. */
function rotation(header: Buffer): number {
  const at = header[0] === 1 ? 52 : 40;
  if (header.length < at + 8) return 0;
  const [a, b] = [header.readInt32BE(at), header.readInt32BE(at + 4)];
  const degrees = (Math.atan2(b, a) * 180) / Math.PI;
  const nearest = Math.round(degrees / 90) * 90;
  return Math.abs(nearest - degrees) <= 1 ? (nearest + 360) % 360 : 0;
}

/** `pasp` and `colr` follow the 86 fixed bytes of a visual sample entry. */
function shape(entry: Buffer): { pixelAspect: number; transfer: number | undefined } {
  let pixelAspect = 1;
  let transfer: number | undefined;
  const end = Math.min(entry.length, entry.length >= 4 ? entry.readUInt32BE(0) : 0);
  for (let at = 86; at + 16 <= end; ) {
    const bytes = entry.readUInt32BE(at);
    const type = entry.toString('latin1', at + 4, at + 8);
    if (type === 'pasp') pixelAspect = entry.readUInt32BE(at + 8) / entry.readUInt32BE(at + 12);
    if (type === 'colr' && ['nclx', 'nclc'].includes(entry.toString('latin1', at + 8, at + 12))) transfer = entry.readUInt16BE(at + 14);
    if (bytes < 8) break;
    at += bytes;
  }
  return { pixelAspect: Number.isFinite(pixelAspect) && pixelAspect > 0 ? pixelAspect : 1, transfer };
}

/**
 * From `stts`, runs of frames of equal length. The rate changes when more than one frame in a hundred is more than a hundredth, and more than
 * one tick, off the usual length; the last frame may be any.
 */
async function readTimes(source: ByteSource, box: Box | undefined): Promise<{ frames: number; variableFrameRate: boolean }> {
  if (box === undefined) return { frames: 0, variableFrameRate: false };
  const table = await content(source, box, 8 + MAX_TIME_ENTRIES * 8);
  const lengths = new Map<number, number>();
  let frames = 0;
  let last = 0;
  for (let at = 8; at + 8 <= table.length; at += 8) {
    const [count, length] = [table.readUInt32BE(at), table.readUInt32BE(at + 4)];
    lengths.set(length, (lengths.get(length) ?? 0) + count);
    frames += count;
    last = length;
  }
  if (frames > 1) lengths.set(last, (lengths.get(last) ?? 1) - 1);
  const [usual = 0] = [...lengths].reduce((most, entry) => (entry[1] > most[1] ? entry : most), [0, 0]);
  const tolerance = Math.max(1, usual / 100);
  const odd = [...lengths].reduce((sum, [length, count]) => sum + (Math.abs(length - usual) > tolerance ? count : 0), 0);
  return { frames, variableFrameRate: odd > frames / 100 };
}
