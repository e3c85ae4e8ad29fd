import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsError } from '../gateway/aws-error.ts';
import { badRequest, notFound, unsupported } from './errors.ts';
import { findConfiguration } from './find-configuration.ts';
import { matchPath } from './match-path.ts';
import type { HostedVersion } from './model.ts';
import type { Store } from './store.ts';

/**
 * What the AppConfig Lambda extension serves beside a function: the configuration at a path, without tokens. One agent for all functions of a
 * laptop, on a port of its own; it sees a deployment at once where the real one polls every 45 s.
 */
export class Agent {
  readonly #store: Store;
  readonly #random: () => number;
  readonly #server: Server;
  /** Of each path: how early a growing deployment reaches it. */
  readonly #slots = new Map<string, number>();

  constructor(store: Store, random: () => number) {
    this.#store = store;
    this.#random = random;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  /** Listens on a free port of the loopback interface and answers it. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    try {
      const { contentType, number, label, contentBase64 } = this.#find(request);
      response.writeHead(200, {
        'content-type': contentType,
        'configuration-version': String(number),
        ...(label === undefined ? {} : { 'version-label': label }),
      });
      response.end(Buffer.from(contentBase64, 'base64'));
    } catch (error) {
      const { status, code, message } =
        error instanceof AwsError ? error : { status: 500, code: 'InternalServerException', message: String(error) };
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(`${code}: ${message}`);
    }
  }

  #find({ method = '', url = '/' }: IncomingMessage): HostedVersion {
    const { pathname, search } = new URL(url, 'http://agent');
    const ids = matchPath('/applications/{A}/environments/{E}/configurations/{C}', pathname);
    if (method !== 'GET' || ids === undefined) throw unsupported(`${method} ${pathname} of the AppConfig agent`);
    if (search !== '') throw badRequest(`${search} asks for flags, and the configuration is freeform; leave the query out`);
    const [application = '', environment = '', profile = ''] = ids;
    const configuration = findConfiguration(this.#store, application, environment, profile);
    const version = this.#store.served(configuration.environment.Id, configuration.profile.Id, this.#slot(pathname));
    if (version === undefined) throw notFound('Deployment', `of ${profile} to ${environment}`);
    return version;
  }

  #slot(path: string): number {
    const slot = this.#slots.get(path) ?? this.#random() * 100;
    this.#slots.set(path, slot);
    return slot;
  }
}
