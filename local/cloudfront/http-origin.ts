import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { Answer } from './answer.ts';
import type { OriginSettings } from './distribution.ts';
import type { ViewerRequest } from './viewer-request.ts';

/** Passes a request to a web server. */
export type AskHttp = (
  viewer: { readonly request: ViewerRequest; readonly message: IncomingMessage },
  settings: OriginSettings,
  signal: AbortSignal,
) => Promise<Answer>;

/** Headers that belong to one connection. */
const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'proxy-authenticate'];

/** Asks the server at `baseUrl`, under the name that the distribution has for it. Bodies stream both ways. */
export function httpOrigin(baseUrl: string): AskHttp {
  const { hostname, port } = new URL(baseUrl);
  return ({ request, message }, { domainName, customHeaders, path }, signal) => {
    const kept = Object.entries(request.headers).filter(([name]) => !HOP_BY_HOP.includes(name));
    const cookie = request.cookies.length > 0 ? { cookie: request.cookies.join('; ') } : {};
    const headers = { ...Object.fromEntries(kept), ...cookie, ...customHeaders, host: domainName, 'x-forwarded-for': request.ip };
    const query = request.query === '' ? '' : `?${request.query}`;
    return new Promise((resolve, reject) => {
      const asked = httpRequest(
        { hostname, port, method: request.method, path: `${path}${request.uri}${query}`, headers, signal },
        (response) => resolve(toAnswer(response)),
      );
      asked.once('error', reject);
      message.pipe(asked);
    });
  };
}

function toAnswer(response: IncomingMessage): Answer {
  const headers: Answer['headers'] = {};
  for (const [name, value] of Object.entries(response.headers)) {
    if (value !== undefined && !HOP_BY_HOP.includes(name)) headers[name] = value;
  }
  const status = response.statusCode ?? 502;
  headers['x-cache'] = status < 400 ? 'Miss from cloudfront' : 'Error from cloudfront';
  return { status, headers, body: response };
}
