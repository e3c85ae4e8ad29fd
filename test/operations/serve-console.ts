import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';
import { answer, type ConsoleDependencies } from '../../lambdas/operations/console.ts';
import { RefusedRequestError } from '../../lambdas/operations/errors.ts';
import type { Status, VideoStatus } from '../../lambdas/operations/status.ts';
import type { HttpApi } from '../../local/apigateway/http-api.ts';
import { askApi } from '../../local/cloudfront/api-origin.ts';
import { parseViewerRequest } from '../../local/cloudfront/viewer-request.ts';
import { quietRollout } from './rollout-sample.ts';
import { samplePage } from './sample-quarantine.ts';

export interface ServedConsole {
  readonly url: string;
  /** What the API answers from now on; an error makes it answer 503. */
  status: Status | Error;
  /** Videos that are found by their id but not listed, from now on. */
  unlisted: readonly VideoStatus[];
  /** How the quarantine and the commands are answered from now on. */
  api: Pick<ConsoleDependencies, 'readQuarantine' | 'retryRows' | 'control' | 'startRepair' | 'readReport'>;
  /** How the rollout answers from now on. */
  rollout: ConsoleDependencies['rollout'];
  close(): Promise<void>;
}

/** The upload API, and where its URLs lead. */
export interface ServedUploads {
  readonly api: HttpApi;
  readonly origin: string;
}

const PAGE = new URL('../../lambdas/operations/page/', import.meta.url);
const TYPES: Readonly<Record<string, string>> = {
  '.m3u8': 'application/vnd.apple.mpegurl',
  '.ts': 'video/mp2t',
  '.jpg': 'image/jpeg',
  '.mp4': 'video/mp4',
  '.vtt': 'text/vtt; charset=utf-8',
};

/** The console's routing and page on a free port, with files below `/encoded/` from a folder if there is one: what the distribution puts together. */
export async function serveConsole(status: Status, mediaFolder?: string, uploads?: ServedUploads): Promise<ServedConsole> {
  const script = pageScript();
  const served = { status: status as Status | Error, api: quietApi(), rollout: quietRollout(), unlisted: [] as readonly VideoStatus[] };
  const dependencies: ConsoleDependencies = {
    uploadOrigin: uploads?.origin,
    readStatus: async () => {
      if (served.status instanceof Error) throw served.status;
      return served.status;
    },
    readVideo: async ({ id }) => {
      if (served.status instanceof Error) throw served.status;
      const video = [...served.status.videos, ...served.unlisted].find((candidate) => candidate.id === id);
      if (video === undefined) throw new RefusedRequestError(404, `there is no video "${id}"`);
      return video;
    },
    readQuarantine: (query) => served.api.readQuarantine(query),
    retryRows: (input) => served.api.retryRows(input),
    control: (input) => served.api.control(input),
    startRepair: () => served.api.startRepair(),
    readReport: (query) => served.api.readReport(query),
    rollout: {
      readStatus: () => served.rollout.readStatus(),
      readExecution: (query) => served.rollout.readExecution(query),
      start: (input) => served.rollout.start(input),
      stop: (input) => served.rollout.stop(input),
    },
    onCommand: () => {},
    readPage: async (file) => (file === 'page.js' ? script : readFile(new URL(file, PAGE), 'utf8')),
    onError: () => {},
  };
  const server = createServer((request, response) => {
    if (uploads !== undefined && request.url?.startsWith('/api/uploads')) void sendUploads(request, response, uploads);
    else
      void (mediaFolder !== undefined && request.url?.startsWith('/encoded/')
        ? sendMedia(request, response, mediaFolder)
        : sendConsole(request, response, dependencies));
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

/** An empty quarantine, and commands that are taken. */
function quietApi(): ServedConsole['api'] {
  return {
    readQuarantine: async () => samplePage({ rows: [] }),
    retryRows: async () => ({ queued: 1, alreadyQueued: 0, left: 0 }),
    control: async ({ action, reason = null }) => ({
      request: action === 'resume' ? 'run' : action,
      reason,
      since: '2026-11-22T17:04:30Z',
    }),
    startRepair: async () => ({ execution: 'repair-20261122T1704' }),
    readReport: async () => '<!doctype html><title>report</title>',
  };
}

async function sendConsole(request: IncomingMessage, response: ServerResponse, dependencies: ConsoleDependencies): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  // As a function URL behind origin access control does: a body without its hash is not signed, and so refused.
  if (body.length > 0 && request.headers['x-amz-content-sha256'] !== createHash('sha256').update(body).digest('hex')) {
    response.writeHead(403, { 'content-type': 'application/json' }).end('{"message":"The request signature does not match"}');
    return;
  }
  const { pathname, search } = new URL(request.url ?? '/', 'http://console');
  const answered = await answer(
    {
      rawPath: pathname,
      rawQueryString: search.slice(1),
      requestContext: { http: { method: request.method ?? 'GET' } },
      headers: request.headers as Record<string, string>,
      body: body.toString('base64'),
      isBase64Encoded: true,
    },
    dependencies,
  );
  response.writeHead(answered.statusCode, answered.headers).end(answered.body);
}

async function sendUploads(message: IncomingMessage, response: ServerResponse, { api }: ServedUploads): Promise<void> {
  const { status, headers, body } = await askApi(
    (request) => api.handle(request),
    { request: parseViewerRequest(message), message },
    { domainName: 'uploads', path: '', customHeaders: {} },
  );
  response.writeHead(status, headers).end(body);
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

let bundled: string | undefined;

/** As lib/bundle.ts bundles it; once for all consoles of a test file. */
function pageScript(): string {
  bundled ??= bundlePage();
  return bundled;
}

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
