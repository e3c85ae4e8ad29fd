/** Says in an MP4's first track header that its picture is to be turned clockwise, as a phone does. Whatever ffmpeg made it. */
export function turned(degrees: 90 | 180 | 270): (made: Buffer) => Buffer {
  const [a, b] = { 90: [0, 1], 180: [-1, 0], 270: [0, -1] }[degrees] as [number, number];
  const ONE = 65_536;
  return (made) => {
    const changed = Buffer.from(made);
    const header = changed.indexOf('tkhd', 0, 'latin1') + 4;
    if (header < 4) throw new Error('the clip has no track header; expected an MP4 or a MOV');
    const matrix = header + (changed[header] === 1 ? 52 : 40);
    const values = [a * ONE, b * ONE, 0, -b * ONE, a * ONE, 0, 0, 0, 0x4000_0000];
    for (const [index, value] of values.entries()) changed.writeInt32BE(value, matrix + index * 4);
    return changed;
  };
}

/** The first part of a file. */
export function cut(share: number): (made: Buffer) => Buffer {
  return (made) => made.subarray(0, Math.floor(made.length * share));
}

/** A ZIP of one file of so many zeros, which take next to nothing: what a bomb looks like. */
export function zipOf(name: string, zeros: number, deflated: Buffer): Buffer {
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(20, 4);
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(deflated.length, 18);
  local.writeUInt32LE(zeros, 22);
  local.writeUInt16LE(name.length, 26);
  return Buffer.concat([local, Buffer.from(name, 'latin1'), deflated]);
}
