import { z } from 'zod';
import type { RejectionCode } from './reasons.ts';

/** What a failed state left behind. */
export const StateError = z.object({ Error: z.string(), Cause: z.string().default('') });
export type StateError = z.output<typeof StateError>;

/** Whose fault a failed job is, which decides what is done about it. Source: MediaConvert guide, error codes. */
export type EncoderFault =
  /** `file`: no attempt will go better. `ours`: settings, roles. `source`: it could not be read. `transient`: the service's own. */
  | { readonly kind: 'file' | 'ours' | 'source' | 'transient'; readonly code: RejectionCode; readonly detail: string }
  | { readonly kind: 'cancelled'; readonly code: 'CANCELLED'; readonly detail: string };

const FILE: Readonly<Record<number, RejectionCode>> = {
  1010: 'NOT_A_VIDEO',
  1020: 'NO_VIDEO_TRACK',
  1021: 'UNSUPPORTED_CODEC',
  1030: 'UNSUPPORTED_CODEC',
  1075: 'NOT_A_VIDEO',
  1092: 'UNSUPPORTED_CODEC',
};
const OURS = new Set([1040, 1041, 1042, 1060, 1091, 1401, 1432, 1433, 1434, 1515, 1550]);
const SOURCE = new Set([1056, 1076, 1404]);
const TRANSIENT = new Set([1050, 1507, 1999]);
/** The service's answers to CreateJob that another call may change. */
const TRANSIENT_ANSWERS = new Set(['MediaConvert.TooManyRequestsException', 'MediaConvert.InternalServerErrorException']);

/** As GetJob spells it. */
const Job = z.object({ Status: z.string(), ErrorCode: z.number().optional(), ErrorMessage: z.string().optional() });
/** As the event of its state change spells it. */
const JobDetail = z.object({ status: z.string(), errorCode: z.number().optional(), errorMessage: z.string().optional() }).transform(
  ({ status, errorCode, errorMessage }): z.output<typeof Job> => ({
    Status: status,
    ErrorCode: errorCode,
    ErrorMessage: errorMessage,
  }),
);
/** AWS does not document the cause of a failed `.sync` job, so each form it is known to write of a job will do (docs/decisions/0006-job.md). */
const FailedJob = z.union([
  Job,
  z.object({ Job }).transform(({ Job: job }) => job),
  JobDetail,
  z.object({ detail: JobDetail }).transform(({ detail }) => detail),
]);

/** The fault of a state that waited for a job; undefined when the error is none of a job. */
export function encoderFault({ Error: name, Cause: cause }: StateError): EncoderFault | undefined {
  // The cause of a failed `.sync` job has the job as JSON; of anything else it has not.
  const job = FailedJob.safeParse(parseJson(cause)).data;
  if (job !== undefined) return faultOfJob(job);
  if (!name.startsWith('MediaConvert.')) return undefined;
  return { kind: TRANSIENT_ANSWERS.has(name) ? 'transient' : 'ours', code: 'ENCODING_FAILED', detail: name };
}

function faultOfJob({ Status: status, ErrorCode: code, ErrorMessage: message = 'no message' }: z.output<typeof Job>): EncoderFault {
  if (status === 'CANCELED') return { kind: 'cancelled', code: 'CANCELLED', detail: 'the job was cancelled' };
  const detail = `MediaConvert ${code ?? 'without a code'}: ${message}`;
  const fileCode = code === undefined ? undefined : FILE[code];
  if (fileCode !== undefined) return { kind: 'file', code: fileCode, detail };
  if (code !== undefined && SOURCE.has(code)) return { kind: 'source', code: 'NOT_A_VIDEO', detail };
  if (code !== undefined && OURS.has(code)) return { kind: 'ours', code: 'ENCODING_FAILED', detail };
  const isTransient = code === undefined || TRANSIENT.has(code) || (code >= 3400 && code < 3500);
  return { kind: isTransient ? 'transient' : 'ours', code: 'ENCODING_FAILED', detail };
}

/** The value of JSON text, undefined for any other text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
