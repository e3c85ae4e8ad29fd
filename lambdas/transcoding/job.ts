import { createHash } from 'node:crypto';
import type { AudioDescription, Input, JobSettings, Output, OutputGroup, VideoDescription } from '@aws-sdk/client-mediaconvert';
import { type FrameRate, framesPerSecond, outputFrameRate } from './frame-rate.ts';
import type { Rung, SourcePicture } from './ladder.ts';
import type { SourceFacts } from './source.ts';
import { storyboardGrid } from './storyboard-grid.ts';
import { identity, outputPrefix, type Upload } from './upload.ts';

/** The members of MediaConvert's CreateJob that the state machine passes on. */
export interface TranscodeJob {
  /** At most 64 characters; the same for every call of one attempt. */
  readonly clientRequestToken: string;
  readonly userMetadata: Readonly<Record<string, string>>;
  readonly settings: JobSettings;
}

export type JobKind = 'hls' | 'preview';

export interface JobPlan {
  readonly upload: Upload;
  readonly executionArn: string;
  readonly source: SourceFacts;
  /** Tallest first. */
  readonly rungs: readonly Rung[];
}

const SEGMENT_SECONDS = 6;
/** Divides the segment, so that every segment starts with a key frame and players may switch every two seconds. */
const GOP_SECONDS = 2;
/** Shorter sources are their own preview. */
const MIN_PREVIEWED_SECONDS = 3;
const PREVIEW_SECONDS = 6;
const PREVIEW_SHORT_SIDE_PX = 360;

/** One decode of the source for all rungs, the storyboard and the poster. Field by field: docs/decisions/0006-job.md */
export function planHlsJob(plan: JobPlan): TranscodeJob {
  const lowest = plan.rungs.at(-1);
  return {
    ...identified(plan, 'hls'),
    settings: {
      TimecodeConfig: { Source: 'ZEROBASED' },
      Inputs: [
        {
          ...input(plan),
          // A selector that demands a track fails the job on a silent file.
          ...(plan.source.audioCodec === null ? {} : { AudioSelectors: { 'Audio Selector 1': { DefaultSelection: 'DEFAULT' } } }),
        },
      ],
      OutputGroups: [...plan.rungs.map((rung) => hlsGroup(rung, plan, rung === lowest)), posterGroup(plan)],
    },
  };
}

/** A few silent seconds from a tenth into the video; undefined for one that is hardly longer. A job of its own: clippings belong to the input. */
export function planPreviewJob(plan: JobPlan): TranscodeJob | undefined {
  const { upload, source, rungs } = plan;
  const rung = rungs.findLast((candidate) => Math.min(candidate.widthPx, candidate.heightPx) >= PREVIEW_SHORT_SIDE_PX) ?? rungs.at(-1);
  if (source.durationSeconds < MIN_PREVIEWED_SECONDS || rung === undefined) return undefined;
  const start = Math.floor(source.durationSeconds / 10);
  // The named end frame is part of the clip, and must not lie behind the last one.
  const end = Math.min(start + PREVIEW_SECONDS, Math.floor(source.durationSeconds) - 1);
  return {
    ...identified(plan, 'preview'),
    settings: {
      TimecodeConfig: { Source: 'ZEROBASED' },
      Inputs: [{ ...input(plan), InputClippings: [{ StartTimecode: timecode(start), EndTimecode: timecode(end) }] }],
      OutputGroups: [
        {
          Name: 'Preview',
          OutputGroupSettings: {
            Type: 'FILE_GROUP_SETTINGS',
            FileGroupSettings: { Destination: `s3://${upload.bucket}/${outputPrefix('previews', upload)}/preview` },
          },
          Outputs: [
            {
              ContainerSettings: { Container: 'MP4', Mp4Settings: { MoovPlacement: 'PROGRESSIVE_DOWNLOAD' } },
              Extension: 'mp4',
              VideoDescription: h264(rung, plan),
            },
          ],
        },
      ],
    },
  };
}

/** How long the preview of a source will be, in seconds. */
export function previewSeconds({ durationSeconds }: SourceFacts): number {
  return Math.min(PREVIEW_SECONDS, Math.floor(durationSeconds) - 1 - Math.floor(durationSeconds / 10));
}

/** The token of the first attempt of a job; a further one hashes the token before it. */
export function nextToken(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function identified({ upload, executionArn }: JobPlan, kind: JobKind): Pick<TranscodeJob, 'clientRequestToken' | 'userMetadata'> {
  const uploadId = identity(upload);
  return {
    // With the execution: one that takes over within a minute must not be given the job of the one that died.
    clientRequestToken: nextToken(`${uploadId} ${kind} ${executionArn}`),
    // A value takes 256 characters. Source: CreateJob's UserMetadata.
    userMetadata: { videoId: upload.videoId, uploadId, kind, execution: executionArn },
  };
}

function input({ upload }: JobPlan): Input {
  return { FileInput: `s3://${upload.bucket}/${upload.key}`, TimecodeSource: 'ZEROBASED', VideoSelector: { Rotate: 'AUTO' } };
}

/** A group of one rung: the folder is the group's destination, which the service promises; sub-folders by name modifier it does not. */
function hlsGroup(rung: Rung, plan: JobPlan, withStoryboard: boolean): OutputGroup {
  return {
    Name: `HLS ${rung.name}`,
    OutputGroupSettings: {
      Type: 'HLS_GROUP_SETTINGS',
      HlsGroupSettings: {
        Destination: `s3://${plan.upload.bucket}/${outputPrefix('encoded', plan.upload)}/${rung.name}/index`,
        SegmentControl: 'SEGMENTED_FILES',
        SegmentLength: SEGMENT_SECONDS,
        MinSegmentLength: 0,
        SegmentLengthControl: 'GOP_MULTIPLE',
        ManifestDurationFormat: 'FLOATING_POINT',
        CodecSpecification: 'RFC_6381',
        TargetDurationCompatibilityMode: 'SPEC_COMPLIANT',
        StreamInfResolution: 'INCLUDE',
        DirectoryStructure: 'SINGLE_DIRECTORY',
        ManifestCompression: 'NONE',
        OutputSelection: 'MANIFESTS_AND_SEGMENTS',
        ...(withStoryboard ? storyboard(plan.source, rung) : {}),
      },
    },
    Outputs: [
      {
        NameModifier: `_${rung.name}`,
        ContainerSettings: { Container: 'M3U8' },
        VideoDescription: h264(rung, plan),
        ...(plan.source.audioCodec === null ? {} : { AudioDescriptions: [audio(rung)] }),
      },
    ],
  };
}

function storyboard({ durationSeconds }: SourceFacts, picture: SourcePicture) {
  const grid = storyboardGrid(durationSeconds, picture);
  return {
    ImageBasedTrickPlay: 'ADVANCED',
    ImageBasedTrickPlaySettings: {
      IntervalCadence: 'FOLLOW_CUSTOM',
      ThumbnailInterval: grid.intervalSeconds,
      ThumbnailWidth: grid.widthPx,
      ThumbnailHeight: grid.heightPx,
      TileWidth: grid.columns,
      TileHeight: grid.rows,
    },
  } as const;
}

function h264(rung: Rung, { source }: JobPlan): VideoDescription {
  return {
    Width: rung.widthPx,
    Height: rung.heightPx,
    // Sides are even, so a shape may be a pixel off: that is stretched, not padded with a bar.
    ScalingBehavior: 'STRETCH_TO_OUTPUT',
    ...preprocessors(source),
    CodecSettings: {
      Codec: 'H_264',
      H264Settings: {
        RateControlMode: 'QVBR',
        QvbrSettings: { QvbrQualityLevel: rung.qvbrLevel },
        MaxBitrate: rung.maxBitrateBps,
        QualityTuningLevel: 'SINGLE_PASS_HQ',
        CodecProfile: 'HIGH',
        CodecLevel: 'AUTO',
        InterlaceMode: 'PROGRESSIVE',
        ParControl: 'SPECIFIED',
        ParNumerator: 1,
        ParDenominator: 1,
        GopSizeUnits: 'SECONDS',
        GopSize: GOP_SECONDS,
        GopClosedCadence: 1,
        MinIInterval: 0,
        SceneChangeDetect: 'DISABLED',
        ...rateSettings(source),
      },
    },
  };
}

/** Only what the source needs: each of them costs time on every frame. */
function preprocessors({ interlaced, hdr, otherColours }: SourceFacts): Pick<VideoDescription, 'VideoPreprocessors'> {
  if (!interlaced && !otherColours) return {};
  return {
    VideoPreprocessors: {
      ...(interlaced ? { Deinterlacer: { Algorithm: 'INTERPOLATE', Control: 'NORMAL', Mode: 'DEINTERLACE' } } : {}),
      ...(otherColours
        ? { ColorCorrector: { ColorSpaceConversion: 'FORCE_709', ...(hdr === null ? {} : { HdrToSdrToneMapper: 'PRESERVE_DETAILS' }) } }
        : {}),
    },
  };
}

/** Followed where the output's is the source's own; said where it is not, so that what was promised is what comes. */
function rateSettings(source: SourceFacts) {
  const rate: FrameRate = outputFrameRate(source);
  if (!source.variableFrameRate && framesPerSecond(rate) === framesPerSecond(source.frameRate)) {
    return { FramerateControl: 'INITIALIZE_FROM_SOURCE' } as const;
  }
  return {
    FramerateControl: 'SPECIFIED',
    FramerateConversionAlgorithm: 'DUPLICATE_DROP',
    FramerateNumerator: rate.numerator,
    FramerateDenominator: rate.denominator,
  } as const;
}

function audio({ audioBitrateBps }: Rung): AudioDescription {
  return {
    AudioSourceName: 'Audio Selector 1',
    CodecSettings: {
      Codec: 'AAC',
      AacSettings: {
        Bitrate: audioBitrateBps,
        CodecProfile: 'LC',
        CodingMode: 'CODING_MODE_2_0',
        RateControlMode: 'CBR',
        SampleRate: 48_000,
      },
    },
  };
}

/** Frame capture takes the first frame, then one every `Denominator / Numerator` seconds: the poster shows a moment, not the fade-in. */
function posterGroup({ upload, rungs, source }: JobPlan): OutputGroup {
  const tallest = rungs[0];
  const output: Output = {
    ContainerSettings: { Container: 'RAW' },
    VideoDescription: {
      ...(tallest === undefined ? {} : { Width: tallest.widthPx, Height: tallest.heightPx, ScalingBehavior: 'STRETCH_TO_OUTPUT' }),
      ...preprocessors(source),
      CodecSettings: {
        Codec: 'FRAME_CAPTURE',
        FrameCaptureSettings: {
          FramerateNumerator: 1,
          FramerateDenominator: Math.max(1, Math.floor(source.durationSeconds / 2)),
          MaxCaptures: 2,
          Quality: 80,
        },
      },
    },
  };
  return {
    Name: 'Poster',
    OutputGroupSettings: {
      Type: 'FILE_GROUP_SETTINGS',
      FileGroupSettings: { Destination: `s3://${upload.bucket}/${outputPrefix('thumbnails', upload)}/poster` },
    },
    Outputs: [output],
  };
}

function timecode(seconds: number): string {
  const part = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${part(seconds / 3600)}:${part((seconds / 60) % 60)}:${part(seconds % 60)}:00`;
}
