import { isSameFormat, showFormat } from './adts.ts';
import type { Findings } from './fault-log.ts';
import type { MediaSegment } from './media-playlist.ts';
import type { RungState } from './rung-state.ts';
import type { AudioFacts, Range, SegmentFacts, VideoFacts } from './segment-facts.ts';
import { showSeconds, TICKS_PER_SECOND, ticksBetween } from './ticks.ts';

export const IDR_TICKS = 2 * TICKS_PER_SECOND;
const AAC_SAMPLES = 1024;
/** One tick of rounding a picture, and the rounding of the distance they are compared with. */
const FRAME_TOLERANCE = 1.5;

/** Adds a segment to what is known of its rung and checks what must go on over the boundary: checks 13, 18, 21, 22, 36 and 38. */
export function addSegment(
  state: RungState,
  facts: SegmentFacts,
  file: string,
  previous: MediaSegment | undefined,
  findings: Findings,
): RungState {
  const { video, audio } = facts;
  continueCounters(state, facts, file, findings);
  const counters = { ...state.counters, ...Object.fromEntries([...facts.counters].map(([pid, { last }]) => [pid, last])) };
  const frameTicks = state.frameTicks ?? (video === undefined ? null : distance(video));
  if (video !== undefined) {
    checkDistances(video, frameTicks, file, findings);
    if (!state.gap) continueVideo(state, video, frameTicks, file, previous, findings);
  }
  if (audio !== undefined) continueAudio(state, audio, file, findings);
  return {
    gap: video === undefined,
    counters,
    sps: state.sps ?? video?.sps ?? null,
    frameTicks,
    frames: state.frames + (video?.frames ?? 0),
    video: video === undefined ? state.video : addVideo(state.video, video),
    audio: audio === undefined ? state.audio : addAudio(state.audio, audio),
  };
}

/** A segment that is missing: the next one has nothing to continue. */
export function skipSegment(state: RungState): RungState {
  return { ...state, gap: true };
}

function distance({ frames, lowestPts, highestPts }: VideoFacts): number | null {
  return frames < 2 ? null : (highestPts - lowestPts) / (frames - 1);
}

function continueCounters({ gap, counters }: RungState, facts: SegmentFacts, file: string, { faults }: Findings): void {
  if (gap) return;
  for (const [pid, { first }] of facts.counters) {
    const last = counters[pid];
    if (last === undefined || first === ((last + 1) & 0x0f)) continue;
    faults.add(22, file, `begins with continuity counter ${first} on pid ${pid}`, `${(last + 1) & 0x0f}, after the segment before it`);
  }
}

/** Inside one segment: the constant rate and the distance of IDR pictures. */
function checkDistances(video: VideoFacts, frameTicks: number | null, file: string, { faults }: Findings): void {
  if (frameTicks === null) return;
  const isOff = (range: Range | undefined) =>
    range !== undefined && Math.max(frameTicks - range.lowest, range.highest - frameTicks) > FRAME_TOLERANCE;
  const odd = isOff(video.ptsSteps) ? video.ptsSteps : isOff(video.dtsSteps) ? video.dtsSteps : undefined;
  if (odd !== undefined) faults.add(36, file, `pictures ${odd.lowest} to ${odd.highest} ticks apart`, `${frameTicks.toFixed(1)} each`);
  if (video.longestIdrDistance > IDR_TICKS + frameTicks) {
    faults.add(18, file, `IDR pictures ${showSeconds(video.longestIdrDistance)} apart`, 'at most 2 s');
  }
}

function continueVideo(
  state: RungState,
  video: VideoFacts,
  frameTicks: number | null,
  file: string,
  previous: MediaSegment | undefined,
  { faults }: Findings,
): void {
  if (state.sps !== null && video.sps !== undefined && video.sps !== state.sps) {
    faults.add(21, file, 'another sequence parameter set than the segments before it', 'one for the whole rung');
  }
  const before = state.video;
  if (before === null || frameTicks === null) return;
  const decoding = ticksBetween(before.lastDts, video.firstDts);
  if (decoding <= 0 || decoding > 2 * frameTicks) {
    faults.add(21, file, `decoding goes on ${showSeconds(decoding)} after the segment before it`, `${showSeconds(frameTicks)}, a picture`);
  }
  const step = ticksBetween(before.highestPts, video.lowestPts);
  if (Math.abs(step - frameTicks) > FRAME_TOLERANCE) {
    faults.add(36, file, `${step} ticks after the last picture of the segment before it`, frameTicks.toFixed(1));
  }
  const lasted = ticksBetween(before.segmentPts, video.firstPts);
  if (previous !== undefined && Math.abs(lasted - previous.durationSeconds * TICKS_PER_SECOND) > frameTicks) {
    faults.add(13, file, `begins ${showSeconds(lasted)} after ${previous.uri}`, `EXTINF ${previous.durationText}`);
  }
  if (before.lastIdrPts === null || video.firstIdrPts === undefined) return;
  const sinceIdr = ticksBetween(before.lastIdrPts, video.firstIdrPts);
  if (sinceIdr > IDR_TICKS + frameTicks) faults.add(18, file, `its first IDR ${showSeconds(sinceIdr)} after the one before`, 'at most 2 s');
}

function continueAudio({ gap, audio: before }: RungState, audio: AudioFacts, file: string, { faults }: Findings): void {
  const frame = (AAC_SAMPLES * TICKS_PER_SECOND) / (audio.format?.sampleRateHz ?? 48_000);
  if (audio.widestGap > frame) faults.add(21, file, `a hole of ${showSeconds(audio.widestGap)} in the audio`, 'frames without a hole');
  if (before === null) return;
  if (before.format !== null && audio.format !== undefined && !isSameFormat(before.format, audio.format)) {
    faults.add(38, file, showFormat(audio.format), `${showFormat(before.format)}, as before`);
  }
  const step = ticksBetween(before.endPts, audio.firstPts);
  if (!gap && Math.abs(step) > frame) faults.add(21, file, `audio begins ${showSeconds(step)} after the segment before it ends`, 'no hole');
}

function addVideo(before: RungState['video'], video: VideoFacts): RungState['video'] {
  const grown = before === null ? video.highestPts - video.lowestPts : before.spanTicks + ticksBetween(before.highestPts, video.highestPts);
  const { highestPts, lastDts, firstPts: segmentPts } = video;
  return { spanTicks: grown, segmentPts, highestPts, lastDts, lastIdrPts: video.lastIdrPts ?? before?.lastIdrPts ?? null };
}

function addAudio(before: RungState['audio'], audio: AudioFacts): RungState['audio'] {
  const spanTicks =
    before === null ? ticksBetween(audio.firstPts, audio.endPts) : before.spanTicks + ticksBetween(before.endPts, audio.endPts);
  return {
    spanTicks,
    endPts: audio.endPts,
    frames: (before?.frames ?? 0) + audio.frames,
    bytes: (before?.bytes ?? 0) + audio.bytes,
    format: before?.format ?? audio.format ?? null,
  };
}
