import { FfmpegError } from '../ffmpeg/errors.ts';
import type { LocatedFfmpeg } from '../ffmpeg/locate.ts';
import { readPictureEnd } from '../ffmpeg/read-picture-end.ts';
import { NotAVideoError, readSource, type SourceFacts } from '../ffmpeg/read-source.ts';
import type { VideoStream } from '../ffmpeg/source-stream.ts';
import type { EncodeSource } from './ffmpeg-arguments.ts';
import { followedRate, isVariableRate } from './frame-rate.ts';
import { checkCodecs } from './input-codecs.ts';
import { JOB_ERRORS, JobError } from './job-error.ts';
import type { JobPlan } from './plan-job.ts';
import type { AudioPlan } from './plan-output.ts';
import { clipRange } from './timecode.ts';

/** AUTO turns only pictures within a degree of a right angle, and only of these containers. Source: the API model, `InputRotate`. */
const AUTO_ROTATE_CONTAINERS = ['mp4', 'quicktime'];

/** Reads the source as the service's first phase does. @throws {JobError} 1010 when it is no video file, 1075 when it is a broken one */
export async function probeInput(ffmpeg: LocatedFfmpeg, directory: string, file: string, signal: AbortSignal): Promise<SourceFacts> {
  try {
    return await readSource(ffmpeg, directory, file, signal);
  } catch (cause) {
    if (cause instanceof NotAVideoError)
      throw new JobError(JOB_ERRORS.CANNOT_OPEN, `Unable to open input file: ${cause.message}`, { cause });
    if (cause instanceof FfmpegError)
      throw new JobError(JOB_ERRORS.CANNOT_PARSE, `Unable to demux or parse the input: ${cause.message}`, { cause });
    throw cause;
  }
}

/** Matroska states where tracks end on the file's clock, not how long they last; below this nothing is noticed. */
const LATE_START_SECONDS = 0.5;

/** The facts of a whole file, with the end of its picture measured where its header cannot be trusted: at a variable rate, and where its clock starts late. */
export async function measurePicture(
  facts: SourceFacts,
  ffmpeg: LocatedFfmpeg,
  directory: string,
  file: string,
  signal: AbortSignal,
): Promise<SourceFacts> {
  const video = facts.streams.find((stream) => stream.kind === 'video');
  const { container, startSeconds } = facts;
  if (video === undefined || !(isVariableRate(video) || startSeconds > LATE_START_SECONDS)) return facts;
  const end = await readPictureEnd(ffmpeg, directory, file, { container, index: video.index, signal });
  if (end === undefined) return facts;
  const measured = { ...video, durationSeconds: end - (video.startSeconds ?? 0) };
  return { ...facts, streams: facts.streams.map((stream) => (stream === video ? measured : stream)) };
}

/**
 * Matches the plan with what the source has.
 * @throws {JobError} 1020 without video, 1021 without the audio that an output demands, 1030 for a codec that the service does not take in this
 *   container, 1060 for a clip that lies outside
 */
export function prepareSource(facts: SourceFacts, plan: JobPlan): EncodeSource {
  const video = facts.streams.find((stream) => stream.kind === 'video');
  if (video === undefined || video.widthPx === 0 || video.heightPx === 0) {
    throw new JobError(JOB_ERRORS.NO_VIDEO, 'No video stream found in the input');
  }
  const tracks = facts.streams.filter((stream) => stream.kind === 'audio');
  const audioOf = ({ track, orFirst }: AudioPlan) => {
    const found = tracks[track - 1] ?? (orFirst ? tracks[0] : undefined);
    if (found !== undefined) return found;
    const message = `An output takes audio track ${track}, and the input has ${tracks.length === 0 ? 'no audio' : `${tracks.length}`}`;
    throw new JobError(JOB_ERRORS.NO_AUDIO, `${message}; leave AudioDescriptions out for a silent source`);
  };
  checkCodecs(facts.container, video);
  for (const group of plan.groups) {
    for (const output of group.kind === 'hls' ? group.rungs : group.outputs) {
      if ('audio' in output && output.audio !== undefined) checkCodecs(facts.container, audioOf(output.audio));
    }
  }
  return {
    container: facts.container,
    video,
    audioOf,
    rotationDegrees: plan.rotate === 'AUTO' ? autoRotation(facts, video.rotationDegrees) : plan.rotate,
    ...partOf(facts, video, plan),
  };
}

/** The part of the source that the outputs are made of: the clip, as far as there is picture for it. */
function partOf(facts: SourceFacts, video: VideoStream, { clip }: JobPlan) {
  const end = video.durationSeconds === undefined ? undefined : (video.startSeconds ?? 0) - facts.startSeconds + video.durationSeconds;
  const wholeSeconds = end ?? facts.durationSeconds;
  if (clip === undefined) return { startSeconds: 0, lengthSeconds: wholeSeconds, isCutShort: false };
  const { startSeconds, endSeconds } = clipRange(clip, followedRate(video), wholeSeconds);
  const isCutShort = endSeconds !== undefined && (wholeSeconds === undefined || endSeconds < wholeSeconds);
  const until = isCutShort ? endSeconds : wholeSeconds;
  return { startSeconds, lengthSeconds: until === undefined ? undefined : until - startSeconds, isCutShort };
}

function autoRotation({ container }: SourceFacts, degrees: number): number {
  const nearest = Math.round(degrees / 90) * 90;
  return AUTO_ROTATE_CONTAINERS.includes(container) && Math.abs(nearest - degrees) <= 1 ? nearest % 360 : 0;
}
