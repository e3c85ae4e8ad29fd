import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import { ArrivedObject, uploadOf } from './arrived-object.ts';
import { insertUpload } from './claim.ts';
import { encoderFault, parseJson, StateError } from './encoder-error.ts';
import { isRetryable, type RejectionCode } from './reasons.ts';
import { markFailed } from './upload-states.ts';

export const FailUploadInput = z.object({
  executionArn: z.string().startsWith('arn:'),
  error: StateError,
  /** The execution's own input, whatever it is: it may be what failed. */
  event: z.unknown().optional(),
});
export type FailUploadInput = z.output<typeof FailUploadInput>;

export interface FailUploadOutput {
  /** 'rejected': the file's fault, or the uploader's. 'cancelled': somebody's wish. 'failed': ours, which alone fails the execution. */
  readonly outcome: 'rejected' | 'cancelled' | 'failed';
  readonly videoId: string;
  readonly code: RejectionCode;
}

/** A reason is a sentence, not a report. */
const MAX_DETAIL_LENGTH = 2_000;

/** Puts the failure's reason on the execution's upload, one that failed before it was claimed included. */
export async function failUpload(
  { executionArn, error, event }: FailUploadInput,
  { db }: { readonly db: DataApi },
): Promise<FailUploadOutput> {
  const { code, detail } = reasonOf(error);
  const arrived = UploadEvent.safeParse(event).data;
  if (arrived !== undefined) await insertUpload(db, arrived.upload, arrived.arrival, executionArn);
  await markFailed(db, executionArn, code, detail.slice(0, MAX_DETAIL_LENGTH));
  return { outcome: outcomeOf(code), videoId: arrived?.upload.videoId ?? '', code };
}

const UploadEvent = z
  .object({ time: z.string(), detail: z.object({ bucket: z.object({ name: z.string() }), object: z.unknown() }) })
  .transform(({ time, detail }) => ({ time, bucket: detail.bucket.name, object: detail.object }))
  .pipe(ArrivedObject)
  .transform(uploadOf);

function outcomeOf(code: RejectionCode): FailUploadOutput['outcome'] {
  if (code === 'CANCELLED') return 'cancelled';
  return isRetryable(code) ? 'failed' : 'rejected';
}

function reasonOf(error: StateError): { code: RejectionCode; detail: string } {
  if (error.Error === 'SourceGoneError') return { code: 'SOURCE_GONE', detail: 'It could not be read while it was encoded.' };
  if (error.Error === 'IncompleteOutputError') {
    return { code: 'INCOMPLETE_OUTPUT', detail: LambdaCause.safeParse(parseJson(error.Cause)).data?.errorMessage ?? error.Cause };
  }
  return encoderFault(error) ?? { code: 'INTERNAL', detail: error.Error };
}

/** A Lambda's cause is JSON with a stack trace, which is not for the uploader. */
const LambdaCause = z.object({ errorMessage: z.string() });
