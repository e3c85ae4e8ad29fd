import { join } from 'node:path';
import type { ProbeRequest, ProbeResult, Track, VideoProperties } from '@aws-sdk/client-mediaconvert';
import type { S3Client } from '@aws-sdk/client-s3';
import type { LocatedFfmpeg } from '../ffmpeg/locate.ts';
import { withPrivateDirectory } from '../ffmpeg/private-directory.ts';
import type { SourceFacts } from '../ffmpeg/read-source.ts';
import type { AudioStream, Ratio, SourceStream, VideoStream } from '../ffmpeg/source-stream.ts';
import { AwsError } from '../gateway/aws-error.ts';
import { codecName, matrixName, primariesName, transferName } from './codec-names.ts';
import { fetchForProbe } from './fetch-for-probe.ts';
import type { FetchedInput } from './fetch-input.ts';
import { JobError } from './job-error.ts';
import { probeInput } from './prepare-source.ts';
import { checkValue, listOf, shape, text } from './rules.ts';
import { toS3Location } from './s3-location.ts';

export const PROBE_DIRECTORY_PREFIX = 'probe-';

const supportedProbe = shape(
  { InputFiles: listOf(shape({ FileUrl: text(/^s3:\/\/[^/]+\/.+$/s, 'an s3://bucket/key address') }, ['FileUrl']), { min: 1, max: 1 }) },
  ['InputFiles'],
);

interface ProbeDependencies {
  readonly s3: S3Client;
  readonly ffmpeg: LocatedFfmpeg;
  readonly workDir: string;
  readonly signal: AbortSignal;
}

/** The Probe operation, by ffprobe. @throws {AwsError} BadRequestException for a file that is missing, no video file, or broken */
export async function probe(request: ProbeRequest, { s3, ffmpeg, workDir, signal }: ProbeDependencies): Promise<ProbeResult[]> {
  const problems = checkValue(supportedProbe, request, '$').map((problem) => problem.replace(/^\$\./, ''));
  if (problems.length > 0) throw new AwsError('BadRequestException', problems.join('; '));
  const location = toS3Location(request.InputFiles?.[0]?.FileUrl ?? '');
  return await withPrivateDirectory(workDir, PROBE_DIRECTORY_PREFIX, async (directory) => {
    try {
      const fetched = await fetchForProbe(s3, location, join(directory, 'input'), { signal });
      return [toProbeResult(await probeInput(ffmpeg, directory, 'input', signal), fetched)];
    } catch (cause) {
      if (cause instanceof JobError) throw new AwsError('BadRequestException', cause.message, { cause });
      throw cause;
    }
  });
}

function toProbeResult({ container, durationSeconds, streams }: SourceFacts, fetched: FetchedInput): ProbeResult {
  // Tracks are numbered from 1, as audio selectors and the service's events do.
  const indexes = (kind: SourceStream['kind']) => streams.filter((stream) => stream.kind === kind).map(({ index }) => index + 1);
  return {
    Container: { Format: container, Duration: durationSeconds, Tracks: streams.map(toTrack) },
    Metadata: { ETag: fetched.eTag, FileSize: fetched.bytes, LastModified: fetched.lastModified, MimeType: fetched.contentType },
    TrackMappings: [{ VideoTrackIndexes: indexes('video'), AudioTrackIndexes: indexes('audio'), DataTrackIndexes: indexes('data') }],
  };
}

function toTrack(stream: SourceStream): Track {
  return {
    Index: stream.index + 1,
    TrackType: stream.kind,
    Codec: codecName(stream.codec),
    Duration: stream.durationSeconds,
    ...(stream.kind === 'video' ? { VideoProperties: toVideoProperties(stream) } : {}),
    ...(stream.kind === 'audio' ? { AudioProperties: toAudioProperties(stream) } : {}),
    ...(stream.kind === 'data' ? { DataProperties: { LanguageCode: stream.language } } : {}),
  };
}

function toVideoProperties(video: VideoStream): VideoProperties {
  const isInterlaced = video.fieldOrder !== undefined && video.fieldOrder !== 'progressive';
  const shared = {
    BitDepth: video.bitDepth,
    Width: video.widthPx,
    Height: video.heightPx,
    ColorPrimaries: primariesName(video.colorPrimaries),
    MatrixCoefficients: matrixName(video.colorSpace),
    TransferCharacteristics: transferName(video.colorTransfer),
  };
  return {
    ...shared,
    BitRate: video.bitRateBps,
    FrameRate: toRatio(video.averageRate),
    SampleAspectRatio: toRatio(video.sampleAspect),
    // Absent when upright, as the model says.
    Rotation: video.rotationDegrees === 0 ? undefined : video.rotationDegrees,
    CodecMetadata: {
      ...shared,
      ChromaSubsampling: /4\d\d/.exec(video.pixelFormat)?.[0].split('').join(':'),
      CodedFrameRate: toRatio(video.baseRate),
      FieldOrder: isInterlaced ? (video.fieldOrder?.endsWith('b') ? 'BottomFieldFirst' : 'TopFieldFirst') : undefined,
      Level: video.level === undefined ? undefined : String(video.level),
      Profile: video.profile,
      ScanType: isInterlaced ? 'Interlaced' : 'Progressive',
    },
  };
}

function toAudioProperties(audio: AudioStream): Track['AudioProperties'] {
  return { BitRate: audio.bitRateBps, Channels: audio.channels, LanguageCode: audio.language, SampleRate: audio.sampleRateHz };
}

function toRatio(ratio: Ratio | undefined): { Numerator: number; Denominator: number } | undefined {
  return ratio === undefined ? undefined : { Numerator: ratio.numerator, Denominator: ratio.denominator };
}
