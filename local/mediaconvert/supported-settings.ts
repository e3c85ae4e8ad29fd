import { decimal, integer, listOf, mapOf, oneOf, shape, text, variant } from './rules.ts';
import { audioDescription, h264Video, picture } from './supported-video.ts';
import { TIMECODE } from './timecode.ts';

/**
 * Every member of a CreateJob request that this stand-in executes, or that it may accept because the only value listed changes nothing.
 * What is not here is refused by name. Names, ranges and defaults: MediaConvert's API model, 2017-08-29.
 */

const s3Uri = text(/^s3:\/\/[a-z0-9][a-z0-9.-]+\/.+$/s, 'an s3://bucket/key address');
const s3Destination = text(/^s3:\/\/[a-z0-9][a-z0-9.-]+\/.*$/s, 'an s3://bucket/prefix address');
const nameModifier = text(/^[^$]{1,256}$/, '1 to 256 characters without format identifiers ($…$)');
const hlsOutput = shape(
  {
    AudioDescriptions: listOf(audioDescription, { max: 1 }),
    ContainerSettings: shape({ Container: oneOf('M3U8'), M3u8Settings: shape({}) }, ['Container']),
    NameModifier: nameModifier,
    OutputSettings: shape({ HlsSettings: shape({ IFrameOnlyManifest: oneOf('EXCLUDE'), SegmentModifier: nameModifier }) }),
    VideoDescription: h264Video,
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
    ImageBasedTrickPlay: oneOf('NONE', 'ADVANCED'),
    ImageBasedTrickPlaySettings: shape(
      {
        IntervalCadence: oneOf('FOLLOW_CUSTOM'),
        ThumbnailHeight: integer(2, 4096),
        ThumbnailInterval: decimal(0.1, 3_600),
        ThumbnailWidth: integer(8, 4096),
        TileHeight: integer(1, 2048),
        TileWidth: integer(1, 512),
      },
      ['IntervalCadence', 'ThumbnailInterval', 'TileHeight', 'TileWidth'],
    ),
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

const mp4Output = shape(
  {
    AudioDescriptions: listOf(audioDescription, { max: 1 }),
    ContainerSettings: shape(
      {
        Container: oneOf('MP4'),
        Mp4Settings: shape({ FreeSpaceBox: oneOf('EXCLUDE'), MoovPlacement: oneOf('PROGRESSIVE_DOWNLOAD', 'NORMAL') }),
      },
      ['Container'],
    ),
    Extension: oneOf('mp4'),
    NameModifier: nameModifier,
    VideoDescription: h264Video,
  },
  ['ContainerSettings', 'VideoDescription'],
);

const fileOutput = variant(['ContainerSettings', 'Container'], { RAW: frameCaptureOutput, MP4: mp4Output });

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
  FILE_GROUP_SETTINGS: shape(
    {
      ...groupNames,
      OutputGroupSettings: shape(
        { FileGroupSettings: shape({ Destination: s3Destination }, ['Destination']), Type: oneOf('FILE_GROUP_SETTINGS') },
        ['FileGroupSettings'],
      ),
      Outputs: listOf(fileOutput, { min: 1, max: 10 }),
    },
    ['Outputs'],
  ),
});

const timecode = text(TIMECODE, 'a timecode HH:MM:SS:FF');

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
    InputClippings: listOf(shape({ EndTimecode: timecode, StartTimecode: timecode }), { max: 1 }),
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
