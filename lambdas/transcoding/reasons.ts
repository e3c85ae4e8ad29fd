/** Why an upload does not become a video. A closed set; sentences are for the uploader, Korean first. */
export const rejections = {
  INVALID_KEY: { ko: '업로드 경로가 올바르지 않습니다.', en: 'The upload path is not originals/<videoId>/<file>.' },
  UNKNOWN_VIDEO: { ko: '업로드할 동영상을 찾을 수 없습니다.', en: 'There is no video with the id in the upload path.' },
  EMPTY_FILE: { ko: '빈 파일입니다.', en: 'The file is empty.' },
  NOT_A_VIDEO: { ko: '동영상 파일이 아니거나 손상된 파일입니다.', en: 'The file is not a video, or it is damaged.' },
  NO_VIDEO_TRACK: { ko: '영상 트랙이 없는 파일입니다.', en: 'The file has no video track.' },
  UNSUPPORTED_SIZE: {
    ko: '지원하지 않는 화면 크기입니다.',
    en: 'The picture is smaller than 32 or, at its shape, larger than 8192 pixels.',
  },
  ENCODING_FAILED: { ko: '동영상을 변환하지 못했습니다.', en: 'The video could not be encoded.' },
  INCOMPLETE_OUTPUT: { ko: '변환 결과가 완전하지 않습니다.', en: 'The encoded output is not complete.' },
  INTERNAL: { ko: '내부 오류가 발생했습니다.', en: 'An internal error stopped the processing.' },
} as const satisfies Record<string, { readonly ko: string; readonly en: string }>;

export type RejectionCode = keyof typeof rejections;

export function sentence(code: RejectionCode): string {
  return `${rejections[code].ko} (${rejections[code].en})`;
}
