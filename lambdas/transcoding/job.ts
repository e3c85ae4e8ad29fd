import type { AudioDescription, JobSettings, Output, OutputGroup } from '@aws-sdk/client-mediaconvert';
import type { Rung } from './ladder.ts';
import { identity, outputPrefix, type Upload } from './upload.ts';

/** The members of MediaConvert's CreateJob that the state machine passes on. */
export interface TranscodeJob {
  readonly clientRequestToken: string;
  readonly userMetadata: Readonly<Record<string, string>>;
  readonly settings: JobSettings;
}

export interface JobPlan {
  readonly upload: Upload;
  readonly rungs: readonly Rung[];
  readonly framesPerSecond: number;
  readonly durationSeconds: number;
  readonly hasAudio: boolean;
}

/** Where the output's parts are, relative to the bucket. */
export function multivariantKey(upload: Upload): string {
  return `${outputPrefix('encoded', upload)}/index.m3u8`;
}

export function mediaPlaylistKey(upload: Upload, rungName: string): string {
  return `${outputPrefix('encoded', upload)}/index_${rungName}.m3u8`;
}

const MAX_FRAMES_PER_SECOND = 60;
const SEGMENT_SECONDS = 6;
/** Divides the segment, so that every segment starts with a key frame and players may switch every two seconds. */
const GOP_SECONDS = 2;

/** One decode of the source for all rungs and the poster. Field by field: docs/decisions/0006-job.md */
export function planJob(plan: JobPlan): TranscodeJob {
  const { upload } = plan;
  return {
    clientRequestToken: identity(upload),
    // A value takes 256 characters, a key in S3 has up to 1,024: its end tells the file. Source: CreateJob's UserMetadata.
    userMetadata: { videoId: upload.videoId, key: upload.key.slice(-256) },
    settings: {
      TimecodeConfig: { Source: 'ZEROBASED' },
      Inputs: [
        {
          FileInput: `s3://${upload.bucket}/${upload.key}`,
          TimecodeSource: 'ZEROBASED',
          VideoSelector: { Rotate: 'AUTO' },
          // A selector that demands a track fails the job on a silent file.
          ...(plan.hasAudio ? { AudioSelectors: { 'Audio Selector 1': { DefaultSelection: 'DEFAULT' as const } } } : {}),
        },
      ],
      OutputGroups: [hlsGroup(plan), posterGroup(plan)],
    },
  };
}

function hlsGroup(plan: JobPlan): OutputGroup {
  return {
    Name: 'HLS',
    OutputGroupSettings: {
      Type: 'HLS_GROUP_SETTINGS',
      HlsGroupSettings: {
        Destination: `s3://${plan.upload.bucket}/${outputPrefix('encoded', plan.upload)}/index`,
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
      },
    },
    Outputs: plan.rungs.map((rung) => rendition(rung, plan)),
  };
}

function rendition(rung: Rung, plan: JobPlan): Output {
  return {
    NameModifier: `_${rung.name}`,
    ContainerSettings: { Container: 'M3U8' },
    VideoDescription: {
      Width: rung.widthPx,
      Height: rung.heightPx,
      ScalingBehavior: 'DEFAULT',
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
          ...frameRate(plan.framesPerSecond),
        },
      },
    },
    ...(plan.hasAudio ? { AudioDescriptions: [audio(rung)] } : {}),
  };
}

/** Kept up to 60; above, halved until it fits. */
function frameRate(framesPerSecond: number) {
  let divisor = 1;
  while (framesPerSecond / divisor > MAX_FRAMES_PER_SECOND + 0.01) divisor *= 2;
  if (divisor === 1) return { FramerateControl: 'INITIALIZE_FROM_SOURCE' as const };
  return {
    FramerateControl: 'SPECIFIED' as const,
    FramerateConversionAlgorithm: 'DUPLICATE_DROP' as const,
    FramerateNumerator: Math.round((framesPerSecond / divisor) * 1000),
    FramerateDenominator: 1000,
  };
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
function posterGroup({ upload, rungs, durationSeconds }: JobPlan): OutputGroup {
  const tallest = rungs[0];
  return {
    Name: 'Poster',
    OutputGroupSettings: {
      Type: 'FILE_GROUP_SETTINGS',
      FileGroupSettings: { Destination: `s3://${upload.bucket}/${outputPrefix('thumbnails', upload)}/poster` },
    },
    Outputs: [
      {
        ContainerSettings: { Container: 'RAW' },
        VideoDescription: {
          ...(tallest === undefined ? {} : { Width: tallest.widthPx, Height: tallest.heightPx }),
          CodecSettings: {
            Codec: 'FRAME_CAPTURE',
            FrameCaptureSettings: {
              FramerateNumerator: 1,
              FramerateDenominator: Math.max(1, Math.floor(durationSeconds / 2)),
              MaxCaptures: 2,
              Quality: 80,
            },
          },
        },
      },
    ],
  };
}
