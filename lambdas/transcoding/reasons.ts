interface Reason {
  readonly ko: string;
  readonly en: string;
  /** The fault is not the file's: when its event is sent again, the upload may be claimed again. */
  readonly retryable?: true;
}

/** Why an upload does not become a video, or not yet (PROCESSING_OFF). A closed set; sentences are for the uploader, Korean first. */
export const rejections = {
  INVALID_KEY: { ko: '업로드 경로가 올바르지 않습니다.', en: 'The upload path is not originals/<videoId>/<file>.' },
  UNKNOWN_VIDEO: { ko: '업로드할 동영상을 찾을 수 없습니다.', en: 'There is no video with the id in the upload path.' },
  EMPTY_FILE: { ko: '빈 파일입니다.', en: 'The file is empty.' },
  TOO_LARGE: { ko: '파일이 너무 큽니다. 최대 10,240MB까지 올릴 수 있습니다.', en: 'The file is larger than 10,240 MB.' },
  SOURCE_GONE: { ko: '처리하기 전에 파일이 삭제되었습니다.', en: 'The file was deleted before it could be processed.' },
  TEXT_FILE: {
    ko: '동영상이 아니라 재생 목록이나 텍스트 파일입니다.',
    en: 'The file is a playlist, a script or other text, not a video.',
  },
  ARCHIVE: { ko: '압축 파일은 올릴 수 없습니다. 동영상 파일을 올려 주세요.', en: 'The file is an archive; upload the video itself.' },
  UNSUPPORTED_CONTAINER: {
    ko: '지원하지 않는 파일 형식입니다. MP4, MOV, MKV, WebM, AVI 파일을 올려 주세요.',
    en: 'The file is of a format that is not supported; upload MP4, MOV, MKV, WebM or AVI.',
  },
  UNSUPPORTED_CODEC: { ko: '지원하지 않는 코덱입니다.', en: 'The file is encoded in a way that is not supported in its format.' },
  NOT_A_VIDEO: { ko: '동영상 파일이 아니거나 손상된 파일입니다.', en: 'The file is not a video, or it is damaged.' },
  TRUNCATED: { ko: '파일이 완전하지 않습니다. 다시 올려 주세요.', en: 'The file ends too early; upload it again.' },
  FOREIGN_DATA: {
    ko: '동영상 뒤에 다른 데이터가 붙어 있는 파일입니다. 동영상만 다시 내보내 올려 주세요.',
    en: 'Other data follows the video in the file; export the video anew and upload that.',
  },
  ENCRYPTED: { ko: '암호화된 동영상은 처리할 수 없습니다.', en: 'The video is encrypted.' },
  NO_VIDEO_TRACK: { ko: '영상 트랙이 없는 파일입니다.', en: 'The file has no video track.' },
  NO_FRAMES: { ko: '영상에 프레임이 없습니다.', en: 'The video has no frames.' },
  UNSUPPORTED_SIZE: {
    ko: '지원하지 않는 화면 크기입니다.',
    en: 'The picture is smaller than 32 or, at its shape, larger than 8192 pixels.',
  },
  TOO_EXPENSIVE: {
    ko: '동영상이 너무 길어 처리 한도를 넘습니다.',
    en: 'The video is too long: encoding it would cost more than the limit per video.',
  },
  PROCESSING_OFF: {
    ko: '동영상 처리가 일시 중지되었습니다. 다시 시작되면 자동으로 처리됩니다.',
    en: 'Processing is paused; the upload waits and goes on by itself.',
  },
  CANCELLED: { ko: '처리가 취소되었습니다.', en: 'The processing was cancelled.' },
  ENCODING_FAILED: { ko: '동영상을 변환하지 못했습니다.', en: 'The video could not be encoded.', retryable: true },
  INCOMPLETE_OUTPUT: { ko: '변환 결과가 완전하지 않습니다.', en: 'The encoded output is not complete.', retryable: true },
  INTERNAL: { ko: '내부 오류가 발생했습니다.', en: 'An internal error stopped the processing.', retryable: true },
} as const satisfies Record<string, Reason>;

export type RejectionCode = keyof typeof rejections;

export function sentence(code: RejectionCode): string {
  return `${rejections[code].ko} (${rejections[code].en})`;
}

export function isRetryable(code: RejectionCode): boolean {
  const { retryable }: Reason = rejections[code];
  return retryable === true;
}
