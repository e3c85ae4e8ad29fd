import { z } from 'zod';
import type { DataApi } from '../data-api/data-api.ts';
import { encoderFault, parseJson, StateError } from './encoder-error.ts';
import type { RejectionCode } from './reasons.ts';
import { markFailed } from './upload-states.ts';

export const FailUploadInput = z.object({ executionArn: z.string().startsWith('arn:'), error: StateError });
export type FailUploadInput = z.output<typeof FailUploadInput>;

export interface FailUploadOutput {
  readonly code: RejectionCode;
}

/** A reason is a sentence, not a report. */
const MAX_DETAIL_LENGTH = 2_000;

/** Puts the failure's reason on the upload that the execution had claimed. */
export async function failUpload({ executionArn, error }: FailUploadInput, { db }: { readonly db: DataApi }): Promise<FailUploadOutput> {
  const { code, detail } = reasonOf(error);
  await markFailed(db, executionArn, code, detail.slice(0, MAX_DETAIL_LENGTH));
  return { code };
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
