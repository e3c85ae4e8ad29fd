import { ApiError, apiFaults } from './api-faults.ts';

/** The members of an HTTP API's request (payload format 2.0) that are looked at. Names of headers are in lower case. */
export interface ApiRequest {
  readonly pathParameters?: Readonly<Record<string, string | undefined>>;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

export interface ApiResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Values of `Set-Cookie`. */
  readonly cookies?: readonly string[];
}

/** Answers with what `respond` gives. A refusal is JSON with a code of `apiFaults`; what cannot be reached is a 503, not an exception. */
export async function answering(respond: () => Promise<ApiResponse>, onError: (error: unknown) => void): Promise<ApiResponse> {
  try {
    return await respond();
  } catch (error) {
    if (error instanceof ApiError) return refusal(error);
    onError(error);
    return refusal(new ApiError('UNAVAILABLE'), { 'retry-after': '5' });
  }
}

export function json(
  statusCode: number,
  body: object,
  { cacheControl = 'no-store', ...headers }: { cacheControl?: string; [name: string]: string | undefined } = {},
): ApiResponse {
  return {
    statusCode,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': cacheControl,
      'x-content-type-options': 'nosniff',
      ...(headers as Readonly<Record<string, string>>),
    },
    body: JSON.stringify(body),
  };
}

function refusal({ code, found, expected }: ApiError, headers: Readonly<Record<string, string>> = {}): ApiResponse {
  const { status, ko, en } = apiFaults[code];
  return json(status, { error: { code, ko, en, found, expected } }, headers);
}
