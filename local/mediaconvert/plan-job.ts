import type { JobSettings, Output, OutputGroup, VideoDescription } from '@aws-sdk/client-mediaconvert';
import type { Ratio } from '../ffmpeg/source-stream.ts';
import { baseNameOf, type S3Location, toS3Location } from './s3-location.ts';

/** What to do, in this executor's words. Only `planJob` reads MediaConvert's settings. */
export interface JobPlan {
  readonly input: S3Location;
  /** Degrees clockwise; AUTO follows the container's metadata in MP4 and MOV. */
  readonly rotate: number | 'AUTO';
  /** In the order of the settings, as the events list them. */
  readonly groups: readonly GroupPlan[];
}

export type GroupPlan = HlsPlan | CapturePlan;

export interface HlsPlan {
  readonly kind: 'hls';
  /** Where names begin: the key of the multivariant playlist without its extension. */
  readonly base: S3Location;
  readonly segmentSeconds: number;
  /** EXT-X-TARGETDURATION: LEGACY rounds the longest segment up, otherwise to the nearest. */
  readonly roundTargetUp: boolean;
  readonly withResolution: boolean;
  readonly rungs: readonly RungPlan[];
}

export interface RungPlan extends PicturePlan {
  readonly nameModifier: string;
  readonly segmentModifier: string;
  /** Undefined: as the source. */
  readonly frameRate: Ratio | undefined;
  readonly gopSeconds: number;
  readonly qvbrLevel: number;
  readonly maxBitrateBps: number;
  readonly bufferBits: number;
  readonly profile: 'baseline' | 'main' | 'high';
  /** Such as `4.1`; undefined lets the encoder take the lowest that fits. */
  readonly level: string | undefined;
  readonly bFrames: number | undefined;
  readonly referenceFrames: number | undefined;
  readonly audio: AudioPlan | undefined;
}

export interface AudioPlan {
  readonly bitrateBps: number;
  readonly sampleRateHz: number;
  /** Which audio track of the source, counted from 1. */
  readonly track: number;
  /** Take the first track when that one is missing; otherwise the output stays silent. */
  readonly orFirst: boolean;
}

export interface PicturePlan {
  readonly widthPx: number | undefined;
  readonly heightPx: number | undefined;
  readonly scaling: 'DEFAULT' | 'STRETCH_TO_OUTPUT' | 'FIT' | 'FIT_NO_UPSCALE' | 'FILL';
  readonly squarePixels: boolean;
  readonly forceBt709: boolean;
  readonly deinterlace: boolean;
}

export interface CapturePlan {
  readonly kind: 'capture';
  readonly base: S3Location;
  readonly captures: readonly (PicturePlan & {
    readonly nameModifier: string;
    /** Captures a second; the first is the first frame. */
    readonly rate: Ratio;
    readonly maxCaptures: number;
    /** 1–100. */
    readonly quality: number;
  })[];
}

/** What the service does when a setting that was checked by `checkJob` is absent. */
const DEFAULT_JPEG_QUALITY = 80;

/** Reads settings that `checkJob` let through. */
export function planJob(settings: JobSettings): JobPlan {
  const input = settings.Inputs?.[0];
  const rotate = input?.VideoSelector?.Rotate ?? 'DEGREE_0';
  const location = toS3Location(input?.FileInput ?? '');
  return {
    input: location,
    rotate: rotate === 'AUTO' ? 'AUTO' : Number(rotate.split('_')[1]),
    groups: (settings.OutputGroups ?? []).map((group) => planGroup(settings, group, location)),
  };
}

function planGroup(settings: JobSettings, group: OutputGroup, input: S3Location): GroupPlan {
  const hls = group.OutputGroupSettings?.HlsGroupSettings;
  const destination = toS3Location(hls?.Destination ?? group.OutputGroupSettings?.FileGroupSettings?.Destination ?? '');
  // A destination that ends in a folder takes the input's name.
  const needsName = destination.key === '' || destination.key.endsWith('/');
  const base = needsName ? { ...destination, key: destination.key + baseNameOf(input.key) } : destination;
  const outputs = group.Outputs ?? [];
  if (hls === undefined) return { kind: 'capture', base, captures: outputs.map(planCapture) };
  return {
    kind: 'hls',
    base,
    segmentSeconds: hls.SegmentLength ?? 10,
    roundTargetUp: hls.TargetDurationCompatibilityMode !== 'SPEC_COMPLIANT',
    withResolution: hls.StreamInfResolution !== 'EXCLUDE',
    rungs: outputs.map((output) => planRung(settings, output)),
  };
}

function planRung(settings: JobSettings, output: Output): RungPlan {
  const h264 = output.VideoDescription?.CodecSettings?.H264Settings ?? {};
  const maxBitrateBps = h264.MaxBitrate ?? 0;
  return {
    ...planPicture(output.VideoDescription),
    nameModifier: output.NameModifier ?? '',
    segmentModifier: output.OutputSettings?.HlsSettings?.SegmentModifier ?? '',
    frameRate: ratio(h264.FramerateNumerator, h264.FramerateDenominator),
    gopSeconds: h264.GopSize ?? 2,
    qvbrLevel: (h264.QvbrSettings?.QvbrQualityLevel ?? 7) + (h264.QvbrSettings?.QvbrQualityLevelFineTune ?? 0),
    maxBitrateBps,
    // One second at the cap keeps the peak of a 6 s segment within a sixth of it.
    bufferBits: h264.HrdBufferSize ?? maxBitrateBps,
    profile: (h264.CodecProfile ?? 'MAIN').toLowerCase() as RungPlan['profile'],
    level: h264.CodecLevel?.startsWith('LEVEL_') ? h264.CodecLevel.slice('LEVEL_'.length).replace('_', '.') : undefined,
    bFrames: h264.NumberBFramesBetweenReferenceFrames,
    referenceFrames: h264.NumberReferenceFrames,
    audio: planAudio(settings, output),
  };
}

function planAudio(settings: JobSettings, { AudioDescriptions = [] }: Output): AudioPlan | undefined {
  const description = AudioDescriptions[0];
  if (description === undefined) return undefined;
  const selector = settings.Inputs?.[0]?.AudioSelectors?.[description.AudioSourceName ?? ''];
  const aac = description.CodecSettings?.AacSettings;
  return {
    bitrateBps: aac?.Bitrate ?? 0,
    sampleRateHz: aac?.SampleRate ?? 48_000,
    track: selector?.Tracks?.[0] ?? 1,
    orFirst: selector?.DefaultSelection === 'DEFAULT',
  };
}

function planCapture(output: Output): CapturePlan['captures'][number] {
  const capture = output.VideoDescription?.CodecSettings?.FrameCaptureSettings ?? {};
  return {
    ...planPicture(output.VideoDescription),
    nameModifier: output.NameModifier ?? '',
    rate: { numerator: capture.FramerateNumerator ?? 1, denominator: capture.FramerateDenominator ?? 1 },
    maxCaptures: capture.MaxCaptures ?? 1,
    quality: capture.Quality ?? DEFAULT_JPEG_QUALITY,
  };
}

function planPicture(video: VideoDescription = {}): PicturePlan {
  const h264 = video.CodecSettings?.H264Settings;
  return {
    widthPx: video.Width,
    heightPx: video.Height,
    scaling: (video.ScalingBehavior ?? 'DEFAULT') as PicturePlan['scaling'],
    // A picture file has no pixel aspect of its own.
    squarePixels: h264 === undefined || h264.ParControl === 'SPECIFIED',
    forceBt709: video.VideoPreprocessors?.ColorCorrector?.ColorSpaceConversion === 'FORCE_709',
    deinterlace: video.VideoPreprocessors?.Deinterlacer !== undefined,
  };
}

function ratio(numerator: number | undefined, denominator: number | undefined): Ratio | undefined {
  return numerator === undefined || denominator === undefined ? undefined : { numerator, denominator };
}
