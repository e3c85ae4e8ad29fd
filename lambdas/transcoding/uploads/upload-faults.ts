/** Why an upload's request is refused: a closed set. Sentences are for the uploader, Korean first; `status` is the answer's. */
export const uploadFaults = {
  INVALID_REQUEST: { status: 400, ko: '요청 형식이 올바르지 않습니다.', en: 'The request does not fit.' },
  INVALID_FILE_NAME: { status: 400, ko: '파일 이름을 사용할 수 없습니다.', en: 'The file name cannot be used.' },
  UPLOAD_NOT_OPEN: { status: 403, ko: '동영상 업로드가 아직 열리지 않았습니다.', en: 'Uploading is not open to this user yet.' },
  UNKNOWN_ROUTE: { status: 404, ko: '없는 경로입니다.', en: 'There is nothing at this path.' },
  UNKNOWN_UPLOAD: { status: 404, ko: '업로드를 찾을 수 없습니다.', en: 'There is no upload with this id.' },
  UNKNOWN_VIDEO: { status: 404, ko: '동영상을 찾을 수 없습니다.', en: 'There is no video with this id.' },
  UNKNOWN_CHANNEL: { status: 404, ko: '채널을 찾을 수 없습니다.', en: 'There is no channel with this id.' },
  UPLOAD_ABORTED: { status: 409, ko: '취소된 업로드입니다.', en: 'The upload was cancelled; start it again.' },
  UPLOAD_COMPLETED: { status: 409, ko: '이미 완료된 업로드입니다.', en: 'The upload is complete already.' },
  UPLOAD_EXPIRED: { status: 409, ko: '오래되어 삭제된 업로드입니다.', en: 'The upload was left too long and is gone; start it again.' },
  FILE_TOO_LARGE: { status: 413, ko: '파일이 너무 큽니다.', en: 'The file is too large.' },
  REQUEST_TOO_LARGE: { status: 413, ko: '요청이 너무 큽니다.', en: 'The request is too large.' },
  NOT_JSON: { status: 415, ko: '요청은 JSON이어야 합니다.', en: 'Send the request as application/json.' },
  UNSUPPORTED_EXTENSION: {
    status: 415,
    ko: '지원하지 않는 확장자입니다. mp4, avi, mov, mkv, webm 파일만 올릴 수 있습니다.',
    en: 'This extension is not taken; mp4, avi, mov, mkv and webm are.',
  },
  DOUBLE_EXTENSION: { status: 415, ko: '확장자가 두 개인 파일입니다.', en: 'The file has two extensions; give it one.' },
  UNSUPPORTED_TYPE: { status: 415, ko: '파일 형식이 확장자와 맞지 않습니다.', en: 'The declared type does not fit the extension.' },
  EMPTY_FILE: { status: 422, ko: '빈 파일입니다.', en: 'The file is empty.' },
  UNSUPPORTED_VIDEO_ID: {
    status: 422,
    ko: '이 동영상의 ID는 경로에 쓸 수 없어 업로드할 수 없습니다.',
    en: "The video's id cannot stand in a path, so it takes no uploads.",
  },
  NO_SUCH_PART: { status: 422, ko: '파일에 없는 조각입니다.', en: 'The file has no such part.' },
  PARTS_MISSING: { status: 422, ko: '아직 올라오지 않은 조각이 있습니다.', en: 'Parts are missing.' },
  WRONG_PART_SIZE: { status: 422, ko: '조각의 크기가 맞지 않습니다.', en: 'A part has the wrong size; send it again.' },
  CHECKSUM_MISMATCH: {
    status: 422,
    ko: '올라온 내용이 파일과 다릅니다.',
    en: 'What arrived is not the file: the checksums differ.',
  },
  PROCESSING_OFF: {
    status: 409, // somebody's decision, no fault: a 5xx would turn a rollout back (lib/rollout/rollout-alarms.ts)
    ko: '동영상 처리가 일시 중지되었습니다. 나중에 다시 시도해 주세요.',
    en: 'Processing is paused, and uploads are not taken; try again later.',
  },
  UNAVAILABLE: { status: 503, ko: '잠시 후 다시 시도해 주세요.', en: 'Something needed cannot be reached right now; try again.' },
} as const satisfies Record<string, { readonly status: number; readonly ko: string; readonly en: string }>;

export type UploadFaultCode = keyof typeof uploadFaults;

/** A request that is answered with its code, and changes nothing. `found` and `expected` name the value, never a file's content. */
export class UploadError extends Error {
  override readonly name = 'UploadError';
  readonly code: UploadFaultCode;
  readonly found: string | number | null;
  readonly expected: string | number | null;

  constructor(code: UploadFaultCode, { found = null, expected = null }: Partial<Pick<UploadError, 'found' | 'expected'>> = {}) {
    super(`${code}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
    this.code = code;
    this.found = found;
    this.expected = expected;
  }
}
