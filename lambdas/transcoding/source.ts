import { type MediaConvertClient, ProbeCommand } from '@aws-sdk/client-mediaconvert';
import type { RejectionCode } from './reasons.ts';
import type { Upload } from './upload.ts';

/** Facts of an uploaded file that the job is planned from. */
export interface SourceFacts {
  /** As stored, before rotation. */
  readonly codedWidthPx: number;
  readonly codedHeightPx: number;
  readonly framesPerSecond: number;
  readonly durationSeconds: number;
  readonly hasAudio: boolean;
  /** MediaConvert's container name: mp4, quicktime, matroska, webm, avi… */
  readonly container: string;
}

export type ProbeSource = (upload: Upload) => Promise<SourceFacts | RejectionCode>;

/** Asks MediaConvert what the file is, by content, not by name. A file it cannot read is the uploader's, not an error of ours. */
export function probeWith(client: MediaConvertClient): ProbeSource {
  return async ({ bucket, key }) => {
    try {
      const { ProbeResults = [] } = await client.send(new ProbeCommand({ InputFiles: [{ FileUrl: `s3://${bucket}/${key}` }] }));
      const container = ProbeResults[0]?.Container;
      const video = container?.Tracks?.find(({ TrackType }) => TrackType === 'video')?.VideoProperties;
      if (container === undefined) return 'NOT_A_VIDEO';
      if (!video?.Width || !video.Height) return 'NO_VIDEO_TRACK';
      return {
        codedWidthPx: video.Width,
        codedHeightPx: video.Height,
        framesPerSecond: (video.FrameRate?.Numerator ?? 30) / (video.FrameRate?.Denominator || 1),
        durationSeconds: container.Duration ?? 0,
        hasAudio: container.Tracks?.some(({ TrackType }) => TrackType === 'audio') ?? false,
        container: container.Format ?? 'unknown',
      };
    } catch (error) {
      if (error instanceof Error && error.name === 'BadRequestException') return 'NOT_A_VIDEO';
      throw error;
    }
  };
}
