import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AwsError } from '../gateway/aws-error.ts';
import { badRequest, notFound, unsupported } from './errors.ts';
import { findConfiguration } from './find-configuration.ts';
import { matchPath } from './match-path.ts';
import type { HostedVersion, Profile } from './model.ts';
import { retrieved } from './retrieved.ts';
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
      const { version, body } = this.#find(request);
      const { contentType, number, label } = version;
      response.writeHead(200, {
        'content-type': contentType,
        'configuration-version': String(number),
        ...(label === undefined ? {} : { 'version-label': label }),
      });
      response.end(body);
    } catch (error) {
      const { status, code, message } =
        error instanceof AwsError ? error : { status: 500, code: 'InternalServerException', message: String(error) };
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' });
      response.end(`${code}: ${message}`);
    }
  }

  #find({ method = '', url = '/' }: IncomingMessage): { version: HostedVersion; body: Buffer } {
    const { pathname, searchParams: query } = new URL(url, 'http://agent');
    const ids = matchPath('/applications/{A}/environments/{E}/configurations/{C}', pathname);
    if (method !== 'GET' || ids === undefined) throw unsupported(`${method} ${pathname} of the AppConfig agent`);
    const [application = '', environment = '', profile = ''] = ids;
    const configuration = findConfiguration(this.#store, application, environment, profile);
    const keys = flagKeys(configuration.profile, query);
    const version = this.#store.served(configuration.environment.Id, configuration.profile.Id, this.#slot(pathname));
    if (version === undefined) throw notFound('Deployment', `of ${profile} to ${environment}`);
    return { version, body: pick(configuration.profile, retrieved(configuration.profile, version), keys) };
  }

  #slot(path: string): number {
    const slot = this.#slots.get(path) ?? this.#random() * 100;
    this.#slots.set(path, slot);
    return slot;
  }
}

/** The keys of `?flag=a&flag=b`; none when the whole configuration is asked for. */
function flagKeys({ Type }: Profile, query: URLSearchParams): readonly string[] {
  const unknown = [...query.keys()].find((name) => name !== 'flag');
  if (unknown !== undefined) throw badRequest(`the query asks for "${unknown}"; the agent here knows flag=KEY alone`);
  const keys = query.getAll('flag');
  if (keys.length > 0 && Type !== 'AWS.AppConfig.FeatureFlags')
    throw badRequest(`?${query} asks for flags, and the configuration is freeform; leave the query out`);
  return keys;
}

/** Those flags alone; a single one is answered by its value itself, without the key. */
function pick({ Name }: Profile, document: Buffer, keys: readonly string[]): Buffer {
  if (keys.length === 0) return document;
  const flags = JSON.parse(document.toString('utf8')) as Readonly<Record<string, unknown>>;
  const missing = keys.find((key) => !Object.hasOwn(flags, key));
  if (missing !== undefined) throw notFound('Flag', `${missing} of ${Name}`);
  const [only = ''] = keys;
  return Buffer.from(JSON.stringify(keys.length === 1 ? flags[only] : Object.fromEntries(keys.map((key) => [key, flags[key]]))));
}
