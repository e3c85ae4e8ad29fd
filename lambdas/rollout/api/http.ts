import { type HttpResponse, jsonResponse } from '../../http-response.ts';
import { ApiError, apiFaults } from './api-faults.ts';

/** The members of an HTTP API's request (payload format 2.0) that are looked at. Names of headers are in lower case. */
export interface ApiRequest {
  readonly pathParameters?: Readonly<Record<string, string | undefined>>;
  readonly queryStringParameters?: Readonly<Record<string, string | undefined>>;
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** Answers with what `respond` gives. A refusal is JSON with a code of `apiFaults`; what cannot be reached is a 503, not an exception. */
export async function answering(respond: () => Promise<HttpResponse>, onError: (error: unknown) => void): Promise<HttpResponse> {
  try {
    return await respond();
  } catch (error) {
    if (error instanceof ApiError) return refusal(error);
    onError(error);
    return refusal(new ApiError('UNAVAILABLE'), { 'retry-after': '5' });
  }
}

function refusal({ code, found, expected }: ApiError, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  const { status, ko, en } = apiFaults[code];
  return jsonResponse(status, { error: { code, ko, en, found, expected } }, headers);
}
