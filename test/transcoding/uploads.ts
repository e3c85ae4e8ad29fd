import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
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

export const ETAG = 'd41d8cd98f00b204e9800998ecf8427e';

/** The state machine's input for that upload. */
export function uploadEvent(
  { key, version, sizeBytes, bucket }: Upload = upload(),
  arn: string = executionArn(),
  { time = '2026-11-23T00:00:00Z', sequencer = '0A' }: { time?: string; sequencer?: string } = {},
): z.input<typeof InspectUploadInput> {
  return { executionArn: arn, time, bucket, object: { key, size: sizeBytes, etag: ETAG, 'version-id': version, sequencer } };
}

/** A clip in Full HD with sound. */
export function source(facts: Partial<SourceFacts> = {}): SourceFacts {
  return {
    container: 'mp4',
    videoCodec: 'AVC',
    audioCodec: 'AAC',
    audioChannels: 2,
    picture: { widthPx: 1920, heightPx: 1080 },
    rotationDegrees: 0,
    frameRate: { numerator: 30, denominator: 1 },
    variableFrameRate: false,
    interlaced: false,
    hdr: null,
    otherColours: false,
    durationSeconds: 12.5,
    ...facts,
  };
}
