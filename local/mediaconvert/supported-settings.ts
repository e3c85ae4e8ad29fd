import { decimal, integer, listOf, mapOf, oneOf, shape, text, variant } from './rules.ts';

/**
 * Every member of a CreateJob request that this stand-in executes, or that it may accept because the only value listed changes nothing.
 * What is not here is refused by name. Names, ranges and defaults: MediaConvert's API model, 2017-08-29.
 */

const s3Uri = text(/^s3:\/\/[a-z0-9][a-z0-9.-]+\/.+$/s, 'an s3://bucket/key address');
const s3Destination = text(/^s3:\/\/[a-z0-9][a-z0-9.-]+\/.*$/s, 'an s3://bucket/prefix address');
const nameModifier = text(/^[^$]{1,256}$/, '1 to 256 characters without format identifiers ($…$)');
const side = integer(32, 8192);
const scaling = oneOf('DEFAULT', 'STRETCH_TO_OUTPUT', 'FIT', 'FIT_NO_UPSCALE', 'FILL');

const h264 = shape(
  {
    AdaptiveQuantization: oneOf('AUTO'),
    CodecLevel: oneOf('AUTO', ...['3', '3_1', '3_2', '4', '4_1', '4_2', '5', '5_1', '5_2'].map((level) => `LEVEL_${level}`)),
    CodecProfile: oneOf('BASELINE', 'MAIN', 'HIGH'),
    EntropyEncoding: oneOf('CABAC'),
    FieldEncoding: oneOf('PAFF'), // interlaced output only, and output is progressive
    FramerateControl: oneOf('INITIALIZE_FROM_SOURCE', 'SPECIFIED'),
    FramerateConversionAlgorithm: oneOf('DUPLICATE_DROP'),
    FramerateDenominator: integer(1, 2_147_483_647),
    FramerateNumerator: integer(1, 2_147_483_647),
    GopClosedCadence: oneOf(1),
    GopSize: decimal(0.5, 10),
    GopSizeUnits: oneOf('SECONDS'),
    HrdBufferSize: integer(1_000, 1_152_000_000),
    InterlaceMode: oneOf('PROGRESSIVE'),
    MaxBitrate: integer(1_000, 1_152_000_000),
    MinIInterval: oneOf(0),
    NumberBFramesBetweenReferenceFrames: integer(0, 7),
    NumberReferenceFrames: integer(1, 6),
    ParControl: oneOf('INITIALIZE_FROM_SOURCE', 'SPECIFIED'),
    ParDenominator: oneOf(1),
    ParNumerator: oneOf(1),
    QualityTuningLevel: oneOf('SINGLE_PASS', 'SINGLE_PASS_HQ'),
    QvbrSettings: shape({ QvbrQualityLevel: integer(1, 10), QvbrQualityLevelFineTune: decimal(0, 1) }, ['QvbrQualityLevel']),
    RateControlMode: oneOf('QVBR'),
    RepeatPps: oneOf('DISABLED'),
    // The scene-aware values move no key frame while GopSize is fixed and MinIInterval is 0; they only choose P or I inside a GOP.
    SceneChangeDetect: oneOf('DISABLED', 'ENABLED', 'TRANSITION_DETECTION'),
    Slices: oneOf(1),
    Softness: oneOf(0),
    Syntax: oneOf('DEFAULT'),
    Telecine: oneOf('NONE'),
    UnregisteredSeiTimecode: oneOf('DISABLED'),
  },
  ['GopSize', 'GopSizeUnits', 'MaxBitrate', 'QvbrSettings', 'RateControlMode'],
);

const videoPreprocessors = shape({
  ColorCorrector: shape({ ColorSpaceConversion: oneOf('NONE', 'FORCE_709') }),
  Deinterlacer: shape({ Algorithm: oneOf('INTERPOLATE'), Control: oneOf('NORMAL'), Mode: oneOf('DEINTERLACE', 'ADAPTIVE') }),
});

const picture = {
  AntiAlias: oneOf('ENABLED'),
  Height: side,
  ScalingBehavior: scaling,
  Sharpness: oneOf(50),
  VideoPreprocessors: videoPreprocessors,
  Width: side,
};

const aac = shape(
  {
    Bitrate: oneOf(32_000, 40_000, 48_000, 56_000, 64_000, 80_000, 96_000, 112_000, 128_000, 160_000, 192_000, 224_000, 256_000, 320_000),
    CodecProfile: oneOf('LC'),
    CodingMode: oneOf('CODING_MODE_2_0'),
    RateControlMode: oneOf('CBR'),
    RawFormat: oneOf('NONE'),
    SampleRate: oneOf(44_100, 48_000),
    Specification: oneOf('MPEG4'),
  },
  ['Bitrate', 'CodingMode', 'SampleRate'],
);

const audioDescription = shape(
  {
    AudioSourceName: text(/^.{1,2048}$/, 'the name of an audio selector'),
    AudioTypeControl: oneOf('FOLLOW_INPUT'),
    CodecSettings: shape({ AacSettings: aac, Codec: oneOf('AAC') }, ['Codec', 'AacSettings']),
    LanguageCodeControl: oneOf('FOLLOW_INPUT'),
  },
  ['AudioSourceName', 'CodecSettings'],
);

const hlsOutput = shape(
  {
    AudioDescriptions: listOf(audioDescription, { max: 1 }),
    ContainerSettings: shape({ Container: oneOf('M3U8'), M3u8Settings: shape({}) }, ['Container']),
    NameModifier: nameModifier,
    OutputSettings: shape({ HlsSettings: shape({ IFrameOnlyManifest: oneOf('EXCLUDE'), SegmentModifier: nameModifier }) }),
    VideoDescription: shape(
      {
        ...picture,
        AfdSignaling: oneOf('NONE'),
        CodecSettings: shape({ Codec: oneOf('H_264'), H264Settings: h264 }, ['Codec', 'H264Settings']),
        ColorMetadata: oneOf('INSERT'),
        DropFrameTimecode: oneOf('ENABLED', 'DISABLED'), // time codes are never inserted
        RespondToAfd: oneOf('NONE'),
        TimecodeInsertion: oneOf('DISABLED'),
      },
      ['CodecSettings'],
    ),
  },
  ['ContainerSettings', 'VideoDescription'],
);

const hlsGroupSettings = shape(
  {
    CaptionLanguageSetting: oneOf('OMIT'),
    ClientCache: oneOf('ENABLED'),
    CodecSpecification: oneOf('RFC_6381'),
    Destination: s3Destination,
    DirectoryStructure: oneOf('SINGLE_DIRECTORY'),
    ImageBasedTrickPlay: oneOf('NONE'),
    ManifestCompression: oneOf('NONE'),
    ManifestDurationFormat: oneOf('FLOATING_POINT'),
    MinFinalSegmentLength: oneOf(0),
    MinSegmentLength: oneOf(0),
    OutputSelection: oneOf('MANIFESTS_AND_SEGMENTS'),
    ProgramDateTime: oneOf('EXCLUDE'),
    ProgressiveWriteHlsManifest: oneOf('DISABLED'),
    SegmentControl: oneOf('SEGMENTED_FILES'),
    SegmentLength: integer(1, 60),
    SegmentLengthControl: oneOf('EXACT', 'GOP_MULTIPLE'),
    StreamInfResolution: oneOf('INCLUDE', 'EXCLUDE'),
    TargetDurationCompatibilityMode: oneOf('LEGACY', 'SPEC_COMPLIANT'),
  },
  ['CodecSpecification', 'Destination', 'ManifestDurationFormat', 'SegmentControl', 'SegmentLength'],
);

const frameCaptureOutput = shape(
  {
    ContainerSettings: shape({ Container: oneOf('RAW') }, ['Container']),
    Extension: oneOf('jpg'),
    NameModifier: nameModifier,
    VideoDescription: shape(
      {
        ...picture,
        CodecSettings: shape(
          {
            Codec: oneOf('FRAME_CAPTURE'),
            FrameCaptureSettings: shape(
              {
                FramerateDenominator: integer(1, 2_147_483_647),
                FramerateNumerator: integer(1, 2_147_483_647),
                MaxCaptures: integer(1, 10_000_000),
                Quality: integer(1, 100),
              },
              ['FramerateDenominator', 'FramerateNumerator', 'MaxCaptures'],
            ),
          },
          ['Codec', 'FrameCaptureSettings'],
        ),
      },
      ['CodecSettings'],
    ),
  },
  ['ContainerSettings', 'VideoDescription'],
);

const groupNames = { CustomName: text(/^.*$/, 'a name'), Name: text(/^.*$/, 'a name') };

const outputGroup = variant(['OutputGroupSettings', 'Type'], {
  HLS_GROUP_SETTINGS: shape(
    {
      ...groupNames,
      OutputGroupSettings: shape({ HlsGroupSettings: hlsGroupSettings, Type: oneOf('HLS_GROUP_SETTINGS') }, ['HlsGroupSettings']),
      Outputs: listOf(hlsOutput, { min: 1, max: 10 }),
    },
    ['Outputs'],
  ),
  // The place for storyboards and previews: more shapes of output under a file group.
  FILE_GROUP_SETTINGS: shape(
    {
      ...groupNames,
      OutputGroupSettings: shape(
        { FileGroupSettings: shape({ Destination: s3Destination }, ['Destination']), Type: oneOf('FILE_GROUP_SETTINGS') },
        ['FileGroupSettings'],
      ),
      Outputs: listOf(frameCaptureOutput, { min: 1, max: 10 }),
    },
    ['Outputs'],
  ),
});

const input = shape(
  {
    AudioSelectors: mapOf(
      shape({
        DefaultSelection: oneOf('DEFAULT', 'NOT_DEFAULT'),
        Offset: oneOf(0),
        ProgramSelection: oneOf(1),
        SelectorType: oneOf('TRACK'),
        Tracks: listOf(integer(1, 100), { min: 1, max: 1 }),
      }),
      { max: 20 },
    ),
    DeblockFilter: oneOf('DISABLED'),
    DenoiseFilter: oneOf('DISABLED'),
    FileInput: s3Uri,
    FilterEnable: oneOf('DISABLE'),
    FilterStrength: oneOf(0),
    InputScanType: oneOf('AUTO'),
    TimecodeSource: oneOf('ZEROBASED'),
    VideoSelector: shape({
      ColorSpace: oneOf('FOLLOW'),
      ColorSpaceUsage: oneOf('FALLBACK'),
      PadVideo: oneOf('DISABLED'),
      Rotate: oneOf('DEGREE_0', 'DEGREES_90', 'DEGREES_180', 'DEGREES_270', 'AUTO'),
    }),
  },
  ['FileInput', 'TimecodeSource'],
);

const intervals = [10, 12, 15, 20, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600].map((seconds) => `SECONDS_${seconds}`);
const pairText = text(/^.{0,256}$/s, 'at most 256 characters');

/** The whole CreateJob request. */
export const supportedJob = shape(
  {
    AccelerationSettings: shape({ Mode: oneOf('DISABLED') }, ['Mode']),
    BillingTagsSource: oneOf('QUEUE', 'PRESET', 'JOB_TEMPLATE', 'JOB'),
    ClientRequestToken: text(/^[\x20-\x7e]{1,64}$/, '1 to 64 ASCII characters'),
    Priority: integer(-50, 50),
    Queue: text(/^(arn:aws:mediaconvert:[^:]+:\d{12}:queues\/)?Default$/, 'the queue Default or its ARN: it is the only one here'),
    Role: text(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/, 'the ARN of an IAM role'),
    Settings: shape(
      {
        AdAvailOffset: oneOf(0),
        FollowSource: oneOf(1),
        Inputs: listOf(input, { min: 1, max: 1 }),
        OutputGroups: listOf(outputGroup, { min: 1, max: 10 }),
        TimecodeConfig: shape({ Source: oneOf('ZEROBASED') }),
      },
      ['Inputs', 'OutputGroups'],
    ),
    SimulateReservedQueue: oneOf('DISABLED'),
    StatusUpdateInterval: oneOf(...intervals),
    Tags: mapOf(pairText, { max: 50 }),
    UserMetadata: mapOf(pairText, { max: 10 }),
  },
  ['Role', 'Settings'],
);
