import { decimal, integer, oneOf, shape, text } from './rules.ts';

/** What outputs of every kind have in common: pictures, H.264, AAC. Part of `supported-settings.ts`. */

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
  ColorCorrector: shape({ ColorSpaceConversion: oneOf('NONE', 'FORCE_709'), HdrToSdrToneMapper: oneOf('PRESERVE_DETAILS', 'VIBRANT') }),
  Deinterlacer: shape({ Algorithm: oneOf('INTERPOLATE'), Control: oneOf('NORMAL'), Mode: oneOf('DEINTERLACE', 'ADAPTIVE') }),
});

/** Members of every `VideoDescription`. */
export const picture = {
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

export const audioDescription = shape(
  {
    AudioSourceName: text(/^.{1,2048}$/, 'the name of an audio selector'),
    AudioTypeControl: oneOf('FOLLOW_INPUT'),
    CodecSettings: shape({ AacSettings: aac, Codec: oneOf('AAC') }, ['Codec', 'AacSettings']),
    LanguageCodeControl: oneOf('FOLLOW_INPUT'),
  },
  ['AudioSourceName', 'CodecSettings'],
);

/** A `VideoDescription` with H.264. */
export const h264Video = shape(
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
);
