/** Why a job ended in ERROR, with the service's code. Codes: MediaConvert's guide, error codes. */
export class JobError extends Error {
  override readonly name = 'JobError';
  readonly code: JobErrorCode;

  constructor(code: JobErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export const JOB_ERRORS = {
  CANNOT_OPEN: 1010,
  NO_VIDEO: 1020,
  NO_AUDIO: 1021,
  UNSUPPORTED_CODEC: 1030,
  CLIPPING: 1060,
  CANNOT_PARSE: 1075,
  UNEXPECTED_END: 1076,
  ACCESS_DENIED: 1401,
  NOT_FOUND: 1404,
  TRANSCODING: 1999,
} as const;

export type JobErrorCode = (typeof JOB_ERRORS)[keyof typeof JOB_ERRORS];
