import { inputGuard } from '../ffmpeg/input-guard.ts';
import type { LocatedFfmpeg } from '../ffmpeg/locate.ts';
import type { ContainerFormat } from '../ffmpeg/sniff-container.ts';
import type { AudioStream, Ratio, VideoStream } from '../ffmpeg/source-stream.ts';
import { type AudioBranch, audioGraph, matrixOf, type PictureBranch, type SheetBranch, videoGraph } from './filter-graph.ts';
import { followedRate } from './frame-rate.ts';
import { fitPicture, type Size, uprightSize } from './picture-size.ts';
import type { HlsPlan, JobPlan } from './plan-job.ts';
import type { AudioPlan, CaptureOutputPlan, Mp4OutputPlan, RungPlan, VideoPlan } from './plan-output.ts';
import { planSheets } from './plan-sheets.ts';

/**
 * The x264 preset. `veryfast` encodes 12 s of 720p/480p/360p in about 3.5 s on two cores and still has B-frames, CABAC and 8×8 transforms, so
 * that profile and level are those of the real thing; the presets above it cost 1.5 times and more.
 */
const X264_PRESET = 'veryfast';

/** The largest picture a source may have: 8192 × 8192, the service's own limit of each side. Bombs ask for more. */
const MAX_PIXELS = 8192 * 8192;

/** Of thumbnails, as of captures that do not say: 1–100. */
const SHEET_QUALITY = 80;

/** The source as the command needs it. */
export interface EncodeSource {
  readonly container: ContainerFormat;
  readonly video: VideoStream;
  /** The track that an output's audio comes from. */
  readonly audioOf: (audio: AudioPlan) => AudioStream;
  readonly rotationDegrees: number;
  /** Where in the file the outputs begin. */
  readonly startSeconds: number;
  /** How long the picture lasts from there; undefined when neither clip nor container says. */
  readonly lengthSeconds: number | undefined;
  /** Whether the clip, rather than the file, ends it. */
  readonly isCutShort: boolean;
}

/** The prefix of the files an output writes into the private directory: group and output by position. */
export const outputPrefix = (group: number, output: number): string => `g${group}o${output}`;
/** The prefix of a group's sheets of thumbnails. */
export const sheetPrefix = (group: number): string => `g${group}t`;

/** One ffmpeg command for the whole job: one input, one decode, every rung, capture, sheet and file. */
export function ffmpegArguments(
  plan: JobPlan,
  source: EncodeSource,
  { inputFile, ffmpeg }: { inputFile: string; ffmpeg: Pick<LocatedFfmpeg, 'hasFrameRateMode'> },
): string[] {
  // The filters give every output the frames it is to have: none is doubled or dropped after them, images least of all.
  const common = [
    ...(ffmpeg.hasFrameRateMode ? ['-fps_mode', 'passthrough'] : []),
    '-map_metadata',
    '-1',
    '-max_muxing_queue_size',
    '4096',
  ];
  const outputs = plan.groups.flatMap((group, index) =>
    group.kind === 'hls'
      ? group.rungs.map((rung, at) => hlsOutput(group, rung, source, { index, at }))
      : group.outputs.map((output, at) =>
          output.kind === 'mp4' ? mp4Output(output, source, outputPrefix(index, at)) : captureOutput(output, outputPrefix(index, at)),
        ),
  );
  const graph = [
    videoGraph(
      source.video,
      source.rotationDegrees,
      outputs.map(({ branch }) => branch),
    ),
    ...audioTracks(outputs).map(([stream, branches]) => audioGraph(stream, branches, source.lengthSeconds)),
  ];
  return [
    ...(source.startSeconds > 0 ? ['-ss', source.startSeconds.toFixed(6)] : []),
    ...(source.isCutShort && source.lengthSeconds !== undefined ? ['-t', source.lengthSeconds.toFixed(6)] : []),
    // Rotation is the plan's business: ffmpeg would turn every container's picture, the service does not.
    ...['-noautorotate', '-max_pixels', String(MAX_PIXELS), ...inputGuard(source.container), '-i', `file:${inputFile}`],
    ...['-filter_complex', graph.join(';')],
    // Before 5.1 an option of the whole command.
    ...(ffmpeg.hasFrameRateMode ? [] : ['-vsync', 'passthrough']),
    ...outputs.flatMap(({ audio, args, sheetArgs }, index) => {
      const maps = ['-map', `[v${index}]`, ...(audio === undefined ? [] : ['-map', `[a${index}]`])];
      const sheets = sheetArgs === undefined ? [] : ['-map', `[t${index}]`, ...common, ...sheetArgs];
      return [...maps, ...common, ...args, ...sheets];
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
  readonly sheetArgs?: readonly string[] | undefined;
}

function hlsOutput(group: HlsPlan, rung: RungPlan, source: EncodeSource, { index, at }: { index: number; at: number }): EncodedOutput {
  const prefix = outputPrefix(index, at);
  const sheets = smallestRung(group, source) === rung ? planSheets(group.trickPlay, rung, source) : undefined;
  const video = videoOutput(rung, source, sheets);
  return {
    ...video,
    args: [
      ...video.args,
      ...['-muxdelay', '0', '-muxpreload', '0', '-f', 'hls', '-hls_segment_type', 'mpegts'],
      ...['-hls_time', String(group.segmentSeconds), '-hls_list_size', '0', '-start_number', '1'],
      ...['-hls_segment_filename', `${prefix}_%05d.ts`, `${prefix}.m3u8`],
    ],
    sheetArgs: sheets && [...jpegArguments(SHEET_QUALITY), '-f', 'image2', '-start_number', '1', `${sheetPrefix(index)}_%05d.jpg`],
  };
}

function mp4Output(output: Mp4OutputPlan, source: EncodeSource, prefix: string): EncodedOutput {
  const video = videoOutput(output, source, undefined);
  return { ...video, args: [...video.args, ...(output.moovFirst ? ['-movflags', '+faststart'] : []), '-f', 'mp4', `${prefix}.mp4`] };
}

/** H.264 and, where wanted, AAC: what outputs of every container have in common. */
function videoOutput(
  plan: VideoPlan & { audio: AudioPlan | undefined },
  source: EncodeSource,
  sheets: SheetBranch | undefined,
): EncodedOutput {
  const rate = plan.frameRate ?? followedRate(source.video);
  const audio = plan.audio === undefined ? undefined : { ...plan.audio, stream: source.audioOf(plan.audio) };
  return {
    branch: { plan, rate, before: [], after: ['format=yuv420p'], colour: 'video', sheets },
    audio,
    args: [
      ...x264Arguments(plan, rate),
      ...colourArguments(plan, source.video),
      ...(audio === undefined ? [] : ['-c:a', 'aac', '-b:a', String(audio.bitrateBps), '-ar', String(audio.sampleRateHz), '-ac', '2']),
    ],
  };
}

/** The rung whose pictures become a group's thumbnails. */
export function smallestRung(
  group: HlsPlan,
  { video, rotationDegrees }: Pick<EncodeSource, 'video' | 'rotationDegrees'>,
): RungPlan | undefined {
  const area = (rung: RungPlan): number => {
    const { widthPx, heightPx } = outputSize(rung, { video, rotationDegrees });
    return widthPx * heightPx;
  };
  return group.rungs.toSorted((left, right) => area(left) - area(right))[0];
}

/** The size of an output's picture. */
export function outputSize(
  plan: Parameters<typeof fitPicture>[1],
  { video, rotationDegrees }: Pick<EncodeSource, 'video' | 'rotationDegrees'>,
): Size {
  return fitPicture(uprightSize(video, rotationDegrees, plan.squarePixels), plan).output;
}

function x264Arguments(video: VideoPlan, rate: Ratio): string[] {
  const gopFrames = Math.ceil((video.gopSeconds * rate.numerator) / rate.denominator);
  return [
    ...['-c:v', 'libx264', '-preset', X264_PRESET, '-profile:v', video.profile, '-crf', crfOf(video.qvbrLevel).toFixed(1)],
    ...['-maxrate', String(video.maxBitrateBps), '-bufsize', String(video.bufferBits)],
    ...(video.level === undefined ? [] : ['-level', video.level]),
    ...(video.bFrames === undefined || video.profile === 'baseline' ? [] : ['-bf', String(video.bFrames)]),
    ...(video.referenceFrames === undefined ? [] : ['-refs', String(video.referenceFrames)]),
    // Key frames by the clock, not by counting: at 29.97 a count of 60 drifts off the second. The margin absorbs floating point only.
    ...['-g', String(gopFrames), '-force_key_frames', `expr:gte(t+0.000001,n_forced*${video.gopSeconds})`, '-forced-idr', '1'],
    ...['-sc_threshold', '0', '-flags', '+cgop'],
  ];
}

/** QVBR's levels on x264's scale: 10 is visually lossless (18), 7 the service's advice for small rungs (23.4). A mapping, not an equality. */
function crfOf(qvbrLevel: number): number {
  return 36 - 1.8 * qvbrLevel;
}

/** The colour description of the stream: BT.709 where it was made so, else the source's own. */
function colourArguments({ forceBt709 }: VideoPlan, source: VideoStream): string[] {
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

function captureOutput(capture: CaptureOutputPlan, prefix: string): EncodedOutput {
  const interval = capture.rate.denominator / capture.rate.numerator;
  return {
    branch: {
      plan: capture,
      rate: undefined,
      // The first frame at or after each multiple of the interval, and none after the last: the rest needs no scaling.
      before: [`select='gte(t+0.000001,selected_n*${interval})*lt(selected_n,${capture.maxCaptures})'`],
      after: ['format=yuvj420p'],
      colour: 'jpeg',
      sheets: undefined,
    },
    audio: undefined,
    args: [...jpegArguments(capture.quality), '-f', 'image2', '-start_number', '0', `${prefix}.%07d.jpg`],
  };
}

function jpegArguments(quality: number): string[] {
  return ['-c:v', 'mjpeg', '-q:v', String(jpegScale(quality))];
}

/** Quality 1–100 on ffmpeg's scale of 31 (worst) to 2. */
function jpegScale(quality: number): number {
  return Math.round(2 + 29 * ((100 - quality) / 100) ** 1.5);
}
