import { readPesHeader } from '../../../lambdas/transcoding/check/pes-header.ts';
import type { Files } from './encoded-output.ts';

const PACKET_BYTES = 188;
/** ffmpeg's pids. */
export const PID = { pat: 0, map: 0x1000, video: 0x100, audio: 0x101 } as const;

interface Packet {
  readonly bytes: Buffer;
  readonly pid: number;
  readonly starts: boolean;
  readonly payload: number;
}

/** The packets of a segment, as views: what is changed in them is changed in it. */
export function packets(segment: Buffer): Packet[] {
  return Array.from({ length: Math.floor(segment.length / PACKET_BYTES) }, (_, index) => {
    const bytes = segment.subarray(index * PACKET_BYTES, (index + 1) * PACKET_BYTES);
    const payload = bytes.readUInt8(3) & 0x20 ? 5 + bytes.readUInt8(4) : 4;
    return { bytes, pid: bytes.readUInt16BE(1) & 0x1fff, starts: (bytes.readUInt8(1) & 0x40) !== 0, payload };
  });
}

/** Replaces a file by a changed copy. */
export function change(files: Files, file: string, edit: (content: Buffer) => Buffer | undefined): void {
  const content = Buffer.from(files.get(file) ?? Buffer.alloc(0));
  files.set(file, edit(content) ?? content);
}

export function changeText(files: Files, file: string, from: string | RegExp, to: string): void {
  change(files, file, (content) => {
    const text = content.toString().replace(from, to);
    if (text === content.toString()) throw new Error(`${file} has no ${from}`);
    return Buffer.from(text);
  });
}

/** The segment without some of its packets. */
export function without(segment: Buffer, drop: (packet: Packet, index: number) => boolean): Buffer {
  return Buffer.concat(packets(segment).flatMap((packet, index) => (drop(packet, index) ? [] : [packet.bytes])));
}

/** Counts the packets of each pid anew, as if nothing had been taken out. */
export function recount(segment: Buffer): Buffer {
  const counters = new Map<number, number>();
  for (const { bytes, pid } of packets(segment)) {
    const counter = counters.get(pid) ?? bytes.readUInt8(3) & 0x0f;
    bytes.writeUInt8((bytes.readUInt8(3) & 0xf0) | counter, 3);
    counters.set(pid, (counter + 1) & 0x0f);
  }
  return segment;
}

/** Moves times of the PES packets that `which` picks, in ticks. `index` counts those of the pid. */
export function shiftTimes(segment: Buffer, ticks: number, which: (pid: number, index: number) => boolean = () => true): Buffer {
  const seen = new Map<number, number>();
  for (const { bytes, pid, starts, payload } of packets(segment)) {
    if (!starts || (pid !== PID.video && pid !== PID.audio)) continue;
    const index = seen.get(pid) ?? 0;
    seen.set(pid, index + 1);
    if (!which(pid, index)) continue;
    const header = readPesHeader(bytes, payload, bytes.length);
    if (header?.pts === undefined || header.dts === undefined) continue;
    writeTime(bytes, payload + 9, header.pts + ticks);
    if (header.dts !== header.pts) writeTime(bytes, payload + 14, header.dts + ticks);
  }
  return segment;
}

/** Moves the presentation of one picture alone. */
export function shiftPts(segment: Buffer, picture: number, ticks: number): Buffer {
  const start = packets(segment).filter(({ pid, starts }) => pid === PID.video && starts)[picture];
  const header = start && readPesHeader(start.bytes, start.payload, start.bytes.length);
  if (start === undefined || header?.pts === undefined) throw new Error(`no picture ${picture}`);
  writeTime(start.bytes, start.payload + 9, header.pts + ticks);
  return segment;
}

function writeTime(data: Buffer, at: number, time: number): void {
  data.writeUInt8((data.readUInt8(at) & 0xf1) | ((Math.floor(time / 2 ** 30) & 7) << 1), at);
  data.writeUInt16BE(((Math.floor(time / 2 ** 15) & 0x7fff) << 1) | 1, at + 1);
  data.writeUInt16BE(((time & 0x7fff) << 1) | 1, at + 3);
}

/** Replaces bytes wherever they are found; they must not lie across packets. */
export function replaceAll(segment: Buffer, from: Buffer, to: Buffer): Buffer {
  for (let at = segment.indexOf(from); at !== -1; at = segment.indexOf(from, at + from.length)) to.copy(segment, at);
  return segment;
}
