import type { IncomingMessage } from 'node:http';
import type { ApiResponse } from '../apigateway/api-response.ts';
import { MAX_BODY_BYTES } from '../apigateway/http-api.ts';
import type { ApiRequest } from '../apigateway/request-event.ts';
import type { Answer } from './answer.ts';
import type { OriginSettings } from './distribution.ts';
import type { ViewerRequest } from './viewer-request.ts';

export type AskApi = (request: ApiRequest) => Promise<ApiResponse>;

/** Passes a request on to an HTTP API, with the origin's own headers. */
export async function askApi(
  ask: AskApi,
  { request, message }: { request: ViewerRequest; message: IncomingMessage },
  { customHeaders, path }: OriginSettings,
): Promise<Answer> {
  const { host: _, connection: _connection, ...headers } = request.headers;
  const {
    status,
    headers: answered,
    body,
  } = await ask({
    method: request.method,
    path: `${path}${request.uri}`,
    query: request.query,
    headers: { ...headers, ...customHeaders, 'x-forwarded-for': request.ip },
    cookies: request.cookies,
    sourceIp: request.ip,
    body: await readBody(message),
  });
  return { status, headers: { ...answered, 'x-cache': status < 400 ? 'Miss from cloudfront' : 'Error from cloudfront' }, body };
}

/** All of a body that fits, or one byte more than fits, which the API refuses. */
async function readBody(message: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of message as AsyncIterable<Buffer>) {
    if (bytes <= MAX_BODY_BYTES) parts.push(part);
    bytes += part.length;
  }
  return Buffer.concat(parts).subarray(0, MAX_BODY_BYTES + 1);
}
