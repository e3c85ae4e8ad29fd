/** What an HTTP API or a function URL is answered with (payload format 2.0). */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Values of `Set-Cookie`. */
  readonly cookies?: readonly string[];
}

/** On answers that pages of other origins have no business with. */
export const SAME_ORIGIN = { 'cross-origin-resource-policy': 'same-origin' };

/** JSON, which nobody keeps unless `headers` says so. */
export function jsonResponse(statusCode: number, body: object, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return {
    statusCode,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body: JSON.stringify(body),
  };
}
