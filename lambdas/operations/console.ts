import type { Status } from './status.ts';

/** The members of a function URL's request (payload format 2.0) that routing looks at. */
export interface ConsoleRequest {
  readonly rawPath: string;
  readonly requestContext: { readonly http: { readonly method: string } };
}

export interface ConsoleResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface ConsoleDependencies {
  readonly readStatus: () => Promise<Status>;
  /** The text of a file of the page: `index.html`, `page.js` or `page.css`. */
  readonly readPage: (file: string) => Promise<string>;
  readonly onError: (error: unknown) => void;
}

const PAGES: Readonly<Record<string, { readonly file: string; readonly type: string }>> = {
  '/': { file: 'index.html', type: 'text/html; charset=utf-8' },
  '/page.js': { file: 'page.js', type: 'text/javascript; charset=utf-8' },
  '/page.css': { file: 'page.css', type: 'text/css; charset=utf-8' },
};

/** Nothing from elsewhere, no inline script. `blob:` is where hls.js keeps the media it plays. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "media-src 'self' blob:",
  "worker-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** Routes a request to the page or its data. Answers 503 as JSON, not an exception, when what it needs cannot be read. */
export async function answer(request: ConsoleRequest, dependencies: ConsoleDependencies): Promise<ConsoleResponse> {
  const { method } = request.requestContext.http;
  if (method !== 'GET' && method !== 'HEAD') return json(405, { error: `${method} is not allowed here; use GET` }, { allow: 'GET, HEAD' });
  const response = await respond(request.rawPath, dependencies);
  return method === 'HEAD' ? { ...response, body: '' } : response;
}

async function respond(path: string, { readStatus, readPage, onError }: ConsoleDependencies): Promise<ConsoleResponse> {
  const page = Object.hasOwn(PAGES, path) ? PAGES[path] : undefined;
  if (page === undefined && path !== '/api/status') return json(404, { error: 'there is nothing at this path' });
  try {
    return page === undefined ? json(200, await readStatus()) : text(page.type, await readPage(page.file));
  } catch (error) {
    onError(error);
    return json(503, { error: 'the status cannot be read right now; the log of the function says why' }, { 'retry-after': '5' });
  }
}

function text(type: string, body: string): ConsoleResponse {
  return {
    statusCode: 200,
    headers: {
      'content-type': type,
      'cache-control': 'public, max-age=60',
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'x-content-type-options': 'nosniff',
    },
    body,
  };
}

function json(statusCode: number, body: object, headers: Readonly<Record<string, string>> = {}): ConsoleResponse {
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
