import { AudioTrack } from './audio-track.ts';
import { readPesHeader } from './pes-header.ts';
import { type ElementaryStream, programMapPid, programStreams, STREAM_TYPE } from './program-tables.ts';
import type { SegmentFacts } from './segment-facts.ts';
import { VideoTrack } from './video-track.ts';

const PACKET_BYTES = 188;
const SYNC = 0x47;
const PAT_PID = 0;
const NULL_PID = 0x1fff;
/** Below, pids belong to tables: conditional access, network, service description. */
const FIRST_PROGRAMME_PID = 0x20;
const NONE = -1;

/** How much of the current PES packet has come, against what its header promised. */
interface PesProgress {
  promised: number | undefined;
  received: number;
}

/**
 * Reads one segment in whatever pieces it comes. Keeps one packet, the head of one picture and two numbers a picture, whatever the segment's
 * size; packets are looked at in place, and the slices of a picture are passed over.
 */
export class SegmentReader {
  readonly #carry = Buffer.alloc(PACKET_BYTES);
  #carried = 0;
  #bytes = 0;
  #lostSyncAt: number | undefined;
  readonly #lastCounter = new Int8Array(NULL_PID + 1).fill(NONE);
  readonly #firstCounter = new Map<number, number>();
  readonly #faults = new Map<string, string>();
  #mapPid = NONE;
  #videoPid = NONE;
  #audioPid = NONE;
  #streams: readonly ElementaryStream[] | undefined;
  #opensWithTables = true;
  readonly #video = new VideoTrack();
  readonly #audio = new AudioTrack();
  readonly #videoPes: PesProgress = { promised: undefined, received: 0 };
  readonly #audioPes: PesProgress = { promised: undefined, received: 0 };

  push(chunk: Uint8Array): void {
    const data = Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = 0;
    if (this.#carried > 0) {
      at = Math.min(PACKET_BYTES - this.#carried, data.length);
      data.copy(this.#carry, this.#carried, 0, at);
      this.#carried += at;
      this.#bytes += at;
      if (this.#carried < PACKET_BYTES) return;
      this.#packet(this.#carry, 0, this.#bytes - PACKET_BYTES);
      this.#carried = 0;
    }
    const start = this.#bytes - at;
    const end = data.length - ((data.length - at) % PACKET_BYTES);
    for (; at < end; at += PACKET_BYTES) this.#packet(data, at, start + at);
    data.copy(this.#carry, 0, end);
    this.#carried = data.length - end;
    this.#bytes = start + data.length;
  }

  end(): SegmentFacts {
    this.#endPes(this.#videoPes, 'video');
    this.#endPes(this.#audioPes, 'audio');
    const counters = [...this.#firstCounter].map(([pid, first]) => [pid, { first, last: this.#lastCounter[pid] ?? first }] as const);
    return {
      bytes: this.#bytes,
      lostSyncAt: this.#lostSyncAt,
      cutBytes: this.#carried,
      opensWithTables: this.#opensWithTables && this.#streams !== undefined,
      streams: this.#streams ?? [],
      counters: new Map(counters),
      packetFaults: [...this.#faults.values()],
      video: this.#video.facts(),
      audio: this.#audio.facts(),
    };
  }

  #packet(data: Buffer, at: number, offset: number): void {
    if (this.#lostSyncAt !== undefined) return;
    if (data[at] !== SYNC) {
      this.#lostSyncAt = offset;
      return;
    }
    const head = data[at + 1] ?? 0;
    const pid = ((head & 0x1f) << 8) | (data[at + 2] ?? 0);
    if (pid === NULL_PID) return;
    const control = data[at + 3] ?? 0;
    if (head & 0x80) this.#fault('error', `the transport error flag at byte ${offset}`);
    if (control & 0xc0) this.#fault('scrambled', `a scrambled packet at byte ${offset}`);
    const end = at + PACKET_BYTES;
    let payload = at + 4;
    if (control & 0x20) {
      const length = data[at + 4] ?? 0;
      payload += 1 + length;
      if (length > 0 && (data[at + 5] ?? 0) & 0x80) this.#fault('discontinuity', `the discontinuity flag on pid ${pid} at byte ${offset}`);
      if (payload > end) this.#fault('adaptation', `an adaptation field longer than its packet at byte ${offset}`);
    }
    if ((control & 0x10) === 0) return;
    this.#count(pid, control & 0x0f, offset);
    if (payload >= end) return;
    if (pid === this.#videoPid) this.#videoPacket(data, payload, end, (head & 0x40) !== 0, offset);
    else if (pid === this.#audioPid) this.#audioPacket(data, payload, end, (head & 0x40) !== 0, offset);
    else if (pid === PAT_PID) this.#mapPid = (head & 0x40 ? programMapPid(data, payload, end) : undefined) ?? this.#mapPid;
    else if (pid === this.#mapPid) this.#mapPacket(data, payload, end, (head & 0x40) !== 0);
    else if (pid >= FIRST_PROGRAMME_PID && this.#streams === undefined) this.#opensWithTables = false;
  }

  #count(pid: number, counter: number, offset: number): void {
    const last = this.#lastCounter[pid] ?? NONE;
    if (last === NONE) this.#firstCounter.set(pid, counter);
    else if (counter !== ((last + 1) & 0x0f)) {
      this.#fault('counter', `continuity counter ${counter} after ${last} on pid ${pid} at byte ${offset}`);
    }
    this.#lastCounter[pid] = counter;
  }

  #mapPacket(data: Buffer, payload: number, end: number, starts: boolean): void {
    const streams = starts ? programStreams(data, payload, end) : undefined;
    if (streams === undefined) return;
    this.#streams ??= streams;
    this.#videoPid = streams.find(({ type }) => type === STREAM_TYPE.h264)?.pid ?? NONE;
    this.#audioPid = streams.find(({ type }) => type === STREAM_TYPE.aac)?.pid ?? NONE;
  }

  #videoPacket(data: Buffer, payload: number, end: number, starts: boolean, offset: number): void {
    let from = payload;
    if (starts) {
      const header = readPesHeader(data, payload, end);
      if (header === undefined) this.#fault('video header', `no PES header where a picture begins, at byte ${offset}`);
      this.#endPes(this.#videoPes, 'video');
      this.#video.startPicture(header?.pts, header?.dts);
      this.#videoPes.promised = header?.payloadBytes;
      this.#videoPes.received = 0;
      from = header?.payload ?? end;
    }
    this.#videoPes.received += end - from;
    if (this.#video.wantsData) this.#video.push(data, from, end);
  }

  #audioPacket(data: Buffer, payload: number, end: number, starts: boolean, offset: number): void {
    let from = payload;
    if (starts) {
      const header = readPesHeader(data, payload, end);
      if (header === undefined) this.#fault('audio header', `no PES header where audio begins, at byte ${offset}`);
      this.#endPes(this.#audioPes, 'audio');
      this.#audio.startPacket(header?.pts);
      this.#audioPes.promised = header?.payloadBytes;
      this.#audioPes.received = 0;
      from = header?.payload ?? end;
    }
    this.#audioPes.received += end - from;
    this.#audio.push(data, from, end);
  }

  #endPes(pes: PesProgress, kind: 'video' | 'audio'): void {
    if (pes.promised === undefined || pes.promised === pes.received) return;
    this.#fault(`${kind} length`, `a PES packet of ${kind} with ${pes.received} bytes that promises ${pes.promised}`);
  }

  #fault(kind: string, words: string): void {
    if (!this.#faults.has(kind)) this.#faults.set(kind, words);
  }
}
