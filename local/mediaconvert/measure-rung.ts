import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Ratio } from '../ffmpeg/source-stream.ts';
import { AAC_LC, avcCodec } from './codec-string.ts';
import { JOB_ERRORS, JobError } from './job-error.ts';
import { readSegment, type SegmentFacts } from './read-segment.ts';

const TICKS_PER_SECOND = 90_000;

export interface MeasuredSegment {
  /** The file in the private directory. */
  readonly file: string;
  readonly bytes: number;
  readonly seconds: number;
}

export interface MeasuredRung {
  readonly segments: readonly MeasuredSegment[];
  readonly codecs: readonly string[];
  readonly seconds: number;
}

/**
 * Measures what ffmpeg wrote, from the segments themselves: a segment lasts from its first picture to the next segment's, the last one to the end of its
 * last picture.
 * @throws {JobError} when a segment is missing, or does not open with an IDR and so could not be played by itself
 */
export async function measureRung(directory: string, prefix: string, rate: Ratio): Promise<MeasuredRung> {
  const pattern = new RegExp(`^${prefix}_\\d+\\.ts$`);
  const files = (await readdir(directory)).filter((name) => pattern.test(name)).sort(byNumber);
  const facts: SegmentFacts[] = [];
  for (const file of files) facts.push(readOne(await readFile(join(directory, file)), file));
  const first = facts[0];
  if (first?.sps === undefined) throw new JobError(JOB_ERRORS.TRANSCODING, 'the encoder wrote no segments');
  const frameTicks = (TICKS_PER_SECOND * rate.denominator) / rate.numerator;
  const segments = facts.map(({ bytes, firstVideoPts, lastVideoPts }, index) => {
    const end = facts[index + 1]?.firstVideoPts ?? lastVideoPts + frameTicks;
    return { file: files[index] ?? '', bytes, seconds: (end - firstVideoPts) / TICKS_PER_SECOND };
  });
  return {
    segments,
    codecs: [avcCodec(first.sps), ...(first.hasAudio ? [AAC_LC] : [])],
    seconds: segments.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

function readOne(ts: Buffer, file: string): SegmentFacts {
  try {
    const facts = readSegment(ts);
    if (facts.opensWithIdr) return facts;
  } catch (cause) {
    throw new JobError(JOB_ERRORS.TRANSCODING, `segment ${file} cannot be read back`, { cause });
  }
  throw new JobError(JOB_ERRORS.TRANSCODING, `segment ${file} does not open with an IDR picture and its parameter sets`);
}

/** Counters grow past their five digits in long videos. */
function byNumber(left: string, right: string): number {
  return left.length - right.length || (left < right ? -1 : 1);
}
