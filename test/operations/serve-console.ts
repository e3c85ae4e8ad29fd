import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { answer } from '../../lambdas/operations/console.ts';
import type { Status } from '../../lambdas/operations/status.ts';

export interface ServedConsole {
  readonly url: string;
  /** What the API answers from now on; an error makes it answer 503. */
  status: Status | Error;
  close(): Promise<void>;
}

const PAGE = new URL('../../lambdas/operations/page/', import.meta.url);
const TYPES: Readonly<Record<string, string>> = { '.m3u8': 'application/vnd.apple.mpegurl', '.ts': 'video/mp2t', '.jpg': 'image/jpeg' };

/** The console's routing and page on a free port, with files below `/encoded/` from a folder: what the distribution puts together. */
export async function serveConsole(status: Status, mediaFolder: string): Promise<ServedConsole> {
  const script = bundlePage();
  const served = { status: status as Status | Error };
  const dependencies = {
    readStatus: async () => {
      if (served.status instanceof Error) throw served.status;
      return served.status;
    },
    readPage: async (file: string) => (file === 'page.js' ? script : readFile(new URL(file, PAGE), 'utf8')),
    onError: () => {},
  };
  const server = createServer((request, response) => {
    void (request.url?.startsWith('/encoded/') ? sendMedia(request, response, mediaFolder) : sendConsole(request, response, dependencies));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(served, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

async function sendConsole(request: IncomingMessage, response: ServerResponse, dependencies: Parameters<typeof answer>[1]): Promise<void> {
  const { statusCode, headers, body } = await answer(
    { rawPath: new URL(request.url ?? '/', 'http://console').pathname, requestContext: { http: { method: request.method ?? 'GET' } } },
    dependencies,
  );
  response.writeHead(statusCode, headers).end(body);
}

async function sendMedia(request: IncomingMessage, response: ServerResponse, folder: string): Promise<void> {
  const file = join(folder, normalize(new URL(request.url ?? '/', 'http://console').pathname.slice('/encoded'.length)));
  try {
    const body = await readFile(file);
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(body);
  } catch {
    response.writeHead(404).end();
  }
}

/** As lib/bundle.ts bundles it. */
function bundlePage(): string {
  const { outputFiles } = buildSync({
    entryPoints: [fileURLToPath(new URL('page.ts', PAGE))],
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}
