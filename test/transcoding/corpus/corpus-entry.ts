import type { RejectionCode } from '../../../lambdas/transcoding/reasons.ts';

/** A file somebody may upload, how it is made, and what has to come of it. */
export interface CorpusEntry {
  /** Its file name, also as it is uploaded. */
  readonly name: string;
  /** What is special about it. */
  readonly what: string;
  readonly made: Recipe;
  readonly expected: Expected;
  /** Whether it is part of every run of the tests; the others wait for `CORPUS=all`. @default false */
  readonly always?: boolean;
}

/** How a file comes to be: by ffmpeg, from nothing, and changed afterwards, or as bytes. */
export type Recipe =
  | {
      /** After `-v error -y`, before the file's name. */
      readonly args: readonly string[];
      /** ffmpeg's names of the encoders it takes; without one of them the entry is skipped. */
      readonly encoders: readonly string[];
      readonly change?: (made: Buffer) => Buffer;
    }
  | { readonly bytes: (hostile: HostileSurroundings) => Buffer };

/** What hostile files point at. */
export interface HostileSurroundings {
  /** A video of one loud colour, outside of every job's directory. */
  readonly canaryFile: string;
}

export type Expected = { readonly rejected: RejectionCode } | ReadyVideo;

export interface ReadyVideo {
  /** Tallest first, as `720p 1280x720`. */
  readonly renditions: readonly string[];
  readonly seconds: number;
  readonly frames: number;
  /** How many pictures more or fewer the muxers in use make of it. @default 1 */
  readonly framesWithin?: number;
  readonly framesPerSecond: number;
  readonly audio: boolean;
  /**
   * How much the output is like the source, picture by picture (SSIM, 0–1); undefined where pictures cannot be paired: changed rate, fields, colours.
   * Two thirds of it would be a turned or shifted picture.
   */
  readonly minSsim: number | undefined;
}

export function isReady(expected: Expected): expected is ReadyVideo {
  return 'renditions' in expected;
}
