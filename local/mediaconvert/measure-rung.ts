import type { Ratio } from '../ffmpeg/source-stream.ts';
import { AAC_LC, avcCodec } from './codec-string.ts';
import { JOB_ERRORS, JobError } from './job-error.ts';
import type { SegmentFacts } from './read-segment.ts';

const TICKS_PER_SECOND = 90_000;
/** Presentation times have 33 bits and begin again after 26.5 hours. */
const PTS_WRAP = 2 ** 33;

export interface MeasuredSegment {
  readonly bytes: number;
  readonly seconds: number;
}

export interface MeasuredRung {
  readonly segments: readonly MeasuredSegment[];
  readonly codecs: readonly string[];
  readonly seconds: number;
  readonly frames: number;
}

/**
 * What a rung is, by its segments: each lasts from its first picture to the next segment's, the last one to the end of its last picture.
 * @throws {JobError} when there are none
 */
export function measureRung(facts: readonly SegmentFacts[], rate: Ratio): MeasuredRung {
  const first = facts[0];
  if (first?.sps === undefined) throw new JobError(JOB_ERRORS.TRANSCODING, 'the encoder wrote no segments');
  const frameTicks = (TICKS_PER_SECOND * rate.denominator) / rate.numerator;
  const segments = facts.map(({ bytes, firstVideoPts, lastVideoPts }, index) => {
    const end = facts[index + 1]?.firstVideoPts ?? lastVideoPts + frameTicks;
    return { bytes, seconds: ((end - firstVideoPts + PTS_WRAP) % PTS_WRAP) / TICKS_PER_SECOND };
  });
  return {
    segments,
    codecs: [avcCodec(first.sps), ...(first.hasAudio ? [AAC_LC] : [])],
    seconds: segments.reduce((sum, { seconds }) => sum + seconds, 0),
    frames: facts.reduce((sum, { videoFrames }) => sum + videoFrames, 0),
  };
}
