import { type Container, type MediaConvertClient, ProbeCommand, type VideoProperties } from '@aws-sdk/client-mediaconvert';
import type { SourcePicture } from './ladder.ts';
import type { RejectionCode } from './reasons.ts';
import type { Upload } from './upload.ts';

/** Facts of an uploaded file that the job is planned from. */
export interface SourceFacts {
  /** As it will be shown: upright, with square pixels. */
  readonly picture: SourcePicture;
  readonly framesPerSecond: number;
  readonly durationSeconds: number;
  readonly hasAudio: boolean;
}

export type ProbeSource = (upload: Upload) => Promise<SourceFacts | RejectionCode>;

/** Asks MediaConvert what the file is, by content, not by name. A file it cannot read is the uploader's, not an error of ours. */
export function probeWith(client: MediaConvertClient): ProbeSource {
  return async ({ bucket, key }) => {
    try {
      const { ProbeResults = [] } = await client.send(new ProbeCommand({ InputFiles: [{ FileUrl: `s3://${bucket}/${key}` }] }));
      return sourceFacts(ProbeResults[0]?.Container);
    } catch (error) {
      if (error instanceof Error && error.name === 'BadRequestException') return 'NOT_A_VIDEO';
      throw error;
    }
  };
}

export function sourceFacts(container: Container | undefined): SourceFacts | RejectionCode {
  if (container === undefined) return 'NOT_A_VIDEO';
  const tracks = container.Tracks ?? [];
  const video = tracks.find(({ TrackType }) => TrackType === 'video')?.VideoProperties;
  if (video === undefined || !video.Width || !video.Height) return 'NO_VIDEO_TRACK';
  return {
    picture: shownPicture(video.Width, video.Height, video, container.Format),
    framesPerSecond: (video.FrameRate?.Numerator ?? 30) / (video.FrameRate?.Denominator || 1),
    durationSeconds: container.Duration ?? 0,
    hasAudio: tracks.some(({ TrackType }) => TrackType === 'audio'),
  };
}

/**
 * An upright phone video is stored lying, with a rotation that turns it; old cameras store pixels that are not square. MediaConvert's
 * `Rotate: AUTO` turns MP4 and QuickTime alone, so only there do width and height change places.
 */
function shownPicture(
  widthPx: number,
  heightPx: number,
  { Rotation = 0, SampleAspectRatio }: VideoProperties,
  format: Container['Format'],
): SourcePicture {
  const aspect = (SampleAspectRatio?.Numerator || 1) / (SampleAspectRatio?.Denominator || 1);
  const square = { widthPx: Math.round(widthPx * aspect), heightPx };
  const turned = Math.abs(Rotation) % 180 === 90 && (format === 'mp4' || format === 'quicktime');
  return turned ? { widthPx: square.heightPx, heightPx: square.widthPx } : square;
}
