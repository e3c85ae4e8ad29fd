import type { JobSettings, Output, VideoDescription } from '@aws-sdk/client-mediaconvert';
import type { Ratio } from '../ffmpeg/source-stream.ts';

/** One output in this executor's words, whatever its group. */
export interface PicturePlan {
  readonly widthPx: number | undefined;
  readonly heightPx: number | undefined;
  readonly scaling: 'DEFAULT' | 'STRETCH_TO_OUTPUT' | 'FIT' | 'FIT_NO_UPSCALE' | 'FILL';
  readonly squarePixels: boolean;
  readonly forceBt709: boolean;
  /** Used when an HDR source is forced to BT.709. */
  readonly toneMapper: 'PRESERVE_DETAILS' | 'VIBRANT';
  readonly deinterlace: boolean;
}

/** H.264. */
export interface VideoPlan extends PicturePlan {
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
}

export interface AudioPlan {
  readonly bitrateBps: number;
  readonly sampleRateHz: number;
  /** Which audio track of the source, counted from 1. */
  readonly track: number;
  /** Take the first track when that one is missing; otherwise the job fails. */
  readonly orFirst: boolean;
}

export interface RungPlan extends VideoPlan {
  readonly nameModifier: string;
  readonly segmentModifier: string;
  readonly audio: AudioPlan | undefined;
}

export interface Mp4OutputPlan extends VideoPlan {
  readonly kind: 'mp4';
  readonly nameModifier: string;
  /** The index before the media, so that playing starts before all of it is there. */
  readonly moovFirst: boolean;
  readonly audio: AudioPlan | undefined;
}

export interface CaptureOutputPlan extends PicturePlan {
  readonly kind: 'capture';
  readonly nameModifier: string;
  /** Captures a second; the first is the first frame. */
  readonly rate: Ratio;
  readonly maxCaptures: number;
  /** 1–100. */
  readonly quality: number;
}

/** What the service does when a setting that was checked by `checkJob` is absent. */
const DEFAULT_JPEG_QUALITY = 80;

export function planRung(settings: JobSettings, output: Output): RungPlan {
  return {
    ...planVideo(output.VideoDescription),
    nameModifier: output.NameModifier ?? '',
    segmentModifier: output.OutputSettings?.HlsSettings?.SegmentModifier ?? '',
    audio: planAudio(settings, output),
  };
}

export function planMp4(settings: JobSettings, output: Output): Mp4OutputPlan {
  return {
    kind: 'mp4',
    ...planVideo(output.VideoDescription),
    nameModifier: output.NameModifier ?? '',
    moovFirst: output.ContainerSettings?.Mp4Settings?.MoovPlacement !== 'NORMAL',
    audio: planAudio(settings, output),
  };
}

export function planCapture(output: Output): CaptureOutputPlan {
  const capture = output.VideoDescription?.CodecSettings?.FrameCaptureSettings ?? {};
  return {
    kind: 'capture',
    ...planPicture(output.VideoDescription),
    nameModifier: output.NameModifier ?? '',
    rate: { numerator: capture.FramerateNumerator ?? 1, denominator: capture.FramerateDenominator ?? 1 },
    maxCaptures: capture.MaxCaptures ?? 1,
    quality: capture.Quality ?? DEFAULT_JPEG_QUALITY,
  };
}

function planVideo(video: VideoDescription = {}): VideoPlan {
  const h264 = video.CodecSettings?.H264Settings ?? {};
  const maxBitrateBps = h264.MaxBitrate ?? 0;
  return {
    ...planPicture(video),
    frameRate: ratio(h264.FramerateNumerator, h264.FramerateDenominator),
    gopSeconds: h264.GopSize ?? 2,
    qvbrLevel: (h264.QvbrSettings?.QvbrQualityLevel ?? 7) + (h264.QvbrSettings?.QvbrQualityLevelFineTune ?? 0),
    maxBitrateBps,
    // One second at the cap keeps the peak of a 6 s segment within a sixth of it.
    bufferBits: h264.HrdBufferSize ?? maxBitrateBps,
    profile: (h264.CodecProfile ?? 'MAIN').toLowerCase() as VideoPlan['profile'],
    level: h264.CodecLevel?.startsWith('LEVEL_') ? h264.CodecLevel.slice('LEVEL_'.length).replace('_', '.') : undefined,
    bFrames: h264.NumberBFramesBetweenReferenceFrames,
    referenceFrames: h264.NumberReferenceFrames,
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

function planPicture(video: VideoDescription = {}): PicturePlan {
  const h264 = video.CodecSettings?.H264Settings;
  const colour = video.VideoPreprocessors?.ColorCorrector;
  return {
    widthPx: video.Width,
    heightPx: video.Height,
    scaling: (video.ScalingBehavior ?? 'DEFAULT') as PicturePlan['scaling'],
    // A picture file has no pixel aspect of its own.
    squarePixels: h264 === undefined || h264.ParControl === 'SPECIFIED',
    forceBt709: colour?.ColorSpaceConversion === 'FORCE_709',
    toneMapper: colour?.HdrToSdrToneMapper ?? 'PRESERVE_DETAILS',
    deinterlace: video.VideoPreprocessors?.Deinterlacer !== undefined,
  };
}

function ratio(numerator: number | undefined, denominator: number | undefined): Ratio | undefined {
  return numerator === undefined || denominator === undefined ? undefined : { numerator, denominator };
}
