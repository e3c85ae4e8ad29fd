import { showFormat } from './adts.ts';
import type { Findings } from './fault-log.ts';
import { isAudio, isVideo } from './program-tables.ts';
import type { AudioFacts, SegmentFacts, VideoFacts } from './segment-facts.ts';
import { showSeconds, TICKS_PER_SECOND, ticksBetween } from './ticks.ts';

/** Check 24. */
const START_DISTANCE = 0.1 * TICKS_PER_SECOND;

export interface SegmentPlace {
  readonly file: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly hasAudio: boolean;
}

/** What one segment must be by itself: checks 17, 20, 21 and 22 inside it, 23, 24 and the form of check 38. */
export function checkSegment(facts: SegmentFacts, place: SegmentPlace, findings: Findings): void {
  checkPackets(facts, place.file, findings);
  // Without its tables nothing else can be said of it.
  if (facts.streams.length === 0) return;
  checkStreams(facts, place, findings);
  if (facts.video !== undefined) checkPictures(facts.video, place.file, findings);
  if (facts.audio !== undefined) checkAudio(facts.audio, place.file, findings);
  if (facts.video === undefined || facts.audio === undefined || place.isFirst) return;
  const distance = ticksBetween(facts.video.lowestPts, facts.audio.firstPts);
  if (Math.abs(distance) > START_DISTANCE) {
    findings.warnings.add(24, place.file, `audio begins ${showSeconds(distance)} after the picture`, 'within 0.1 s');
  }
}

function checkPackets(facts: SegmentFacts, file: string, { faults }: Findings): void {
  const { lostSyncAt, cutBytes, opensWithTables, packetFaults } = facts;
  if (lostSyncAt !== undefined) faults.add(22, file, `no packet at byte ${lostSyncAt}`, 'a sync byte every 188 bytes');
  if (cutBytes > 0) faults.add(22, file, `${cutBytes} bytes after the last whole packet`, 'whole packets of 188 bytes');
  if (!opensWithTables) faults.add(22, file, 'packets of the programme before its tables', 'PAT and PMT first');
  for (const found of packetFaults) faults.add(22, file, found, 'packets without damage');
}

function checkStreams(
  { streams, video, audio }: SegmentFacts,
  { file, hasAudio, isLast }: SegmentPlace,
  { faults, warnings }: Findings,
): void {
  const videos = streams.filter(isVideo).length;
  const audios = streams.filter(isAudio).length;
  if (videos !== 1 || video === undefined)
    faults.add(23, file, `${videos} video streams, ${video?.frames ?? 0} H.264 pictures`, 'one, with pictures');
  if (!hasAudio && audios > 0) faults.add(23, file, `${audios} audio streams`, 'none: the source is silent');
  if (!hasAudio) return;
  if (audios !== 1) faults.add(23, file, `${audios} audio streams`, 'exactly one');
  // The sound of a last segment of a few pictures may lie in the packets before it.
  else if (audio === undefined) (isLast ? warnings : faults).add(23, file, 'no audio packets', 'AAC in every segment');
}

function checkPictures(video: VideoFacts, file: string, { faults, warnings }: Findings): void {
  if (video.opening !== 'idr') faults.add(17, file, `the first picture is ${video.opening}`, 'an IDR with SPS and PPS');
  if (video.picturesWithoutSlice > 0) faults.add(17, file, `${video.picturesWithoutSlice} pictures without a slice`, 'pictures');
  if (video.leadingPictures > 0) faults.add(20, file, `${video.leadingPictures} pictures shown before the IDR they follow`, 'closed GOPs');
  if (video.picturesBeforeFirst > 0) {
    faults.add(20, file, `${video.picturesBeforeFirst} pictures shown before the segment's first`, 'closed GOPs');
  }
  if (video.ptsBelowDts > 0) faults.add(21, file, `${video.ptsBelowDts} pictures shown before they are decoded`, 'none');
  if (video.picturesWithoutTime > 0) faults.add(21, file, `${video.picturesWithoutTime} pictures without a time`, 'a time for each');
  if (video.spsChanges > 0) faults.add(21, file, `${video.spsChanges} other sequence parameter sets`, 'one');
  if (video.picturesWithoutDelimiter > 0) {
    warnings.add(17, file, `${video.picturesWithoutDelimiter} pictures without an access unit delimiter`, 'one before each picture');
  }
}

function checkAudio(audio: AudioFacts, file: string, { faults, warnings }: Findings): void {
  if (audio.badHeaders > 0) faults.add(38, file, `${audio.badHeaders} places where an AAC frame should begin and does not`, 'whole frames');
  if (audio.formatChanges > 0) faults.add(38, file, `${audio.formatChanges} AAC frames of another form`, 'one form');
  if (audio.lastFrameIsCut) warnings.add(47, file, 'its last AAC frame is cut', 'whole frames');
  const { format } = audio;
  if (format !== undefined && (format.objectType !== 2 || format.channels !== 2 || format.sampleRateHz !== 48_000)) {
    faults.add(38, file, showFormat(format), 'mp4a.40.2, 48000 Hz, 2 channels');
  }
}
