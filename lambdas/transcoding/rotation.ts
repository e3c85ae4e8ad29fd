import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SourceFacts } from './source.ts';
import type { Upload } from './upload.ts';

/** Reads `length` bytes of the file from `start`, fewer at its end. */
export type ReadRange = (start: number, length: number) => Promise<Buffer>;

/** Whether the display matrix turns the picture by a quarter, so that width and height change places. */
export type ReadQuarterTurn = (upload: Upload, source: SourceFacts) => Promise<boolean>;

/** A phone's index box is far smaller; a larger one is not worth the memory of a Lambda. */
const MAX_MOOV_BYTES = 64 * 1024 * 1024;

/**
 * MediaConvert's Probe tells no rotation, and an upright phone video is stored lying with a matrix that turns it. MediaConvert turns only
 * MP4 and QuickTime (`Rotate: AUTO`), so only their headers are read.
 */
export function readQuarterTurnFrom(s3: S3Client): ReadQuarterTurn {
  return async ({ bucket, key, sizeBytes }, { container }) => {
    if (container !== 'mp4' && container !== 'quicktime') return false;
    return isQuarterTurn(sizeBytes, async (start, length) => {
      const range = `bytes=${start}-${Math.min(start + length, sizeBytes) - 1}`;
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range: range }));
      return Buffer.from((await Body?.transformToByteArray()) ?? []);
    });
  };
}

/** Walks the top-level boxes to `moov` and looks at the display matrix of the first video track. ISO/IEC 14496-12, 8.3.2. */
export async function isQuarterTurn(sizeBytes: number, read: ReadRange): Promise<boolean> {
  for (let start = 0; start + 8 <= sizeBytes; ) {
    const box = boxAt(await read(start, 16), 0, sizeBytes - start);
    if (box === undefined) return false;
    if (box.type === 'moov') {
      if (box.size > MAX_MOOV_BYTES) return false;
      return hasTurnedVideoTrack(await read(start, box.size));
    }
    start += box.size;
  }
  return false;
}

function hasTurnedVideoTrack(moov: Buffer): boolean {
  for (const track of childrenOf(moov, 8).filter(({ type }) => type === 'trak')) {
    const boxes = childrenOf(track.bytes, 8);
    const handler = childrenOf(boxes.find(({ type }) => type === 'mdia')?.bytes ?? Buffer.alloc(8), 8).find(({ type }) => type === 'hdlr');
    if (handler?.bytes.toString('latin1', 16, 20) !== 'vide') continue;
    const header = boxes.find(({ type }) => type === 'tkhd')?.bytes;
    // Full box: version 1 has 64-bit times. The matrix {a b u, c d v, x y w} follows 16 bytes of layer, group and volume.
    const matrix = header === undefined ? undefined : header.subarray(header[8] === 1 ? 60 : 48);
    if (matrix === undefined || matrix.length < 36) return false;
    return matrix.readInt32BE(0) === 0 && matrix.readInt32BE(4) !== 0;
  }
  return false;
}

interface Box {
  readonly type: string;
  readonly size: number;
}

function childrenOf(parent: Buffer, headerBytes: number): (Box & { bytes: Buffer })[] {
  const children: (Box & { bytes: Buffer })[] = [];
  for (let start = headerBytes; start + 8 <= parent.length; ) {
    const box = boxAt(parent, start, parent.length - start);
    if (box === undefined) return children;
    children.push({ ...box, bytes: parent.subarray(start, start + box.size) });
    start += box.size;
  }
  return children;
}

/** The box that starts at `offset`; undefined when its size is impossible. Size 0 reaches to the end, 1 means a 64-bit size follows. */
function boxAt(bytes: Buffer, offset: number, bytesLeft: number): Box | undefined {
  if (bytes.length < offset + 8) return undefined;
  const short = bytes.readUInt32BE(offset);
  const type = bytes.toString('latin1', offset + 4, offset + 8);
  if (short === 1 && bytes.length < offset + 16) return undefined;
  const size = short === 1 ? Number(bytes.readBigUInt64BE(offset + 8)) : short === 0 ? bytesLeft : short;
  return size < 8 ? undefined : { type, size };
}
