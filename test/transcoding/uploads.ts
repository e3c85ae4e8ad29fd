import { randomUUID } from 'node:crypto';
import type { InspectUploadInput } from '../../lambdas/transcoding/inspect-upload.ts';
import type { SourceFacts } from '../../lambdas/transcoding/source.ts';
import type { Upload } from '../../lambdas/transcoding/upload.ts';

export function executionArn(name: string = randomUUID()): string {
  return `arn:aws:states:ap-northeast-2:123456789012:execution:transcode:${name}`;
}

/** An upload of video `v1`. */
export function upload(fields: Partial<Upload> = {}): Upload {
  return { bucket: 'videos', key: 'originals/v1/clip.mp4', version: 'version-1', sizeBytes: 1_000, videoId: 'v1', ...fields };
}

/** The state machine's input for that upload. */
export function uploadEvent({ key, version, sizeBytes, bucket }: Upload = upload(), arn: string = executionArn()): InspectUploadInput {
  return { executionArn: arn, bucket, object: { key, size: sizeBytes, etag: 'd41d8cd98f00b204e9800998ecf8427e', 'version-id': version } };
}

/** A clip in Full HD with sound. */
export function source(facts: Partial<SourceFacts> = {}): SourceFacts {
  return { picture: { widthPx: 1920, heightPx: 1080 }, framesPerSecond: 30, durationSeconds: 12.5, hasAudio: true, ...facts };
}
