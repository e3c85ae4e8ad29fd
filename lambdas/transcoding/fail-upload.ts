import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import type { RejectionCode } from './reasons.ts';
import { markFailed } from './uploads-table.ts';

/** What a failed state left behind. */
export const FailUploadInput = z.object({
  executionArn: z.string().startsWith('arn:'),
  error: z.object({ Error: z.string(), Cause: z.string().default('') }),
});
export type FailUploadInput = z.output<typeof FailUploadInput>;

export interface FailUploadOutput {
  readonly code: RejectionCode;
}

/** MediaConvert's codes for a file it cannot read: no input, no video, demultiplexing. Source: MediaConvert guide, error codes. */
const SOURCE_AT_FAULT = new Set([1010, 1020, 1021, 1030, 1075, 1076, 1092]);

/** Puts the failure's reason on the upload that the execution had claimed. */
export async function failUpload({ executionArn, error }: FailUploadInput, { db }: { readonly db: DataApi }): Promise<FailUploadOutput> {
  const { code, detail } = reasonOf(error);
  await markFailed(db, executionArn, code, detail);
  return { code };
}

function reasonOf({ Error: name, Cause: cause }: FailUploadInput['error']): { code: RejectionCode; detail: string } {
  if (name === 'IncompleteOutputError')
    return { code: 'INCOMPLETE_OUTPUT', detail: LambdaCause.safeParse(parseJson(cause)).data?.errorMessage ?? cause };
  // The cause of a failed `.sync` job is the job as JSON; of anything else it is not.
  const job = FailedJob.safeParse(parseJson(cause)).data;
  if (job?.ErrorCode === undefined) return { code: 'INTERNAL', detail: name };
  const detail = `MediaConvert ${job.ErrorCode}: ${job.ErrorMessage ?? 'no message'}`;
  return { code: SOURCE_AT_FAULT.has(job.ErrorCode) ? 'NOT_A_VIDEO' : 'ENCODING_FAILED', detail };
}

const FailedJob = z.object({ ErrorCode: z.number(), ErrorMessage: z.string().optional() });

/** A Lambda's cause is JSON with a stack trace, which is not for the uploader. */
const LambdaCause = z.object({ errorMessage: z.string() });

/** The value of JSON text, undefined for any other text. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
