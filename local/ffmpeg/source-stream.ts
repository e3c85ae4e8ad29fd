/** A fraction as ffprobe writes it: `30000/1001`. */
export interface Ratio {
  readonly numerator: number;
  readonly denominator: number;
}

interface CommonStream {
  /** ffmpeg's stream index. */
  readonly index: number;
  /** ffmpeg's codec name: `h264`, `aac`. */
  readonly codec: string;
  readonly fourCc: string | undefined;
  readonly startSeconds: number | undefined;
  readonly durationSeconds: number | undefined;
  readonly bitRateBps: number | undefined;
  readonly language: string | undefined;
}

export interface VideoStream extends CommonStream {
  readonly kind: 'video';
  readonly widthPx: number;
  readonly heightPx: number;
  /** Width to height of one sample; 1:1 when the file does not say. */
  readonly sampleAspect: Ratio;
  /** Average rate over the file. Undefined for a single picture. */
  readonly averageRate: Ratio | undefined;
  /** The lowest rate that can carry every time stamp; equal to the average when the rate is constant. */
  readonly baseRate: Ratio | undefined;
  /** How far the picture must be turned clockwise to stand upright: 0–359, from container metadata. */
  readonly rotationDegrees: number;
  readonly pixelFormat: string;
  readonly bitDepth: number;
  readonly profile: string | undefined;
  readonly level: number | undefined;
  /** `progressive`, `tt`, `bb`, `tb`, `bt`, or undefined when unknown. */
  readonly fieldOrder: string | undefined;
  readonly colorSpace: string | undefined;
  readonly colorTransfer: string | undefined;
  readonly colorPrimaries: string | undefined;
  readonly colorRange: string | undefined;
}

export interface AudioStream extends CommonStream {
  readonly kind: 'audio';
  readonly channels: number;
  readonly channelLayout: string | undefined;
  readonly sampleRateHz: number;
}

/** Subtitles, time codes, attachments and cover pictures. */
export interface DataStream extends CommonStream {
  readonly kind: 'data';
}

export type SourceStream = VideoStream | AudioStream | DataStream;

type Raw = Readonly<Record<string, unknown>>;

/** One entry of ffprobe's `streams`. Cover pictures count as data: they are no moving picture. */
export function toSourceStream(raw: Raw): SourceStream {
  const tags = (raw.tags ?? {}) as Raw;
  const common = {
    index: numberIn(raw, 'index') ?? 0,
    codec: textIn(raw, 'codec_name') ?? 'unknown',
    fourCc: textIn(raw, 'codec_tag_string'),
    startSeconds: numberIn(raw, 'start_time'),
    durationSeconds: numberIn(raw, 'duration') ?? clockSeconds(textIn(tags, 'DURATION')),
    bitRateBps: numberIn(raw, 'bit_rate'),
    language: textIn(tags, 'language'),
  };
  const isCover = numberIn((raw.disposition ?? {}) as Raw, 'attached_pic') === 1;
  if (raw.codec_type === 'video' && !isCover) return { ...common, kind: 'video', ...videoFacts(raw) };
  if (raw.codec_type === 'audio') {
    return {
      ...common,
      kind: 'audio',
      channels: numberIn(raw, 'channels') ?? 0,
      channelLayout: textIn(raw, 'channel_layout'),
      sampleRateHz: numberIn(raw, 'sample_rate') ?? 0,
    };
  }
  return { ...common, kind: 'data' };
}

function videoFacts(raw: Raw): Omit<VideoStream, 'kind' | keyof CommonStream> {
  const pixelFormat = textIn(raw, 'pix_fmt') ?? 'unknown';
  const sampleAspect = ratioOf(textIn(raw, 'sample_aspect_ratio')?.replace(':', '/'));
  return {
    widthPx: numberIn(raw, 'width') ?? 0,
    heightPx: numberIn(raw, 'height') ?? 0,
    sampleAspect: sampleAspect ?? { numerator: 1, denominator: 1 },
    averageRate: ratioOf(textIn(raw, 'avg_frame_rate')),
    baseRate: ratioOf(textIn(raw, 'r_frame_rate')),
    rotationDegrees: rotationOf(raw),
    pixelFormat,
    bitDepth: numberIn(raw, 'bits_per_raw_sample') ?? Number(/p(1\d)/.exec(pixelFormat)?.[1] ?? 8),
    profile: textIn(raw, 'profile'),
    level: numberIn(raw, 'level'),
    fieldOrder: textIn(raw, 'field_order'),
    colorSpace: textIn(raw, 'color_space'),
    colorTransfer: textIn(raw, 'color_transfer'),
    colorPrimaries: textIn(raw, 'color_primaries'),
    colorRange: textIn(raw, 'color_range'),
  };
}

/** The display matrix (counter-clockwise in ffprobe), else the older `rotate` tag (clockwise). */
function rotationOf(raw: Raw): number {
  const sideData = (raw.side_data_list ?? []) as Raw[];
  const matrix = sideData.map((entry) => numberIn(entry, 'rotation')).find((degrees) => degrees !== undefined);
  const clockwise = matrix === undefined ? (numberIn((raw.tags ?? {}) as Raw, 'rotate') ?? 0) : -matrix;
  return ((clockwise % 360) + 360) % 360;
}

function ratioOf(text: string | undefined): Ratio | undefined {
  const [numerator = 0, denominator = 0] = (text ?? '').split('/').map(Number);
  return numerator > 0 && denominator > 0 ? { numerator, denominator } : undefined;
}

function textIn(raw: Raw, key: string): string | undefined {
  const value = raw[key];
  return typeof value === 'string' && value !== '' && value !== 'unknown' ? value : undefined;
}

function numberIn(raw: Raw, key: string): number | undefined {
  const value = raw[key];
  if (typeof value !== 'number' && typeof value !== 'string') return undefined;
  return value === '' || !Number.isFinite(Number(value)) ? undefined : Number(value);
}

/** Matroska's `00:00:12.033000000`. */
function clockSeconds(text: string | undefined): number | undefined {
  const match = /^(\d+):(\d\d):(\d\d(?:\.\d+)?)/.exec(text ?? '');
  return match === null ? undefined : Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3]);
}
