import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PortTakenError } from '../errors.ts';
import { AwsError } from './aws-error.ts';
import { queryAnswer, queryError } from './query-xml.ts';
import type { JsonProtocol, JsonService, QueryService, Service } from './service.ts';

/** The largest request body of any service here but S3: the Data API's 4 MiB. Source: its API model. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

export interface GatewayOptions {
  /** Stand-ins by SigV4 scope name: `rds-data`, `states`, `s3`… */
  readonly services: ReadonlyMap<string, Service>;
  /** Answers requests that are not signed: the web server that plays CloudFront. */
  readonly web: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
  readonly onError: (error: unknown) => void;
}

/** One port for all AWS APIs: the service is the one named in the signature's credential scope. */
export class Gateway {
  readonly #server: Server;
  readonly #options: GatewayOptions;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => void this.#dispatch(request, response));
    // Uploads and long statements outlast Node's default of 5 minutes for a whole request.
    this.#server.requestTimeout = 0;
  }

  /** Listens on the loopback interface only. Port 0 picks a free one. @throws {PortTakenError} */
  async listen(port: number): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) =>
        reject(error.code === 'EADDRINUSE' ? new PortTakenError('--port', port, { cause: error }) : error),
      );
      this.#server.listen(port, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Finds out before long work whether a port can be had. @throws {PortTakenError} */
  static async checkPort(port: number): Promise<void> {
    const probe = new Gateway({ services: new Map(), web: () => {}, onError: () => {} });
    await probe.listen(port);
    await probe.close();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  async #dispatch(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const scope = credentialScope(request);
    let protocol: ErrorProtocol = 'rest-json';
    try {
      if (scope === undefined) return await this.#options.web(request, response);
      const service = this.#options.services.get(scope);
      if (service === undefined) {
        const known = [...this.#options.services.keys()].join(', ');
        const error = new AwsError('UnknownService', `the service "${scope}" has no stand-in here; known: ${known} (docs/parity.md)`, {
          status: 501,
        });
        return renderError(response, error, 'rest-json');
      }
      if (service.protocol === 'streaming') return await service.handle(request, response);
      protocol = service.protocol;
      if (service.protocol === 'query') await answerQuery(service, request, response);
      else await answerJson(service, request, response);
    } catch (error) {
      this.#options.onError(error);
      if (!response.headersSent) renderError(response, internalError(error), protocol);
      else response.destroy();
    }
  }
}

/** The SigV4 scope's service name, from the header or, in presigned URLs, the query. Undefined when the request is not signed. */
export function credentialScope(request: Pick<IncomingMessage, 'headers' | 'url'>): string | undefined {
  const header = /Credential=([^,\s]+)/.exec(request.headers.authorization ?? '')?.[1];
  const credential = header ?? new URLSearchParams(request.url?.split('?')[1] ?? '').get('X-Amz-Credential') ?? undefined;
  // AccessKeyId/date/region/service/aws4_request
  return credential?.split('/').at(-2);
}

async function answerJson(service: JsonService, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://gateway');
  try {
    const body = await readBody(request);
    const answer = await service.handle({
      method: request.method ?? 'GET',
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body,
    });
    const payload = answer.body === undefined || Buffer.isBuffer(answer.body) ? answer.body : JSON.stringify(answer.body);
    response.writeHead(answer.status ?? 200, {
      'content-type': contentType(service.protocol),
      'x-amzn-requestid': randomUUID(),
      ...answer.headers,
    });
    response.end(payload);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    renderError(response, error, service.protocol);
  }
}

async function answerQuery(service: QueryService, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const form = new URLSearchParams((await readBody(request)).toString('utf8'));
    const action = form.get('Action') ?? '';
    const result = await service.handle(action, form);
    const requestId = randomUUID();
    response.writeHead(200, { 'content-type': contentType(service.protocol), 'x-amzn-requestid': requestId });
    response.end(queryAnswer(action, result, service.xmlNamespace, requestId));
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    renderError(response, error, service.protocol);
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY_BYTES) {
      throw new AwsError('RequestEntityTooLargeException', `the request body exceeds ${MAX_BODY_BYTES} bytes`, { status: 413 });
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}

type ErrorProtocol = JsonProtocol | QueryService['protocol'];

function renderError(response: ServerResponse, error: AwsError, protocol: ErrorProtocol): void {
  const requestId = randomUUID();
  response.writeHead(error.status, {
    'content-type': contentType(protocol),
    'x-amzn-errortype': error.code,
    'x-amzn-requestid': requestId,
  });
  if (protocol === 'query') return void response.end(queryError(error, requestId));
  const type = protocol === 'rest-json' ? {} : { __type: error.code };
  response.end(JSON.stringify({ ...type, message: error.message, ...error.members }));
}

function internalError(error: unknown): AwsError {
  return new AwsError('InternalServerErrorException', error instanceof Error ? error.message : String(error), { status: 500 });
}

function contentType(protocol: ErrorProtocol): string {
  if (protocol === 'query') return 'text/xml';
  return protocol === 'rest-json' ? 'application/json' : `application/x-amz-${protocol}`;
}
