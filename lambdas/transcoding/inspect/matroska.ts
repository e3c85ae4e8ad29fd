import type { ByteSource } from './object-reader.ts';

/** What a Matroska or WebM file says about itself that Probe does not. Element ids: RFC 9559. */
export interface MatroskaFacts {
  /** Whether the file ends before its segment does. */
  readonly truncated: boolean;
  readonly durationSeconds?: number | undefined;
  /** Where its clock stands when its first cluster begins: files that were cut out of longer ones keep theirs. */
  readonly startSeconds?: number | undefined;
  readonly video?: MatroskaVideo | undefined;
  readonly audioChannels?: number | undefined;
}

export interface MatroskaVideo {
  /** Of one frame, where the frame rate is constant. */
  readonly frameSeconds?: number | undefined;
  readonly pixelAspect: number;
  readonly interlaced: boolean;
  /** By ISO/IEC 23091-2, such as 16 for PQ. */
  readonly transfer?: number | undefined;
  readonly encrypted: boolean;
}

const EBML = 0x1a45dfa3;
const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const TRACKS = 0x1654ae6b;
const CLUSTER = 0x1f43b675;
/** Where a segment does not say. */
const NANOSECONDS_A_TICK = 1_000_000;
const MAX_ELEMENT_BYTES = 1024 * 1024;
/** Its timestamp comes first. */
const CLUSTER_HEAD_BYTES = 64;
/** Elements before the tracks: seek head, tags, attachments such as covers, voids. */
const MAX_ELEMENTS = 64;

interface Element {
  readonly id: number;
  readonly start: number;
  /** Infinity where the element's size is unknown, as live recorders leave it. */
  readonly bytes: number;
}

/** The document type in an EBML header, undefined when there is none in sight. */
export function documentTypeOf(head: Buffer): string | undefined {
  const header = elementAt(head, 0);
  if (header?.id !== EBML) return undefined;
  const type = childrenOf(head.subarray(header.start, header.start + header.bytes)).get(0x4282)?.[0];
  return type?.toString('latin1').replace(/\0+$/, '');
}

/** Undefined when the file has no tracks in sight: damaged, or not Matroska. */
export async function readMatroska(source: ByteSource): Promise<MatroskaFacts | undefined> {
  const header = elementAt(await source.read(0, 16), 0);
  if (header === undefined || header.id !== EBML) return undefined;
  let offset = header.start + header.bytes;
  const segment = elementAt(await source.read(offset, 16), 0);
  if (segment?.id !== SEGMENT) return undefined;
  offset += segment.start;
  const truncated = Number.isFinite(segment.bytes) && offset + segment.bytes > source.sizeBytes;
  let info: Elements | undefined;
  let tracks: Elements | undefined;
  let startSeconds: number | undefined;
  for (let count = 0; count < MAX_ELEMENTS && offset < source.sizeBytes; count++) {
    const element = elementAt(await source.read(offset, 16), 0);
    if (element === undefined) break;
    if (element.id === CLUSTER) {
      startSeconds = seconds(timestampOf(await source.read(offset + element.start, CLUSTER_HEAD_BYTES)), info);
      break;
    }
    const read = async () => childrenOf(await source.read(offset + element.start, Math.min(element.bytes, MAX_ELEMENT_BYTES)));
    if (element.id === INFO) info = await read();
    if (element.id === TRACKS) tracks = await read();
    offset += element.start + element.bytes;
  }
  return tracks && { truncated, durationSeconds: durationOf(info), startSeconds, ...tracksOf(tracks) };
}

/** Where the last cluster in the file's tail begins, in seconds: a lower bound of the duration that live recorders do not write. */
export async function lastClusterSeconds(source: ByteSource): Promise<number | undefined> {
  const bytes = Math.min(source.sizeBytes, 2 * 1024 * 1024);
  const tail = await source.read(source.sizeBytes - bytes, bytes);
  const at = tail.lastIndexOf(Buffer.from('1f43b675', 'hex'));
  const cluster = at === -1 ? undefined : elementAt(tail, at);
  if (cluster === undefined) return undefined;
  // Every muxer in use writes milliseconds.
  return seconds(timestampOf(tail.subarray(cluster.start, cluster.start + CLUSTER_HEAD_BYTES)), undefined);
}

/** Of a cluster, in the segment's ticks. */
function timestampOf(head: Buffer): number | undefined {
  return number(childrenOf(head), 0xe7);
}

function seconds(ticks: number | undefined, info: Elements | undefined): number | undefined {
  if (ticks === undefined) return undefined;
  return (ticks * ((info && number(info, 0x2ad7b1)) ?? NANOSECONDS_A_TICK)) / 1e9;
}

function durationOf(info: Elements | undefined): number | undefined {
  const duration = info?.get(0x4489)?.[0];
  return seconds(duration && float(duration), info);
}

function tracksOf(tracks: Elements): Pick<MatroskaFacts, 'video' | 'audioChannels'> {
  const entries = (tracks.get(0xae) ?? []).map(childrenOf);
  const ofType = (type: number) => entries.find((entry) => number(entry, 0x83) === type);
  const video = ofType(1);
  const audio = ofType(2);
  return {
    video: video === undefined ? undefined : videoOf(video),
    audioChannels: audio === undefined ? undefined : (number(childrenOf(audio.get(0xe1)?.[0] ?? Buffer.alloc(0)), 0x9f) ?? 1),
  };
}

function videoOf(entry: Elements): MatroskaVideo {
  const picture = childrenOf(entry.get(0xe0)?.[0] ?? Buffer.alloc(0));
  const frame = number(entry, 0x23e383);
  const colour = picture.get(0x55b0)?.[0];
  const encodings = entry.get(0x6d80)?.[0];
  const encoding = encodings === undefined ? undefined : childrenOf(encodings).get(0x6240)?.[0];
  return {
    frameSeconds: frame === undefined || frame === 0 ? undefined : frame / 1e9,
    pixelAspect: pixelAspectOf(picture),
    interlaced: number(picture, 0x9a) === 1,
    transfer: colour === undefined ? undefined : number(childrenOf(colour), 0x55ba),
    encrypted: encoding !== undefined && number(childrenOf(encoding), 0x5033) === 1,
  };
}

/** Of the display's shape to the pixels'. Display sizes in other units than pixels and shapes say nothing that is needed. */
function pixelAspectOf(picture: Elements): number {
  const [width, height] = [number(picture, 0xb0), number(picture, 0xba)];
  const [shownWidth, shownHeight] = [number(picture, 0x54b0), number(picture, 0x54ba)];
  if (!width || !height || !shownWidth || !shownHeight || (number(picture, 0x54b2) ?? 0) > 3) return 1;
  return (shownWidth * height) / (shownHeight * width);
}

type Elements = ReadonlyMap<number, readonly Buffer[]>;

function childrenOf(bytes: Buffer): Elements {
  const children = new Map<number, Buffer[]>();
  for (let at = 0; at < bytes.length; ) {
    const element = elementAt(bytes, at);
    if (element === undefined) break;
    const end = Math.min(bytes.length, element.start + element.bytes);
    const same = children.get(element.id);
    if (same === undefined) children.set(element.id, [bytes.subarray(element.start, end)]);
    else same.push(bytes.subarray(element.start, end));
    at = end;
  }
  return children;
}

function elementAt(bytes: Buffer, at: number): Element | undefined {
  const first = bytes[at] ?? 0;
  const idBytes = Math.clz32(first) - 23;
  const sizeFirst = bytes[at + idBytes] ?? 0;
  const sizeBytes = Math.clz32(sizeFirst) - 23;
  const start = at + idBytes + sizeBytes;
  if (idBytes > 4 || sizeBytes > 8 || start > bytes.length) return undefined;
  let size = sizeFirst & (0xff >> sizeBytes);
  let unknown = size === 0xff >> sizeBytes;
  for (let index = 1; index < sizeBytes; index++) {
    const byte = bytes[at + idBytes + index] ?? 0;
    unknown &&= byte === 0xff;
    size = size * 256 + byte;
  }
  return { id: bytes.readUIntBE(at, idBytes), start, bytes: unknown ? Number.POSITIVE_INFINITY : size };
}

function number(elements: Elements, id: number): number | undefined {
  const value = elements.get(id)?.[0];
  return value === undefined ? undefined : unsigned(value);
}

function unsigned(bytes: Buffer): number {
  return bytes.subarray(-6).reduce((value, byte) => value * 256 + byte, 0);
}

function float(bytes: Buffer): number {
  return bytes.length === 8 ? bytes.readDoubleBE(0) : bytes.length === 4 ? bytes.readFloatBE(0) : 0;
}
