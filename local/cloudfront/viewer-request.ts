import type { IncomingMessage } from 'node:http';

/** A viewer's request as behaviours, functions and origins see it. A function may answer with a changed one. */
export interface ViewerRequest {
  readonly method: string;
  /** Percent-encoded path, without the query. */
  readonly uri: string;
  /** Without the question mark, as it was sent. */
  readonly query: string;
  /** Lower case; without `cookie`. */
  readonly headers: Readonly<Record<string, string>>;
  /** `name=value`, as they were sent. */
  readonly cookies: readonly string[];
  readonly ip: string;
}

export function parseViewerRequest(request: IncomingMessage): ViewerRequest {
  const [uri = '/', ...query] = (request.url ?? '/').split('?');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined && name !== 'cookie') headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const cookies = (request.headers.cookie ?? '').split(';').map((cookie) => cookie.trim());
  return {
    method: request.method ?? 'GET',
    uri,
    query: query.join('?'),
    headers,
    cookies: cookies.filter((cookie) => cookie !== ''),
    ip: request.socket.remoteAddress ?? '127.0.0.1',
  };
}

const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/i;

/** Whether the request was meant for this machine. A page elsewhere can point its own host name at 127.0.0.1 (DNS rebinding). */
export function isForLoopback(request: Pick<IncomingMessage, 'headers'>): boolean {
  return LOOPBACK_HOST.test(request.headers.host ?? '');
}
