import { type HttpResponse, jsonResponse, SAME_ORIGIN } from '../http-response.ts';
import type { ControlMigrationOutput } from '../migration/control-migration.ts';
import { ControlRunsInput } from './control-runs.ts';
import { RefusedRequestError } from './errors.ts';
import type { QuarantinePage, RetryResult } from './quarantine.ts';
import { parseOrRefuse, readCommand } from './read-command.ts';
import { QuarantineQuery } from './read-quarantine.ts';
import { ReportQuery } from './read-report.ts';
import { VideoQuery } from './read-video.ts';
import { RetryRowsInput } from './retry-rows.ts';
import type { RolloutConsole } from './rollout-console.ts';
import { RolloutExecutionQuery } from './rollout-execution.ts';
import { StartRolloutInput } from './rollout-start.ts';
import { StopRolloutInput } from './rollout-stop.ts';
import { type RepairStarted, StartRepairInput } from './start-repair.ts';
import type { Status, VideoStatus } from './status.ts';

/** The members of a function URL's request (payload format 2.0) that are looked at. Names of headers are in lower case. */
export interface ConsoleRequest {
  readonly rawPath: string;
  readonly rawQueryString?: string;
  readonly requestContext: { readonly http: { readonly method: string } };
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

export interface ConsoleDependencies {
  /** Where the page may send parts of uploads besides its own origin. @default nowhere */
  readonly uploadOrigin?: string | undefined;
  readonly readStatus: () => Promise<Status>;
  readonly readVideo: (query: VideoQuery) => Promise<VideoStatus>;
  readonly readQuarantine: (query: QuarantineQuery) => Promise<QuarantinePage>;
  readonly retryRows: (input: RetryRowsInput) => Promise<RetryResult>;
  readonly control: (input: ControlRunsInput) => Promise<ControlMigrationOutput>;
  readonly startRepair: () => Promise<RepairStarted>;
  /** A run's report as HTML. */
  readonly readReport: (query: ReportQuery) => Promise<string>;
  readonly rollout: RolloutConsole;
  /** The text of a file of the page: `index.html`, `page.js` or `page.css`. */
  readonly readPage: (file: string) => Promise<string>;
  /** Told of every command that was carried out: ids and counts. */
  readonly onCommand: (name: string, facts: object) => void;
  readonly onError: (error: unknown) => void;
}

/** Answers one path, by method. HEAD is GET without the body. */
type Route = Partial<Record<'GET' | 'POST', (request: ConsoleRequest, dependencies: ConsoleDependencies) => Promise<HttpResponse>>>;

const ROUTES: Readonly<Record<string, Route>> = {
  '/': page('index.html', 'text/html; charset=utf-8'),
  '/page.js': page('page.js', 'text/javascript; charset=utf-8'),
  '/page.css': page('page.css', 'text/css; charset=utf-8'),
  '/api/status': { GET: async (_request, { readStatus }) => json(200, await readStatus()) },
  '/api/video': {
    GET: async ({ rawQueryString }, { readVideo }) => json(200, await readVideo(parseOrRefuse(VideoQuery, queryOf(rawQueryString)))),
  },
  '/api/quarantine': {
    GET: async ({ rawQueryString }, { readQuarantine }) => {
      return json(200, await readQuarantine(parseOrRefuse(QuarantineQuery, queryOf(rawQueryString))));
    },
  },
  '/api/report': {
    GET: async ({ rawQueryString }, { readReport }) => report(await readReport(parseOrRefuse(ReportQuery, queryOf(rawQueryString)))),
  },
  '/api/quarantine/retry': {
    POST: async (request, { retryRows, onCommand }) => {
      const input = readCommand(request, RetryRowsInput);
      const result = await retryRows(input);
      onCommand('retry', { ...input, ...result });
      return json(200, result);
    },
  },
  '/api/control': {
    POST: async (request, { control, onCommand }) => {
      const input = readCommand(request, ControlRunsInput);
      const result = await control(input);
      onCommand('control', { action: input.action }); // the reason is free text
      return json(200, result);
    },
  },
  '/api/runs': {
    POST: async (request, { startRepair, onCommand }) => {
      readCommand(request, StartRepairInput);
      const result = await startRepair();
      onCommand('repair', result);
      return json(202, result);
    },
  },
  '/api/operations/rollout': {
    GET: async (_request, { rollout }) => json(200, await rollout.readStatus()),
    POST: async (request, { rollout, onCommand }) => {
      const input = readCommand(request, StartRolloutInput);
      const result = await rollout.start(input);
      const { phase, percent, dryRun } = input; // testers are users
      onCommand('rollout', { phase, percent, dryRun, ...result });
      return json(202, result);
    },
  },
  '/api/operations/rollout/execution': {
    GET: async ({ rawQueryString }, { rollout }) =>
      json(200, await rollout.readExecution(parseOrRefuse(RolloutExecutionQuery, queryOf(rawQueryString)))),
  },
  '/api/operations/rollout/stop': {
    POST: async (request, { rollout, onCommand }) => {
      const result = await rollout.stop(readCommand(request, StopRolloutInput));
      onCommand('stop rollout', result); // the reason is free text
      return json(202, result);
    },
  },
};

/** What is left empty is not asked for. */
function queryOf(rawQueryString = ''): Readonly<Record<string, string>> {
  return Object.fromEntries([...new URLSearchParams(rawQueryString)].filter(([, value]) => value !== ''));
}

/** Nothing from elsewhere, no inline script, in nobody's frame. `blob:` is where hls.js keeps the media it plays. */
const contentSecurityPolicy = (uploadOrigin: string | undefined) =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `connect-src 'self'${uploadOrigin === undefined ? '' : ` ${uploadOrigin}`}`,
    "img-src 'self' data:",
    "media-src 'self' blob:",
    "worker-src 'self' blob:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

/** Routes a request to the page, its data or a command. Answers 503 as JSON, not an exception, when what it needs cannot be reached. */
export async function answer(request: ConsoleRequest, dependencies: ConsoleDependencies): Promise<HttpResponse> {
  const route = Object.hasOwn(ROUTES, request.rawPath) ? ROUTES[request.rawPath] : undefined;
  if (route === undefined) return json(404, { error: 'there is nothing at this path' });
  const { method } = request.requestContext.http;
  const respond = method === 'HEAD' ? route.GET : method === 'GET' || method === 'POST' ? route[method] : undefined;
  if (respond === undefined) {
    const allow = [...(route.GET === undefined ? [] : ['GET', 'HEAD']), ...(route.POST === undefined ? [] : ['POST'])].join(', ');
    return json(405, { error: `${method} is not allowed here; use ${allow}` }, { allow });
  }
  const response = await guarded(() => respond(request, dependencies), dependencies.onError);
  return method === 'HEAD' ? { ...response, body: '' } : response;
}

async function guarded(respond: () => Promise<HttpResponse>, onError: (error: unknown) => void): Promise<HttpResponse> {
  try {
    return await respond();
  } catch (error) {
    if (error instanceof RefusedRequestError) return json(error.statusCode, { error: error.message });
    onError(error);
    return json(503, { error: 'this cannot be answered right now; the log of the function says why' }, { 'retry-after': '5' });
  }
}

function page(file: string, type: string): Route {
  return { GET: async (_request, { readPage, uploadOrigin }) => text(type, await readPage(file), uploadOrigin) };
}

/** A report has its style in it and nothing else: no script would run, and it is no page of this origin. */
function report(body: string): HttpResponse {
  return {
    statusCode: 200,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    },
    body,
  };
}

function text(type: string, body: string, uploadOrigin: string | undefined): HttpResponse {
  return {
    statusCode: 200,
    headers: {
      'content-type': type,
      'cache-control': 'public, max-age=60',
      'content-security-policy': contentSecurityPolicy(uploadOrigin),
      'x-content-type-options': 'nosniff',
    },
    body,
  };
}

function json(statusCode: number, body: object, headers: Readonly<Record<string, string>> = {}): HttpResponse {
  return jsonResponse(statusCode, body, { ...SAME_ORIGIN, ...headers });
}
