import type { HttpResponse } from '../../http-response.ts';

/** `GET /api/openapi.json`: a text that changes with a deploy alone. */
export function describeApi(document: string): HttpResponse {
  return {
    statusCode: 200,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'public, max-age=300',
      'x-content-type-options': 'nosniff',
    },
    body: document,
  };
}
