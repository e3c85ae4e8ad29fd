import type { S3Client } from '@aws-sdk/client-s3';
import type { DataApi } from '../../data-api/data-api.ts';
import type { ServedFlags } from '../../rollout/flags.ts';

/** What the steps of an upload are given. */
export interface UploadDependencies {
  readonly db: DataApi;
  readonly s3: S3Client;
  readonly flags: { value(): Promise<ServedFlags> };
  /** Of the videos. */
  readonly bucket: string;
  readonly maxBytes: number;
  readonly partBytes: number;
  /** A UUID. */
  readonly newId: () => string;
  readonly now: () => Date;
  readonly timeLeftMs: () => number;
}
