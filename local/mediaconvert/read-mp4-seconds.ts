import { type FileHandle, open } from 'node:fs/promises';

/**
 * How long an MP4 of our own encoder plays, from its movie header; nothing but box headers is read on the way there.
 * @throws {Error} when the file is no MP4 with an index
 */
export async function readMp4Seconds(file: string): Promise<number> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const moov = await findBox(handle, 'moov', 0, size);
    const header = await findBox(handle, 'mvhd', moov.from, moov.to);
    const bytes = await readAt(handle, header.from, 32);
    const isLong = bytes.readUInt8(0) === 1;
    const timescale = bytes.readUInt32BE(isLong ? 20 : 12);
    return (isLong ? Number(bytes.readBigUInt64BE(24)) : bytes.readUInt32BE(16)) / timescale;
  } finally {
    await handle.close();
  }
}

/** The content of the first box of that type between two offsets. */
async function findBox(handle: FileHandle, type: string, from: number, to: number): Promise<{ from: number; to: number }> {
  for (let at = from; at + 8 <= to; ) {
    const head = await readAt(handle, at, 16);
    const size = head.readUInt32BE(0);
    const headBytes = size === 1 ? 16 : 8;
    const end = size === 0 ? to : at + (size === 1 ? Number(head.readBigUInt64BE(8)) : size);
    if (head.toString('latin1', 4, 8) === type) return { from: at + headBytes, to: Math.min(end, to) };
    if (end <= at) break;
    at = end;
  }
  throw new Error(`the MP4 that was written has no ${type} box`);
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  await handle.read(buffer, 0, length, position);
  return buffer;
}
