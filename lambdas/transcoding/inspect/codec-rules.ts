import type { Codec } from '@aws-sdk/client-mediaconvert';
import type { ContainerFormat } from './sniff.ts';

interface CodecRule {
  readonly video: readonly Codec[];
  readonly audio: readonly Codec[];
}

const ISO: CodecRule = {
  video: [
    'AVC',
    'HEVC',
    'AV1',
    'MPEG1',
    'MPEG2',
    'MP4V',
    'MJPEG',
    'H263',
    'PRORES',
    'DV',
    'JPEG2000',
    'QTRLE',
    'UNCOMPRESSED',
    'VC1',
    'VC3',
    'VP8',
    'VP9',
  ],
  audio: ['AAC', 'AC3', 'EAC3', 'AMR', 'FLAC', 'MP2', 'MP3', 'OPUS', 'PCM', 'WMA', 'WMA2', 'WMAPRO'],
};

/** What MediaConvert decodes, by container. Source: MediaConvert guide, input codecs and containers. */
const RULES: Readonly<Record<ContainerFormat, CodecRule>> = {
  mp4: ISO,
  quicktime: ISO,
  matroska: {
    video: ['AVC', 'HEVC', 'MPEG2', 'MP4V', 'VC1'],
    audio: ['AAC', 'AC3', 'EAC3', 'FLAC', 'MP2', 'MP3', 'OPUS', 'PCM', 'WMA', 'WMA2', 'WMAPRO'],
  },
  webm: { video: ['VP8', 'VP9'], audio: ['OPUS', 'VORBIS'] },
  avi: { video: ['UNCOMPRESSED', 'MP4V', 'DV', 'MJPEG'], audio: ['AAC', 'AC3', 'MP2', 'MP3', 'PCM'] },
};

export function decodesVideo(container: ContainerFormat, codec: Codec): boolean {
  return RULES[container].video.includes(codec);
}

/** Sound that Probe has no name for (PCM variants among them) is left to the job. */
export function decodesAudio(container: ContainerFormat, codec: Codec): boolean {
  return codec === 'UNKNOWN' || RULES[container].audio.includes(codec);
}
