import type { AudioFormat } from './adts.ts';
import type { ElementaryStream } from './program-tables.ts';

/** What one segment of a transport stream holds, read from its packets. Times are in ticks and as written: they wrap. */
export interface SegmentFacts {
  readonly bytes: number;
  /** Where a packet should begin and does not; reading ends there. */
  readonly lostSyncAt: number | undefined;
  /** Bytes after the last whole packet. */
  readonly cutBytes: number;
  /** Association and map table come before anything of the programme. */
  readonly opensWithTables: boolean;
  readonly streams: readonly ElementaryStream[];
  /** The first and last continuity counter of each pid. */
  readonly counters: ReadonlyMap<number, { readonly first: number; readonly last: number }>;
  /** Damage of the packets themselves, each in words; the first of each kind. */
  readonly packetFaults: readonly string[];
  readonly video: VideoFacts | undefined;
  readonly audio: AudioFacts | undefined;
}

export interface VideoFacts {
  readonly frames: number;
  /** In decoding order. */
  readonly firstPts: number;
  readonly lowestPts: number;
  readonly highestPts: number;
  readonly firstDts: number;
  readonly lastDts: number;
  /** Between neighbours in presentation, and in decoding; undefined with fewer than two frames. */
  readonly ptsSteps: Range | undefined;
  readonly dtsSteps: Range | undefined;
  /** The first picture is an IDR with its parameter sets. */
  readonly opening: 'idr' | 'idr without parameter sets' | 'not an idr';
  readonly firstIdrPts: number | undefined;
  readonly lastIdrPts: number | undefined;
  readonly longestIdrDistance: number;
  /** Pictures after an IDR in decoding order, before it in presentation. */
  readonly leadingPictures: number;
  /** Pictures shown before the segment's first one. */
  readonly picturesBeforeFirst: number;
  readonly ptsBelowDts: number;
  readonly picturesWithoutSlice: number;
  readonly picturesWithoutDelimiter: number;
  readonly picturesWithoutTime: number;
  /** The first sequence parameter set, hex. */
  readonly sps: string | undefined;
  /** Sequence parameter sets that differ from the first. */
  readonly spsChanges: number;
}

export interface AudioFacts {
  readonly firstPts: number;
  /** Where the last frame ends. */
  readonly endPts: number;
  readonly frames: number;
  readonly bytes: number;
  /** The widest gap or overlap between what a packet's time says and where the frames before it ended. */
  readonly widestGap: number;
  readonly format: AudioFormat | undefined;
  readonly formatChanges: number;
  readonly badHeaders: number;
  readonly lastFrameIsCut: boolean;
}

export interface Range {
  readonly lowest: number;
  readonly highest: number;
}
