import { INPUT_GUARD } from '../ffmpeg/input-guard.ts';
import type { AudioStream, Ratio, VideoStream } from '../ffmpeg/source-stream.ts';
import { type AudioBranch, audioGraph, matrixOf, type PictureBranch, videoGraph } from './filter-graph.ts';
import { followedRate } from './frame-rate.ts';
import type { AudioPlan, CapturePlan, HlsPlan, JobPlan, RungPlan } from './plan-job.ts';

/**
 * The x264 preset. `veryfast` encodes 12 s of 720p/480p/360p in about 3.5 s on two cores and still has B-frames, CABAC and 8×8 transforms, so
 * that profile and level are those of the real thing; the presets above it cost 1.5 times and more.
 */
const X264_PRESET = 'veryfast';

/** The source as the command needs it. */
export interface EncodeSource {
  readonly video: VideoStream;
  /** The track that a rung's audio comes from. */
  readonly audioOf: (audio: AudioPlan) => AudioStream;
  readonly rotationDegrees: number;
  /** Where the picture ends, counted from the start of the file; undefined when the container does not say. */
  readonly endSeconds: number | undefined;
}

/** The prefix of the files an output writes into the private directory: group and output by position. */
export const outputPrefix = (group: number, output: number): string => `g${group}o${output}`;

/** One ffmpeg command for the whole job: one input, one decode, every rung and every capture. */
export function ffmpegArguments(plan: JobPlan, source: EncodeSource, inputFile: string): string[] {
  const outputs = plan.groups.flatMap((group, index) =>
    group.kind === 'hls'
      ? group.rungs.map((rung, at) => hlsOutput(group, rung, source, outputPrefix(index, at)))
      : group.captures.map((capture, at) => captureOutput(capture, outputPrefix(index, at))),
  );
  const graph = [
    videoGraph(
      source.video,
      source.rotationDegrees,
      outputs.map(({ branch }) => branch),
    ),
    ...audioTracks(outputs).map(([stream, branches]) => audioGraph(stream, branches, source.endSeconds)),
  ];
  return [
    // Rotation is the plan's business: ffmpeg would turn every container's picture, the service does not.
    ...['-noautorotate', ...INPUT_GUARD, '-i', `file:${inputFile}`],
    ...['-filter_complex', graph.join(';')],
    ...outputs.flatMap(({ audio, args }, index) => {
      const maps = ['-map', `[v${index}]`, ...(audio === undefined ? [] : ['-map', `[a${index}]`])];
      return [...maps, '-map_metadata', '-1', '-max_muxing_queue_size', '4096', ...args];
    }),
  ];
}

/** The tracks in use, each with the outputs that use it. */
function audioTracks(outputs: readonly EncodedOutput[]): [AudioStream, AudioBranch[]][] {
  const tracks = new Map<AudioStream, AudioBranch[]>();
  for (const [label, { audio }] of outputs.entries()) {
    if (audio !== undefined) tracks.set(audio.stream, [...(tracks.get(audio.stream) ?? []), { label, sampleRateHz: audio.sampleRateHz }]);
  }
  return [...tracks];
}

interface EncodedOutput {
  readonly branch: PictureBranch;
  readonly audio: (AudioPlan & { readonly stream: AudioStream }) | undefined;
  readonly args: readonly string[];
}

function hlsOutput(group: HlsPlan, rung: RungPlan, source: EncodeSource, prefix: string): EncodedOutput {
  const rate = rung.frameRate ?? followedRate(source.video);
  const audio = rung.audio === undefined ? undefined : { ...rung.audio, stream: source.audioOf(rung.audio) };
  return {
    // start_time=0: a picture that begins late is held from 0 on, so that cuts fall on multiples of the segment length.
    branch: { plan: rung, before: [`fps=fps=${show(rate)}:start_time=0`], after: ['format=yuv420p'], colour: 'video' },
    audio,
    args: [
      ...x264Arguments(rung, rate),
      ...colourArguments(rung, source.video),
      ...(audio === undefined ? [] : ['-c:a', 'aac', '-b:a', String(audio.bitrateBps), '-ar', String(audio.sampleRateHz), '-ac', '2']),
      ...['-muxdelay', '0', '-muxpreload', '0', '-f', 'hls', '-hls_segment_type', 'mpegts'],
      ...['-hls_time', String(group.segmentSeconds), '-hls_list_size', '0', '-start_number', '1'],
      ...['-hls_segment_filename', `${prefix}_%05d.ts`, `${prefix}.m3u8`],
    ],
  };
}

function x264Arguments(rung: RungPlan, rate: Ratio): string[] {
  const gopFrames = Math.ceil((rung.gopSeconds * rate.numerator) / rate.denominator);
  return [
    ...['-c:v', 'libx264', '-preset', X264_PRESET, '-profile:v', rung.profile, '-crf', crfOf(rung.qvbrLevel).toFixed(1)],
    ...['-maxrate', String(rung.maxBitrateBps), '-bufsize', String(rung.bufferBits)],
    ...(rung.level === undefined ? [] : ['-level', rung.level]),
    ...(rung.bFrames === undefined || rung.profile === 'baseline' ? [] : ['-bf', String(rung.bFrames)]),
    ...(rung.referenceFrames === undefined ? [] : ['-refs', String(rung.referenceFrames)]),
    // Key frames by the clock, not by counting: at 29.97 a count of 60 drifts off the second. The margin absorbs floating point only.
    ...['-g', String(gopFrames), '-force_key_frames', `expr:gte(t+0.000001,n_forced*${rung.gopSeconds})`, '-forced-idr', '1'],
    ...['-sc_threshold', '0', '-flags', '+cgop'],
  ];
}

/** QVBR's levels on x264's scale: 10 is visually lossless (18), 7 the service's advice for small rungs (23.4). A mapping, not an equality. */
function crfOf(qvbrLevel: number): number {
  return 36 - 1.8 * qvbrLevel;
}

/** The colour description of the stream: BT.709 where it was made so, else the source's own. */
function colourArguments({ forceBt709 }: RungPlan, source: VideoStream): string[] {
  const spaces = { bt709: 'bt709', bt601: 'smpte170m', bt2020: 'bt2020nc' } as const;
  const tags = forceBt709
    ? { space: 'bt709', primaries: 'bt709', transfer: 'bt709' }
    : { space: spaces[matrixOf(source)], primaries: source.colorPrimaries, transfer: source.colorTransfer };
  return [
    ...['-colorspace', tags.space, '-color_range', 'tv'],
    ...(tags.primaries === undefined ? [] : ['-color_primaries', tags.primaries]),
    ...(tags.transfer === undefined ? [] : ['-color_trc', tags.transfer]),
  ];
}

function captureOutput(capture: CapturePlan['captures'][number], prefix: string): EncodedOutput {
  const interval = capture.rate.denominator / capture.rate.numerator;
  return {
    branch: {
      plan: capture,
      // The first frame at or after each multiple of the interval, then renumbered so that the image writer neither drops nor repeats one.
      before: [`select='gte(t+0.000001,selected_n*${interval})'`, 'settb=1/25', 'setpts=N'],
      after: ['format=yuvj420p'],
      colour: 'jpeg',
    },
    audio: undefined,
    args: [
      ...['-c:v', 'mjpeg', '-q:v', String(jpegScale(capture.quality)), '-r', '25', '-frames:v', String(capture.maxCaptures)],
      ...['-f', 'image2', '-start_number', '0', `${prefix}.%07d.jpg`],
    ],
  };
}

/** Quality 1–100 on ffmpeg's scale of 31 (worst) to 2. */
function jpegScale(quality: number): number {
  return Math.round(2 + 29 * ((100 - quality) / 100) ** 1.5);
}

function show({ numerator, denominator }: Ratio): string {
  return `${numerator}/${denominator}`;
}
