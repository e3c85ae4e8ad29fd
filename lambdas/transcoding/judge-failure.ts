import { z } from 'zod';
import { encoderFault, StateError } from './encoder-error.ts';
import { nextToken } from './job.ts';
import { Upload } from './upload.ts';

/** The branch that encodes, after its job has failed. */
export const JudgeFailureInput = z.object({
  upload: Upload,
  attempt: z.number().int().min(1),
  job: z.looseObject({ clientRequestToken: z.string() }),
  error: StateError,
});
export type JudgeFailureInput = z.output<typeof JudgeFailureInput>;

export type JudgeFailureOutput =
  | (Pick<JudgeFailureInput, 'upload' | 'attempt' | 'job'> & { readonly verdict: 'retry'; readonly waitSeconds: number })
  | { readonly verdict: 'give-up'; readonly error: StateError };

/** The first attempt and two more for what is the service's own; one more for a source that could not be read although it is there. */
const MAX_ATTEMPTS = { transient: 3, source: 2 } as const;
const FIRST_WAIT_SECONDS = 30;

export interface JudgeFailureDependencies {
  readonly objectExists: (bucket: string, key: string) => Promise<boolean>;
}

/** Decides whether the encoder is asked again: by whose fault the failure was. A new attempt needs a fresh token: the old one names the failed job. */
export async function judgeFailure(
  { upload, attempt, job, error }: JudgeFailureInput,
  { objectExists }: JudgeFailureDependencies,
): Promise<JudgeFailureOutput> {
  const kind = encoderFault(error)?.kind;
  const mayRetry = (kind === 'transient' || kind === 'source') && attempt < MAX_ATTEMPTS[kind];
  if (kind === 'source' && !(await objectExists(upload.bucket, upload.key)))
    return { verdict: 'give-up', error: { Error: 'SourceGoneError', Cause: error.Cause } };
  if (!mayRetry) return { verdict: 'give-up', error };
  return {
    verdict: 'retry',
    waitSeconds: FIRST_WAIT_SECONDS * 2 ** (attempt - 1),
    upload,
    attempt: attempt + 1,
    job: { ...job, clientRequestToken: nextToken(job.clientRequestToken) },
  };
}
