import type { CreateJobRequest, Output } from '@aws-sdk/client-mediaconvert';

export interface RungFixture {
  readonly name: string;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly maxBitrateBps: number;
  readonly quality: number;
  readonly audioBps: number;
}

/** The ladder of the design for a 16:9 source. */
export const LADDER: readonly RungFixture[] = [
  { name: '1080p', widthPx: 1920, heightPx: 1080, maxBitrateBps: 6_000_000, quality: 9, audioBps: 128_000 },
  { name: '720p', widthPx: 1280, heightPx: 720, maxBitrateBps: 4_000_000, quality: 8, audioBps: 128_000 },
  { name: '480p', widthPx: 854, heightPx: 480, maxBitrateBps: 1_500_000, quality: 7, audioBps: 128_000 },
  { name: '360p', widthPx: 640, heightPx: 360, maxBitrateBps: 800_000, quality: 7, audioBps: 96_000 },
];

export interface JobFixture {
  readonly bucket?: string;
  readonly input?: string;
  /** The HLS group's destination. Names follow by concatenation: `<this>.m3u8`, `<this>/720p/index.m3u8`, `<this>/720p/index_00001.ts`. */
  readonly destination?: string;
  /** The file group's destination: `<this>poster.0000000.jpg` when it ends in the base name `poster`. */
  readonly posterDestination?: string;
  readonly rungs?: readonly RungFixture[];
  /** False for a source without an audio track. @default true */
  readonly audio?: boolean;
}

/** A CreateJob request with every setting that the pipeline's jobs use: an HLS ladder and a poster. */
export function hlsLadderJob({
  bucket = 'videos',
  input = 'originals/video-1/source.mp4',
  destination = 'encoded/video-1/v1',
  posterDestination = 'thumbnails/video-1/v1/poster',
  rungs = LADDER.slice(1),
  audio = true,
}: JobFixture = {}): CreateJobRequest {
  return {
    Role: 'arn:aws:iam::123456789012:role/videopick-dev-mediaconvert',
    ClientRequestToken: undefined,
    UserMetadata: { videoId: 'video-1', version: 'v1' },
    Tags: { Project: 'videopick' },
    BillingTagsSource: 'JOB',
    StatusUpdateInterval: 'SECONDS_10',
    AccelerationSettings: { Mode: 'DISABLED' },
    Settings: {
      TimecodeConfig: { Source: 'ZEROBASED' },
      Inputs: [
        {
          FileInput: `s3://${bucket}/${input}`,
          TimecodeSource: 'ZEROBASED',
          VideoSelector: { Rotate: 'AUTO' },
          ...(audio ? { AudioSelectors: { 'Audio Selector 1': { DefaultSelection: 'DEFAULT', SelectorType: 'TRACK', Tracks: [1] } } } : {}),
        },
      ],
      OutputGroups: [
        {
          Name: 'HLS',
          OutputGroupSettings: {
            Type: 'HLS_GROUP_SETTINGS',
            HlsGroupSettings: {
              Destination: `s3://${bucket}/${destination}`,
              SegmentControl: 'SEGMENTED_FILES',
              SegmentLength: 6,
              SegmentLengthControl: 'GOP_MULTIPLE',
              MinSegmentLength: 0,
              MinFinalSegmentLength: 0,
              ManifestDurationFormat: 'FLOATING_POINT',
              CodecSpecification: 'RFC_6381',
              TargetDurationCompatibilityMode: 'SPEC_COMPLIANT',
              StreamInfResolution: 'INCLUDE',
              DirectoryStructure: 'SINGLE_DIRECTORY',
              ManifestCompression: 'NONE',
              OutputSelection: 'MANIFESTS_AND_SEGMENTS',
              ProgramDateTime: 'EXCLUDE',
              ClientCache: 'ENABLED',
              CaptionLanguageSetting: 'OMIT',
            },
          },
          Outputs: rungs.map((rung) => hlsOutput(rung, audio)),
        },
        {
          Name: 'Poster',
          OutputGroupSettings: { Type: 'FILE_GROUP_SETTINGS', FileGroupSettings: { Destination: `s3://${bucket}/${posterDestination}` } },
          Outputs: [
            {
              Extension: 'jpg',
              ContainerSettings: { Container: 'RAW' },
              VideoDescription: {
                Width: rungs[0]?.widthPx,
                Height: rungs[0]?.heightPx,
                ScalingBehavior: 'FIT',
                CodecSettings: {
                  Codec: 'FRAME_CAPTURE',
                  FrameCaptureSettings: { FramerateNumerator: 1, FramerateDenominator: 5, MaxCaptures: 2, Quality: 80 },
                },
              },
            },
          ],
        },
      ],
    },
  };
}

function hlsOutput(rung: RungFixture, audio: boolean): Output {
  return {
    NameModifier: `/${rung.name}/index`,
    ContainerSettings: { Container: 'M3U8', M3u8Settings: {} },
    OutputSettings: { HlsSettings: { IFrameOnlyManifest: 'EXCLUDE' } },
    VideoDescription: {
      Width: rung.widthPx,
      Height: rung.heightPx,
      ScalingBehavior: 'FIT',
      CodecSettings: {
        Codec: 'H_264',
        H264Settings: {
          RateControlMode: 'QVBR',
          QvbrSettings: { QvbrQualityLevel: rung.quality },
          MaxBitrate: rung.maxBitrateBps,
          QualityTuningLevel: 'SINGLE_PASS_HQ',
          CodecProfile: 'HIGH',
          CodecLevel: 'AUTO',
          EntropyEncoding: 'CABAC',
          AdaptiveQuantization: 'AUTO',
          GopSize: 2,
          GopSizeUnits: 'SECONDS',
          GopClosedCadence: 1,
          MinIInterval: 0,
          SceneChangeDetect: 'DISABLED',
          NumberBFramesBetweenReferenceFrames: 2,
          FramerateControl: 'INITIALIZE_FROM_SOURCE',
          FramerateConversionAlgorithm: 'DUPLICATE_DROP',
          InterlaceMode: 'PROGRESSIVE',
          ParControl: 'SPECIFIED',
          ParNumerator: 1,
          ParDenominator: 1,
        },
      },
      VideoPreprocessors: { ColorCorrector: { ColorSpaceConversion: 'FORCE_709' } },
    },
    ...(audio
      ? {
          AudioDescriptions: [
            {
              AudioSourceName: 'Audio Selector 1',
              CodecSettings: {
                Codec: 'AAC',
                AacSettings: {
                  Bitrate: rung.audioBps as 96_000,
                  CodecProfile: 'LC',
                  CodingMode: 'CODING_MODE_2_0',
                  RateControlMode: 'CBR',
                  SampleRate: 48_000,
                  Specification: 'MPEG4',
                },
              },
            },
          ],
        }
      : {}),
  };
}
