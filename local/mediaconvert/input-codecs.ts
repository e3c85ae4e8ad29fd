import type { ContainerFormat } from '../ffmpeg/sniff-container.ts';
import type { AudioStream, VideoStream } from '../ffmpeg/source-stream.ts';
import { JOB_ERRORS, JobError } from './job-error.ts';

/**
 * What the service takes in containers where it takes little, by ffmpeg's codec names. Source: MediaConvert's guide, supported input containers and codecs.
 * MP4, MOV, 3GP and MPEG-TS are wide: there, what ffmpeg decodes is taken.
 */
const TAKEN: Partial<Record<ContainerFormat, { video: readonly string[]; audio: readonly string[] }>> = {
  avi: {
    video: ['rawvideo', 'cfhd', 'mpeg4', 'msmpeg4v3', 'dvvideo', 'mjpeg'],
    audio: ['mp2', 'mp3', 'ac3', 'pcm_s16le', 'pcm_s24le', 'pcm_u8', 'pcm_s32le'],
  },
  matroska: {
    video: ['h264', 'hevc', 'mpeg2video', 'mpeg4', 'vc1'],
    audio: ['aac', 'ac3', 'eac3', 'opus', 'wmav1', 'wmav2', 'wmapro', 'flac', 'pcm_s16le', 'pcm_s24le'],
  },
  webm: { video: ['vp8', 'vp9', 'av1'], audio: ['opus', 'vorbis'] },
};

/** @throws {JobError} 1030 */
export function checkCodecs(container: ContainerFormat, { kind, codec }: VideoStream | AudioStream): void {
  const taken = TAKEN[container]?.[kind];
  if (taken === undefined || taken.includes(codec)) return;
  throw new JobError(
    JOB_ERRORS.UNSUPPORTED_CODEC,
    `Unsupported codec: ${kind} ${codec} in a ${container} file; supported there: ${taken.join(', ')}`,
  );
}
