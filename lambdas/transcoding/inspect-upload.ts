import type { JobSettings } from '@aws-sdk/client-mediaconvert';
import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import type { IsExecutionRunning } from '../execution-status.ts';
import { planJob } from './job.ts';
import { isEncodable, pickRungs } from './ladder.ts';
import type { RejectionCode } from './reasons.ts';
import type { ProbeSource } from './source.ts';
import { outputPrefix, type Upload, videoIdOf } from './upload.ts';
import { claimUpload, markEncoding, markFailed, videoExists } from './uploads-table.ts';

/** The object as S3's event through EventBridge tells it. */
export const InspectUploadInput = z.object({
  executionArn: z.string().startsWith('arn:'),
  bucket: z.string().min(3),
  object: z.object({ key: z.string().min(1), size: z.number().int().min(0), etag: z.string().min(1), 'version-id': z.string().optional() }),
});
export type InspectUploadInput = z.output<typeof InspectUploadInput>;

/** What publishing will look for. */
export interface PromisedOutput {
  readonly renditions: readonly { readonly name: string; readonly widthPx: number; readonly heightPx: number }[];
  readonly durationSeconds: number;
}

export type InspectUploadOutput =
  | {
      readonly outcome: 'encode';
      readonly upload: Upload;
      readonly promised: PromisedOutput;
      readonly job: {
        readonly clientRequestToken: string;
        readonly userMetadata: Readonly<Record<string, string>>;
        readonly settings: JobSettings;
      };
    }
  | { readonly outcome: 'duplicate'; readonly videoId: string }
  | { readonly outcome: 'rejected'; readonly videoId: string; readonly code: RejectionCode };

export interface InspectUploadDependencies {
  readonly db: DataApi;
  readonly isRunning: IsExecutionRunning;
  readonly probe: ProbeSource;
}

/** Claims the upload, looks at what it is, and plans its job. A file that is no video ends here, with its reason recorded. */
export async function inspectUpload(input: InspectUploadInput, dependencies: InspectUploadDependencies): Promise<InspectUploadOutput> {
  const { db, isRunning } = dependencies;
  const { bucket, object, executionArn } = input;
  const videoId = videoIdOf(object.key) ?? '';
  const upload = { bucket, key: object.key, version: object['version-id'] ?? object.etag, sizeBytes: object.size, videoId };
  if ((await claimUpload(db, upload, executionArn, isRunning)) === 'duplicate') return { outcome: 'duplicate', videoId };
  const plan = await planUpload(upload, dependencies);
  if (typeof plan === 'string') {
    await markFailed(db, executionArn, plan);
    return { outcome: 'rejected', videoId, code: plan };
  }
  // Another execution took this one for dead while it looked at the file.
  if (!(await markEncoding(db, executionArn, outputPrefix('encoded', upload)))) return { outcome: 'duplicate', videoId };
  return { outcome: 'encode', upload, ...plan };
}

async function planUpload(upload: Upload, { db, probe }: InspectUploadDependencies) {
  if (upload.videoId === '') return 'INVALID_KEY';
  if (!(await videoExists(db, upload.videoId))) return 'UNKNOWN_VIDEO';
  if (upload.sizeBytes === 0) return 'EMPTY_FILE';
  const source = await probe(upload);
  if (typeof source === 'string') return source;
  const rungs = pickRungs(source.picture);
  if (!rungs.every(isEncodable)) return 'UNSUPPORTED_SIZE';
  return {
    promised: {
      renditions: rungs.map(({ name, widthPx, heightPx }) => ({ name, widthPx, heightPx })),
      durationSeconds: source.durationSeconds,
    },
    job: planJob({ upload, rungs, ...source }),
  };
}
