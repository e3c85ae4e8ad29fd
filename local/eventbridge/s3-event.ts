import { randomBytes } from 'node:crypto';
import type { NewEvent } from './event.ts';

export interface ObjectCreated {
  readonly bucket: string;
  /** Plain, not percent-encoded. */
  readonly key: string;
  readonly sizeBytes: number;
  /** With or without quotes. */
  readonly etag: string;
  /** Of versioned buckets only. */
  readonly versionId?: string | undefined;
  readonly reason: 'PutObject' | 'POST Object' | 'CopyObject' | 'CompleteMultipartUpload';
  readonly accountId: string;
  /** @default 127.0.0.1 */
  readonly sourceIpAddress?: string;
  /** @default made up */
  readonly requestId?: string;
}

/** S3's `Object Created`: neither content type nor metadata, a sequencer that grows with every call. */
export function s3ObjectCreatedEvent(created: ObjectCreated): NewEvent {
  const { bucket, key, sizeBytes, etag, versionId, reason, accountId, sourceIpAddress = '127.0.0.1' } = created;
  return {
    source: 'aws.s3',
    'detail-type': 'Object Created',
    resources: [`arn:aws:s3:::${bucket}`],
    detail: {
      version: '0',
      bucket: { name: bucket },
      object: {
        key,
        size: sizeBytes,
        etag: etag.replaceAll('"', ''),
        ...(versionId !== undefined && { 'version-id': versionId }),
        sequencer: nextSequencer(),
      },
      'request-id': created.requestId ?? randomBytes(8).toString('hex').toUpperCase(),
      requester: accountId,
      'source-ip-address': sourceIpAddress,
      reason,
    },
  };
}

let lastSequencer = 0n;

/** Upper-case hexadecimal of one length, growing also across restarts: milliseconds, then a counter. */
function nextSequencer(): string {
  const fromClock = BigInt(Date.now()) << 20n;
  lastSequencer = fromClock > lastSequencer ? fromClock : lastSequencer + 1n;
  return lastSequencer.toString(16).toUpperCase().padStart(18, '0');
}
