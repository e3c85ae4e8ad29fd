import type { InputClipping } from '@aws-sdk/client-mediaconvert';
import type { Ratio } from '../ffmpeg/source-stream.ts';
import { JOB_ERRORS, JobError } from './job-error.ts';

/** `HH:MM:SS:FF`. The form with `;`, drop frame, is not among them. */
export const TIMECODE = /^\d\d:[0-5]\d:[0-5]\d:\d\d$/;

/** A part of the input, both ends by timecode. The frame of `end` is part of it. An end that is undefined is the input's own. */
export interface Clip {
  readonly start: Timecode | undefined;
  readonly end: Timecode | undefined;
}

export interface Timecode {
  readonly text: string;
  readonly wholeSeconds: number;
  readonly frame: number;
}

export interface ClipRange {
  readonly startSeconds: number;
  /** Undefined: to the end. */
  readonly endSeconds: number | undefined;
}

export function parseClip(clipping: InputClipping | undefined): Clip | undefined {
  if (clipping === undefined) return undefined;
  return { start: parseTimecode(clipping.StartTimecode), end: parseTimecode(clipping.EndTimecode) };
}

/**
 * The clip in seconds from the first picture, counted in frames of `rate` from zero.
 * @throws {JobError} 1060 when a frame number is not below the rate, or nothing of the input lies between the two ends
 */
export function clipRange({ start, end }: Clip, rate: Ratio, inputSeconds: number | undefined): ClipRange {
  const startSeconds = start === undefined ? 0 : secondsOf(start, 0, rate);
  const endSeconds = end === undefined ? undefined : secondsOf(end, 1, rate);
  if (endSeconds !== undefined && endSeconds <= startSeconds) {
    throw new JobError(JOB_ERRORS.CLIPPING, `the clip ends at ${end?.text}, before it starts at ${start?.text}`);
  }
  if (inputSeconds !== undefined && startSeconds >= inputSeconds) {
    const found = `the clip starts at ${start?.text}, the input ends after ${inputSeconds.toFixed(3)} s`;
    throw new JobError(JOB_ERRORS.CLIPPING, `Invalid clipping: ${found}`);
  }
  return { startSeconds, endSeconds };
}

function parseTimecode(text: string | undefined): Timecode | undefined {
  if (text === undefined) return undefined;
  const [hours = 0, minutes = 0, seconds = 0, frame = 0] = text.split(':').map(Number);
  return { text, wholeSeconds: hours * 3600 + minutes * 60 + seconds, frame };
}

/** Timecodes count whole frames: at 29.97, each named second has 30 of them and lasts 1.001 s. */
function secondsOf({ text, wholeSeconds, frame }: Timecode, framesAfter: number, { numerator, denominator }: Ratio): number {
  const framesPerSecond = Math.round(numerator / denominator);
  if (frame >= Math.max(1, framesPerSecond)) {
    throw new JobError(
      JOB_ERRORS.CLIPPING,
      `the timecode ${text} names frame ${frame}; at ${framesPerSecond} frames a second the last is ${framesPerSecond - 1}`,
    );
  }
  return ((wholeSeconds * framesPerSecond + frame + framesAfter) * denominator) / numerator;
}
