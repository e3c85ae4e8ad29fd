/** Why a request of the app is refused: a closed set. Sentences are for the viewer, Korean first; `status` is the answer's. */
export const apiFaults = {
  INVALID_USER: { status: 400, ko: '사용자 ID 형식이 올바르지 않습니다.', en: 'The user id does not fit.' },
  INVALID_REQUEST: { status: 400, ko: '요청 형식이 올바르지 않습니다.', en: 'The request does not fit.' },
  OPERATORS_ONLY: { status: 403, ko: '운영자만 사용할 수 있습니다.', en: 'This is for operators, from their networks.' },
  PLAYER_NOT_OPEN: { status: 403, ko: '동영상 재생이 아직 열리지 않았습니다.', en: 'Playing videos is not open to this user yet.' },
  VIDEO_PRIVATE: { status: 403, ko: '비공개 동영상입니다.', en: 'The video is private.' },
  UNKNOWN_VIDEO: { status: 404, ko: '동영상을 찾을 수 없습니다.', en: 'There is no video with this id.' },
  NOT_READY: { status: 409, ko: '동영상이 아직 준비되지 않았습니다.', en: 'The video is not ready to be played.' },
  UNAVAILABLE: {
    status: 503,
    ko: '지금은 처리할 수 없습니다. 잠시 후 다시 시도해 주세요.',
    en: 'This cannot be answered right now; try again soon.',
  },
} as const;

export type ApiFaultCode = keyof typeof apiFaults;

/** A request that is answered with its code: why, and what was found. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: ApiFaultCode;
  readonly found: string | null;
  readonly expected: string | null;

  constructor(code: ApiFaultCode, { found = null, expected = null }: { found?: string | null; expected?: string | null } = {}) {
    super(`${code}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
    this.code = code;
    this.found = found;
    this.expected = expected;
  }
}
